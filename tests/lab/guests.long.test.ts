import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostInput } from '../../electron/contract/host.ts';
import { ProblemError } from '../../electron/contract/problem.ts';
import type { Remote } from '../../electron/engine/remote/remote.ts';
import { nodeWorld } from '../../electron/world/nodeWorld.ts';
import { memorySecrets } from '../../electron/world/secrets.ts';
import { type Desk, openDesk } from '../contract/desk.ts';
import { labFolder, labLimits, labPort, openLabRemote } from './labRemote.ts';

/** Two guests of this file's own: one with a shared disk that both hosts know, one HVM without a disk. */
const MAIN = 2;
const OTHER = 1;
const DISK = 'tiny2';
const HVM = 'w-hvm';
let folder = '';
let desk: Desk;
let first = '';
let second = '';
/** A connection of someone else's, who works with xl. */
let other: { remote: Remote; close: () => void };

const openLab = async (): Promise<Desk> => {
  const real = nodeWorld({ data: folder, version: '0', shell: 'server', secrets: memorySecrets() });
  return await openDesk({ ...real, desktop: { ...real.desktop, home: folder } }, labLimits);
};
async function add(host: number): Promise<string> {
  const input = { address: '127.0.0.1', port: labPort(host), user: 'root', auth: { by: 'key', path: join(labFolder, 'lab_key') } } as const;
  try {
    return (await desk.client.call('host.add', { host: hostInput.parse(input) })).hostId;
  } catch (thrown) {
    if (!(thrown instanceof ProblemError) || thrown.problem.code !== 'hostKey.unknown') throw thrown;
    return (await desk.client.call('host.add', { host: hostInput.parse(input), accept: thrown.problem.fingerprint })).hostId;
  }
}
const see = (hostId: string, name: string, states: string[]) =>
  desk.until(`${name} is ${states.join('|')}`, () => {
    const guest = desk.guest(hostId, name);
    return guest && states.includes(guest.state) && guest;
  });
const on = (hostId: string, name: string) => ({ hostId, guestId: desk.guest(hostId, name)?.guestId ?? '' });
const done = async (asked: Promise<{ taskId: string }>) => (await desk.ended((await asked).taskId)).outcome;
const theirs = async (...argv: string[]) => {
  const ran = await other.remote.run(argv);
  if (ran.exit !== 0) throw new Error(`${argv.join(' ')}: ${ran.stderr}`);
  return ran.stdout;
};
const sh = (text: string, stdin = '') => other.remote.program({ name: 'lab', text }, [], { stdin, timeoutMs: 400_000 });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xenferry-lab-'));
  other = await openLabRemote(MAIN);
  await sh(`xl destroy ${DISK} 2>/dev/null; xl destroy ${HVM} 2>/dev/null; cat >/etc/xen/${HVM}.cfg`, hvmConfig);
  desk = await openLab();
  first = await add(MAIN);
});
afterAll(async () => {
  await sh(`xl destroy ${DISK} 2>/dev/null; xl destroy ${HVM} 2>/dev/null; rm -f /etc/xen/${HVM}.cfg`);
  desk.close();
  other.close();
  await rm(folder, { recursive: true, force: true });
});

const hvmConfig = `name = "${HVM}"
type = "hvm"
kernel = "/var/lib/xen/boot/vmlinuz-tiny"
ramdisk = "/var/lib/xen/boot/initrd-tiny"
extra = "console=tty0 console=ttyS0 quiet name=${HVM} ip=10.77.0.187/24"
memory = 160
serial = "pty"
vnc = 1
vnclisten = "127.0.0.1"
vncunused = 1
vif = [ 'mac=00:16:3e:77:09:07,bridge=xenbr0,model=e1000' ]
`;

test('a guest is started, paused twice by someone else, resumed once, and cannot start on a second host', async () => {
  await see(first, DISK, ['halted']);
  expect(await done(desk.client.call('guest.start', on(first, DISK)))).toEqual({ is: 'done' });
  const guest = await see(first, DISK, ['running']);
  expect(guest).toMatchObject({ type: 'pvh', memoryMiB: 80, config: { file: `/etc/xen/${DISK}.cfg` } });
  await desk.until('what it runs with', () => desk.guest(first, DISK)?.live);
  expect(desk.guest(first, DISK)?.needsRestart).toEqual([]);

  second = await add(OTHER);
  await see(second, DISK, ['halted']);
  const twice = await done(desk.client.call('guest.start', on(second, DISK)));
  expect(twice).toMatchObject({ is: 'failed', problem: { code: expect.stringMatching(/^(guest\.diskInUse|guest\.elsewhere)$/) } });
  expect(desk.guest(second, DISK)?.state).toBe('halted');

  await theirs('xl', 'pause', DISK);
  await theirs('xl', 'pause', DISK);
  await see(first, DISK, ['paused']); // no event tells it: xentop does
  expect(await done(desk.client.call('guest.resume', on(first, DISK)))).toEqual({ is: 'done' });
  expect(desk.guest(first, DISK)?.state).toBe('running');
});

