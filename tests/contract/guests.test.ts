import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Desk, problemOf } from './desk.ts';
import { simulatedWorld } from './simulated.ts';
import { deskWithHosts } from './world.ts';

let world: Awaited<ReturnType<typeof simulatedWorld>>;
let desk: Desk;
let first: string;
let second: string;
beforeAll(async () => {
  world = await simulatedWorld();
});
afterAll(() => world.close());
afterEach(() => desk.close());

async function open(): Promise<Desk> {
  ({ desk, first, second } = await deskWithHosts(world));
  return desk;
}
const guestId = (hostId: string, name: string): string => {
  const found = desk.guest(hostId, name);
  if (!found) throw new Error(`no guest ${name}`);
  return found.guestId;
};
const see = (hostId: string, name: string, states: string[]) =>
  desk.until(`${name} is ${states.join('|')}`, () => {
    const guest = desk.guest(hostId, name);
    return guest && states.includes(guest.state) && guest;
  });
const runs = ['running', 'blocked'];
/** Looks once in a while at what no mirror tells. */
const seconds = async (done: () => boolean): Promise<void> => {
  for (let left = 50; left > 0 && !done(); left -= 1) await new Promise((resolve) => setTimeout(resolve, 100));
};

test('running and halted guests, stored and live config, what waits for a restart', async () => {
  await open();
  await see(first, 'mail', runs);
  const mail = await desk.until('its live config', () => {
    const guest = desk.guest(first, 'mail');
    return guest?.live && guest;
  });
  expect(mail).toMatchObject({ type: 'pvh', memoryMiB: 4096 });
  expect(mail.config).toMatchObject({ file: '/etc/xen/mail.cfg', autostart: true, hasUuid: true });
  expect(mail.live?.disks[0]).toMatchObject({ target: '/dev/vgsan/mail', vdev: 'xvda', access: 'rw' });
  expect(mail.needsRestart).toEqual([]);
  const halted = await see(first, 'old-intranet', ['halted']);
  expect(halted).toMatchObject({ domid: null, live: null, type: 'hvm' });
  await desk.until('it waits for a restart', () => desk.guest(second, 'monitor')?.needsRestart.includes('memoryMiB'));
  expect((await see(first, '受付', runs)).name).toBe('受付');
});

test('what others do on the host is seen: a guest destroyed, a guest paused', async () => {
  await open();
  await see(second, 'build', runs);
  world.demo.fault(world.hosts[1].address, { is: 'destroyGuest', name: 'build' });
  await see(second, 'build', ['halted']);
  world.demo.fault(world.hosts[1].address, { is: 'pauseGuest', name: 'erp' });
  await see(second, 'erp', ['paused']);
});

test('figures come, and are kept', async () => {
  await open();
  const heard: number[] = [];
  const undo = desk.client.feed('figures.watch', {}, (sample) => {
    if (sample.hostId === first) heard.push(sample.guests.length);
  });
  await seconds(() => heard.length >= 2);
  undo();
  const history = await desk.client.call('figures.history', { hostId: first });
  expect(history.length).toBeGreaterThan(0);
  expect(history.at(-1)?.guests.length).toBeGreaterThan(3);
});

test('a halted guest starts, pauses, resumes, shuts down', async () => {
  await open();
  await see(first, 'old-intranet', ['halted']);
  const on = { hostId: first, guestId: guestId(first, 'old-intranet') };
  const task = async (name: 'guest.start' | 'guest.pause' | 'guest.resume' | 'guest.shutdown'): Promise<void> => {
    const { taskId } = await desk.client.call(name, on);
    expect((await desk.ended(taskId)).outcome).toEqual({ is: 'done' });
  };
  await task('guest.start');
  await see(first, 'old-intranet', runs);
  expect((await problemOf(desk.client.call('guest.start', on))).code).toBe('guest.wrongState');
  await task('guest.pause');
  await see(first, 'old-intranet', ['paused']);
  await task('guest.resume');
  await see(first, 'old-intranet', runs);
  await task('guest.shutdown');
  await see(first, 'old-intranet', ['halted']);
});

test('a guest without PV control says so; its power button works', async () => {
  await open();
  await see(first, 'windows-ad', runs);
  const on = { hostId: first, guestId: guestId(first, 'windows-ad') };
  const asked = await desk.client.call('guest.shutdown', on);
  expect((await desk.ended(asked.taskId)).outcome).toMatchObject({ is: 'failed', problem: { code: 'guest.noPvControl' } });
  const pressed = await desk.client.call('guest.shutdown', { ...on, acpi: true });
  expect((await desk.ended(pressed.taskId)).outcome).toEqual({ is: 'done' });
  await see(first, 'windows-ad', ['halted']);
});

