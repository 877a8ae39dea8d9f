import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SimHost } from '../../electron/demo/model/simHost.ts';
import type { Desk } from './desk.ts';
import { endsOf, simulatedWorld } from './simulated.ts';
import { deskWithHosts } from './world.ts';

let world: Awaited<ReturnType<typeof simulatedWorld>>;
let desk: Desk;
let first: string;
let second: string;
let source: SimHost;
let target: SimHost;
beforeAll(async () => {
  world = await simulatedWorld();
  ({ source, target } = endsOf(world));
  ({ desk, first, second } = await deskWithHosts(world));
});
afterAll(() => {
  desk.close();
  return world.close();
});

test('the source loses power in mid-move: on its return the guest is there once, with its config, and nothing half lies at the target', async () => {
  const { slow: moves } = world.guests; // its memory takes long enough that the power goes while it is copied
  const guest = await desk.until(`${moves} there`, () => desk.guest(first, moves));
  const taskId = (await desk.client.call('migration.start', { hostId: first, guestId: guest.guestId, targetHostId: second })).taskId;
  await desk.until('copying', () => desk.tasks.get(taskId)?.phase === 'copyingMemory');
  world.demo.fault(world.hosts[0].address, { is: 'power', on: false });
  await desk.until('the loss', () => desk.hosts.get(first)?.link.is !== 'open', 20_000);
  world.demo.fault(world.hosts[0].address, { is: 'power', on: true });
  const task = await desk.until('its end', () => desk.tasks.get(taskId)?.outcome && desk.tasks.get(taskId), 40_000);
  expect(task.outcome?.is).not.toBe('done');
  const run = [source, target].flatMap((host) => [...host.domains.values()]).filter((one) => one.config.name === moves && one.runs);
  expect(run).toEqual([]);
  expect(source.files.lstat(`/etc/xen/${moves}.cfg`)).not.toBeNull();
  expect(target.files.lstat(`/etc/xen/${moves}.cfg`)).toBeNull();
  await desk.until('it is halted at the source', () => desk.guest(first, moves)?.state === 'halted');
  for (const host of [source, target]) {
    expect(host.files.stat('/root/.ssh/authorized_keys')?.text ?? '').not.toContain('xenferry');
    expect([...host.domains.values()].filter((one) => /--(incoming|migratedaway)$/.test(one.name))).toEqual([]);
  }
});