test('what someone else does is seen, and a guest that was asked shuts down', async () => {
  await see(first, DISK, ['running']);
  const before = desk.guest(first, DISK)?.domid;
  await theirs('xl', 'reboot', DISK);
  await desk.until('another domid', () => {
    const guest = desk.guest(first, DISK);
    return guest !== null && guest.domid !== null && guest.domid !== before && guest.state === 'running';
  });
  // a guest that has not booted hears nothing: it is asked when it counts on its disk
  const counted = async () =>
    (await sh(`dd if=/dev/vgshared/${DISK} bs=512 count=1 iflag=direct 2>/dev/null | tr -d '\\000'`)).stdout.trim();
  const at = await counted();
  while ((await counted()) === at) await new Promise((next) => setTimeout(next, 2_000));
  expect(await done(desk.client.call('guest.shutdown', on(first, DISK)))).toEqual({ is: 'done' });
  expect(desk.guest(first, DISK)?.state).toBe('halted');
});

test('an HVM guest runs on and reboots when we are gone', async () => {
  await see(first, HVM, ['halted']);
  expect(await done(desk.client.call('guest.start', on(first, HVM)))).toEqual({ is: 'done' });
  const { domid, guestId } = await see(first, HVM, ['running']);
  desk.close();
  await new Promise((next) => setTimeout(next, 30_000));
  expect((await sh(`ps -eo args | grep -c '[q]emu.*-name ${HVM}'`)).stdout.trim()).toBe('1');
  // refused until its kernel has started its PV drivers
  expect((await sh(`for try in 1 2 3 4 5 6 7 8 9 10 11 12; do xl reboot ${HVM} && exit 0; sleep 15; done; exit 1`)).exit).toBe(0);
  desk = await openLab(); // it knows its hosts
  const again = await desk.until('it is back', () => {
    const guest = desk.guest(first, HVM);
    return guest !== null && guest.domid !== null && guest.domid !== domid && guest.state === 'running' && guest;
  });
  expect(again.guestId.endsWith(guestId.split(':').at(-1) ?? '')).toBe(true);
  expect(await done(desk.client.call('guest.forceOff', { ...on(first, HVM), typedName: HVM }))).toEqual({ is: 'done' });
});

test('removed to the trash and put back; autostart; a config changed meanwhile', async () => {
  await see(first, HVM, ['halted']);
  await desk.client.call('guest.setAutostart', { ...on(first, HVM), autostart: true });
  expect(desk.guest(first, HVM)?.config?.autostart).toBe(true);
  const { text, version } = await desk.client.call('guest.readConfig', on(first, HVM));
  await sh(`echo '# by hand' >>/etc/xen/${HVM}.cfg`);
  await expect(desk.client.call('guest.writeConfig', { ...on(first, HVM), text, version })).rejects.toMatchObject({
    problem: { code: 'config.changed' },
  });
  expect(await done(desk.client.call('guest.remove', { ...on(first, HVM), typedName: HVM, disks: false }))).toEqual({ is: 'done' });
  expect(desk.guest(first, HVM)).toBeNull();
  const [entry] = await desk.client.call('trash.list', { hostId: first });
  expect(entry).toMatchObject({ name: HVM, configFile: `/etc/xen/${HVM}.cfg` });
  expect(await done(desk.client.call('trash.putBack', { hostId: first, trashId: entry?.trashId ?? '' }))).toEqual({ is: 'done' });
  expect(desk.guest(first, HVM)?.config?.autostart).toBe(true);
  expect((await desk.client.call('guest.readConfig', on(first, HVM))).text).toBe(`${text}# by hand\n`);
  await desk.client.call('guest.setAutostart', { ...on(first, HVM), autostart: false });
  await desk.client.call('guest.giveUuid', on(first, HVM));
  expect((await see(first, HVM, ['halted'])).config?.hasUuid).toBe(true);
});
