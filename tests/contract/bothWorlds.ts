import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InputOf } from '../../electron/contract/api.ts';
import { byteStream } from '../../electron/contract/byteStream.ts';
import type { Task } from '../../electron/contract/task.ts';
import type { World } from '../../electron/engine/world.ts';
import { type Desk, openDesk, problemOf } from './desk.ts';
import { addHost, type ContractWorld, inputOf } from './world.ts';

/**
 * What must be true alike on simulated hosts and on real Xen: one guest's life, from its creation to the trash, told through the
 * contract alone. The tests build on each other. A difference between the worlds is a lie of the simulator or a wrong belief of ours.
 */
export function bothWorlds(open: () => Promise<ContractWorld>): void {
  let world: ContractWorld;
  let own: World;
  let desk: Desk;
  let first = '';
  let second = '';
  beforeAll(async () => {
    world = await open();
    own = world.makeWorld();
    desk = await openDesk(own, world.limits);
  });
  afterAll(async () => {
    desk.close();
    await world.close();
  });

  const name = 's-test contract';
  const runs = ['running', 'blocked'];
  const on = (hostId: string) => ({ hostId, guestId: guestOn(hostId).guestId });
  const guestOn = (hostId: string) => {
    const found = desk.guest(hostId, name);
    if (!found) throw new Error(`no ${name} on ${hostId}`);
    return found;
  };
  const is = (hostId: string, states: string[]) =>
    desk.until(`${name} is ${states.join('|')}`, () => {
      const guest = desk.guest(hostId, name);
      return guest && states.includes(guest.state) && guest;
    });
  const done = async (started: Promise<{ taskId: string }>): Promise<Task> => {
    const task = await desk.ended((await started).taskId);
    expect(task.outcome).toEqual({ is: 'done' });
    return task;
  };
  const spec = (): InputOf<'creation.create'>['spec'] => ({
    name,
    type: 'pvh',
    source: { is: 'kernel', kernel: world.newGuest.kernel, ramdisk: world.newGuest.ramdisk, cmdline: world.newGuest.cmdline },
    disk: { is: 'volume', group: world.newGuest.group, sizeMiB: 32 },
    memoryMiB: world.newGuest.memoryMiB,
    vcpus: 1,
    bridge: 'xenbr0',
    autostart: true,
  });

  test('a host shows its key first; a wrong password and a closed port are named; nothing is stored of either', async () => {
    const [host] = world.hosts;
    const shown = await problemOf(desk.client.call('host.add', { host: inputOf(world, host) }));
    expect(shown).toMatchObject({ code: 'hostKey.unknown', effect: 'none' });
    const accept = shown.code === 'hostKey.unknown' ? shown.fingerprint : '';
    const wrong = inputOf(world, host, { user: 'operator', auth: { by: 'password', password: 'wrong' } });
    expect((await problemOf(desk.client.call('host.add', { host: wrong, accept }))).code).toBe('auth.wrongPassword');
    const closed = inputOf(world, host, { port: 2 });
    expect((await problemOf(desk.client.call('host.add', { host: closed, accept }))).code).toBe('ssh.refused');
    expect(desk.hosts.size).toBe(0);
  });

  test('both hosts are added, examined, and can do what the rest needs', async () => {
    for (const host of world.hosts) {
      const hostId = await addHost(desk, world, host);
      if (first === '') first = hostId;
      else second = hostId;
      const { facts, findings } = desk.hosts.get(hostId) ?? { facts: null, findings: [] };
      expect(facts?.toolstack).toBe('xl');
      expect(facts?.types).toContain('pvh');
      expect(facts?.bridges.some((one) => one.name === 'xenbr0')).toBe(true);
      expect(findings.filter((one) => ['everything', 'creating', 'changing'].includes(one.hinders))).toEqual([]);
    }
  });

  test('a guest is made on shared storage, started, and seen with its config', async () => {
    const { checks, text } = await desk.client.call('creation.check', { hostId: first, spec: spec() });
    expect(checks.filter((one) => one.verdict === 'bad')).toEqual([]);
    expect(text).toContain(name);
    await done(desk.client.call('creation.create', { hostId: first, spec: spec() }));
    const guest = await is(first, runs);
    expect(guest.config).toMatchObject({ autostart: true, hasUuid: true });
    await desk.until('its live config', () => desk.guest(first, name)?.live?.disks.length === 1);
    const again = await desk.client.call('creation.check', { hostId: second, spec: spec() });
    expect(again.checks.filter((one) => one.verdict === 'bad').map((one) => one.problem?.code)).toContain('name.taken');
  });

  test('it speaks on its console', async () => {
    const { stream } = await desk.client.call('console.open', { ...on(first), kind: 'serial' });
    const end = byteStream(desk.join(stream));
    let heard = '';
    end.onBytes((bytes, taken) => {
      heard += Buffer.from(bytes).toString('utf8');
      taken();
    });
    for (let left = 600; left > 0 && !/tick \d+/.test(heard); left -= 1) await new Promise((resolve) => setTimeout(resolve, 100));
    end.end(null);
    expect(heard).toMatch(/tick \d+/);
  });

  test('paused and resumed; a start is refused while it runs', async () => {
    await done(desk.client.call('guest.pause', on(first)));
    await is(first, ['paused']);
    await done(desk.client.call('guest.resume', on(first)));
    await is(first, runs);
    expect((await problemOf(desk.client.call('guest.start', on(first)))).code).toBe('guest.wrongState');
  });

  test('a reboot gives it another domid, and it stays the same guest', async () => {
    const before = guestOn(first);
    await done(desk.client.call('guest.reboot', on(first)));
    const after = await desk.until('another domid', () => {
      const now = desk.guest(first, name);
      return now && now.domid !== null && now.domid !== before.domid && runs.includes(now.state) && now;
    });
    expect(after.guestId).toBe(before.guestId);
  });

  test('it moves while it runs, once, and its config and autostart with it', async () => {
    const check = await desk.client.call('migration.check', { ...on(first), targetHostId: second });
    expect(check.checks.filter((one) => one.verdict === 'bad')).toEqual([]);
    expect(check).toMatchObject({ live: true });
    const task = await done(desk.client.call('migration.start', { ...on(first), targetHostId: second }));
    expect(task.migration?.sentBytes).toBeGreaterThan(0);
    const there = await desk.until('it at the target', () => {
      const now = desk.guest(second, name);
      return now && runs.includes(now.state) && now.config && now;
    });
    expect(there.config?.autostart).toBe(true);
    await desk.until('nothing at the source', () => desk.guest(first, name) === null);
  });

  test('the links are closed while it moves back; opened again, the task tells what happened', async () => {
    const { taskId } = await desk.client.call('migration.start', { ...on(second), targetHostId: first });
    await desk.until('copying', () => desk.tasks.get(taskId)?.phase === 'copyingMemory');
    for (const hostId of [first, second]) await desk.client.call('host.disconnect', { hostId });
    for (const hostId of [first, second]) await desk.client.call('host.connect', { hostId });
    await desk.until('its end', () => desk.tasks.get(taskId)?.outcome?.is === 'done', 2 * world.limits.commandMs);
    await is(first, runs);
    await desk.until('nothing at the other', () => desk.guest(second, name) === null);
  });

  test('cancelled while its memory is copied, it goes on where it was', async () => {
    const { taskId } = await desk.client.call('migration.start', { ...on(first), targetHostId: second });
    await desk.until('copying', () => desk.tasks.get(taskId)?.phase === 'copyingMemory');
    await desk.client.call('task.cancel', { taskId });
    expect((await desk.ended(taskId)).outcome).toEqual({ is: 'cancelled' });
    await is(first, runs);
    await desk.until('its autostart again', () => desk.guest(first, name)?.config?.autostart);
    await desk.until(
      'nothing at the other',
      () => desk.guest(second, name) === null && ![...desk.guests.values()].some((one) => one.leftover),
    );
  });

  test('a second program on the same hosts sees the guest and the tasks', async () => {
    const other = await openDesk(world.makeWorld(), world.limits);
    try {
      const hostId = await addHost(other, world, world.hosts[0]);
      await other.until('the guest', () => other.guest(hostId, name));
      await other.until('the moves', () => [...other.tasks.values()].some((one) => one.kind === 'guest.migrate' && one.foreign));
    } finally {
      other.close();
    }
  });

  test('shut down, removed with its disk, put back, and removed again', async () => {
    await done(desk.client.call('guest.shutdown', on(first)));
    await is(first, ['halted']);
    await done(desk.client.call('guest.remove', { ...on(first), typedName: name, disks: true }));
    await desk.until('it is gone', () => desk.guest(first, name) === null);
    const entry = (await desk.client.call('trash.list', { hostId: first })).find((one) => one.name === name);
    await done(desk.client.call('trash.putBack', { hostId: first, trashId: entry?.trashId ?? '' }));
    await is(first, ['halted']);
    await done(desk.client.call('guest.remove', { ...on(first), typedName: name, disks: true }));
    await desk.until('it is gone again', () => desk.guest(first, name) === null);
  });

  test('let go for good, by its name only: nothing of it is left', async () => {
    const entries = async () => (await desk.client.call('trash.list', { hostId: first })).filter((one) => one.name === name);
    const [entry] = await entries();
    const letGo = (typedName: string) => desk.client.call('trash.letGo', { hostId: first, trashId: entry?.trashId ?? '', typedName });
    expect((await problemOf(letGo(`${name}x`))).code).toBe('guest.nameMismatch');
    expect(await entries()).toHaveLength(1);
    await done(letGo(name));
    expect(await entries()).toEqual([]);
    expect((await problemOf(letGo(name))).code).toBe('trash.gone');
  });
}