test('a guest that ignores the request is still running; force off needs its name', async () => {
  await open();
  const name = 'sim-ignores-shutdown';
  await see(second, name, runs);
  const on = { hostId: second, guestId: guestId(second, name) };
  const asked = await desk.client.call('guest.shutdown', on);
  expect((await desk.ended(asked.taskId)).outcome).toMatchObject({ problem: { code: 'guest.stillRunning' } });
  expect((await problemOf(desk.client.call('guest.forceOff', { ...on, typedName: 'other' }))).code).toBe('guest.nameMismatch');
  const forced = await desk.client.call('guest.forceOff', { ...on, typedName: name });
  expect((await desk.ended(forced.taskId)).outcome).toEqual({ is: 'done' });
  await see(second, name, ['halted']);
});

test('a reboot gives another domid to the same guest', async () => {
  await open();
  const before = await see(first, 'mail', runs);
  const { taskId } = await desk.client.call('guest.reboot', { hostId: first, guestId: before.guestId });
  expect((await desk.ended(taskId)).outcome).toEqual({ is: 'done' });
  const after = await desk.until('a new domid', () => {
    const now = desk.guest(first, 'mail');
    return now && now.domid !== before.domid && now.domid !== null && now;
  });
  expect(after.guestId).toBe(before.guestId);
});

test('a start that the host refuses fails in its words, and the guest stays halted', async () => {
  await open();
  const third = world.demo.hosts[2];
  if (!third) throw new Error('no third host');
  const { addHost } = await import('./world.ts');
  const hostId = await addHost(desk, world, { ...third, fingerprint: third.hostKeyFingerprint });
  await see(hostId, 'sim-fails-to-start', ['halted']);
  const { taskId } = await desk.client.call('guest.start', { hostId, guestId: guestId(hostId, 'sim-fails-to-start') });
  const { outcome } = await desk.ended(taskId);
  expect(outcome).toMatchObject({ is: 'failed', problem: { code: 'guest.startFailed' } });
  expect(JSON.stringify(outcome)).toContain('unable to add vif devices');
  expect(desk.guest(hostId, 'sim-fails-to-start')?.state).toBe('halted');
});

test('removed to the trash with its disk, and put back with one press', async () => {
  await open();
  await see(first, 'old-intranet', ['halted']);
  const on = { hostId: first, guestId: guestId(first, 'old-intranet') };
  const [host] = world.demo.office.hosts;
  const text = host?.files.read('/etc/xen/old-intranet.cfg');
  const removed = await desk.client.call('guest.remove', { ...on, typedName: 'old-intranet', disks: true });
  expect((await desk.ended(removed.taskId)).outcome).toEqual({ is: 'done' });
  await desk.until('it is gone', () => desk.guest(first, 'old-intranet') === null);
  expect(host?.hasDisk('/dev/vg0/old-intranet')).toBe(false);
  const [entry] = await desk.client.call('trash.list', { hostId: first });
  expect(entry).toMatchObject({ name: 'old-intranet', configFile: '/etc/xen/old-intranet.cfg' });
  expect(entry?.disks).toMatchObject([{ from: '/dev/vg0/old-intranet', sizeMiB: 40960, vdev: null, whole: true }]);
  const back = await desk.client.call('trash.putBack', { hostId: first, trashId: entry?.trashId ?? '' });
  expect((await desk.ended(back.taskId)).outcome).toEqual({ is: 'done' });
  await see(first, 'old-intranet', ['halted']);
  expect(host?.files.read('/etc/xen/old-intranet.cfg')).toBe(text);
  expect(host?.hasDisk('/dev/vg0/old-intranet')).toBe(true);
});

test('a config edited by hand meanwhile is not written over', async () => {
  await open();
  await see(first, 'files', runs);
  const on = { hostId: first, guestId: guestId(first, 'files') };
  const read = await desk.client.call('guest.readConfig', on);
  world.demo.office.hosts[0]?.files.write('/etc/xen/files.cfg', `${read.text}# by hand\n`);
  const why = await problemOf(desk.client.call('guest.writeConfig', { ...on, text: read.text, version: read.version }));
  expect(why.code).toBe('config.changed');
  expect(world.demo.office.hosts[0]?.files.read('/etc/xen/files.cfg')).toBe(`${read.text}# by hand\n`);
  const now = await desk.client.call('guest.readConfig', on);
  await desk.client.call('guest.writeConfig', { ...on, text: now.text.replace('memory = 6144', 'memory = 7168'), version: now.version });
  await desk.until('the new memory', () => desk.guest(first, 'files')?.config?.shape?.memoryMiB === 7168);
  await desk.client.call('guest.setAutostart', { ...on, autostart: false });
  await desk.until('no autostart', () => desk.guest(first, 'files')?.config?.autostart === false);
  expect(world.demo.office.hosts[0]?.files.read('/etc/xen/files.cfg')).toContain('# by hand');
});

test('garbage from a command: the last good state stays, and the host says so', async () => {
  await open();
  await see(first, 'mail', runs);
  const { address } = world.hosts[0];
  world.demo.fault(address, {
    is: 'garble',
    change: (text) => text.replaceAll(/^\|.*-b----.*$/gm, '|\u0000 garbage').replaceAll(/^\|.*r-----.*$/gm, '|x'),
  });
  world.demo.office.hosts[0]?.stir('@releaseDomain');
  await desk.until('the problem', () => desk.hosts.get(first)?.watchProblem?.code === 'output.unreadable');
  expect(desk.guest(first, 'mail')?.state).toMatch(/running|blocked/);
  world.demo.fault(address, { is: 'garble', change: null });
  world.demo.office.hosts[0]?.stir('@releaseDomain');
  await desk.until('it is well again', () => desk.hosts.get(first)?.watchProblem === null);
});

test('odd names: quotes, dollars, blanks, long ones are what they are', async () => {
  const host = world.demo.office.hosts[1];
  if (!host) throw new Error('no host');
  const names = ["it's; $(reboot) `x`", 'two  blanks', 'x'.repeat(120), '日本語の名前'];
  for (const [at, name] of names.entries()) {
    host.files.write(
      `/etc/xen/odd${at}.cfg`,
      `name = "${name}"\nuuid = "00000000-0000-4000-8000-00000000000${at}"\ntype = "pvh"\nmemory = 64\nkernel = "/var/lib/xen/boot/vmlinuz-6.1.0-56-amd64"\n`,
    );
  }
  await open();
  for (const name of names) {
    await see(second, name, ['halted']);
    const on = { hostId: second, guestId: guestId(second, name) };
    const { taskId } = await desk.client.call('guest.start', on);
    expect((await desk.ended(taskId)).outcome).toEqual({ is: 'done' });
    await see(second, name, runs);
    const off = await desk.client.call('guest.forceOff', { ...on, typedName: name });
    expect((await desk.ended(off.taskId)).outcome).toEqual({ is: 'done' });
  }
  for (const at of names.keys()) host.files.remove(`/etc/xen/odd${at}.cfg`);
});

test('two programs start the same guest at once: it runs once', async () => {
  await open();
  const other = await deskWithHosts(world);
  await see(first, 'old-intranet', ['halted']);
  await other.desk.until('the same there', () => other.desk.guest(other.first, 'old-intranet')?.state === 'halted');
  const on = { guestId: guestId(first, 'old-intranet') };
  const begun = [
    desk.client.call('guest.start', { ...on, hostId: first }),
    other.desk.client.call('guest.start', { ...on, hostId: other.first }),
  ];
  const [mine, theirs] = await Promise.all(begun);
  const outcomes = [await desk.ended(mine?.taskId ?? ''), await other.desk.ended(theirs?.taskId ?? '')].map((one) => one.outcome?.is);
  expect(outcomes).toContain('done');
  await see(first, 'old-intranet', runs);
  const host = world.demo.office.hosts[0];
  expect([...(host?.domains.values() ?? [])].filter((one) => one.config.name === 'old-intranet')).toHaveLength(1);
  other.desk.close();
});

test('a guest that runs on another host is not started here, by whatever name its config goes', async () => {
  const [source, target] = world.demo.office.hosts;
  const text = source?.files.read('/etc/xen/mail.cfg') ?? '';
  target?.files.write('/etc/xen/mail-again.cfg', text.replace('name = "mail"', 'name = "mail-again"').replace(/uuid = .*/, ''));
  target?.files.write('/etc/xen/mail.cfg', text);
  await open();
  await see(first, 'mail', runs);
  for (const [name, codes] of [
    ['mail', ['guest.elsewhere']],
    ['mail-again', ['guest.diskInUse', 'mac.taken']],
  ] as const) {
    await see(second, name, ['halted']);
    const { taskId } = await desk.client.call('guest.start', { hostId: second, guestId: guestId(second, name) });
    const { outcome } = await desk.ended(taskId);
    expect(outcome?.is === 'failed' ? outcome.problem.code : outcome?.is).toBeOneOf([...codes]);
  }
  target?.files.remove('/etc/xen/mail.cfg');
  target?.files.remove('/etc/xen/mail-again.cfg');
});
