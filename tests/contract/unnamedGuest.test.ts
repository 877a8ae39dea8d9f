import { afterAll, beforeAll, expect, test } from 'vitest';
import { byteStream } from '../../electron/contract/byteStream.ts';
import { guestIdAfterMove } from '../../electron/contract/guestIdentity.ts';
import type { Desk } from './desk.ts';
import { simulatedWorld } from './simulated.ts';
import { deskWithHosts } from './world.ts';

/** A guest whose config has no `uuid` is named by host and file, so that a move gives it another name. */

let world: Awaited<ReturnType<typeof simulatedWorld>>;
let desk: Desk;
let first: string;
let second: string;
beforeAll(async () => {
  world = await simulatedWorld();
  ({ desk, first, second } = await deskWithHosts(world));
});
afterAll(async () => {
  desk.close();
  await world.close();
});

async function consoleOf(hostId: string, guestId: string) {
  const { stream: name } = await desk.client.call('console.open', { hostId, guestId, kind: 'serial' });
  const stream = byteStream(desk.join(name));
  const heard = { places: [] as string[], ended: undefined as string | null | undefined };
  stream.onPlace((at, where) => heard.places.push(`${at} ${where === first ? 'first' : 'second'}`));
  stream.onEnd((why) => {
    heard.ended = why?.code ?? null;
  });
  stream.onBytes((_bytes, taken) => taken());
  return heard;
}

test('it moves: its console goes with it, and has one reader by whatever name', async () => {
  const name = world.guests.moves;
  const file = `/etc/xen/${name}.cfg`;
  const files = world.demo.office.hosts[0]?.files;
  if (!files) throw new Error('no host');
  files.write(file, files.read(file).replace(/^uuid.*\n/m, ''));
  const guest = await desk.until('it without uuid', () => {
    const now = desk.guest(first, name);
    return now?.config?.hasUuid === false && now.live && now;
  });
  expect(guest.guestId).toBe(`${first}:${file}`);
  const before = await consoleOf(first, guest.guestId);
  await expect.poll(() => before.places.at(-1), { timeout: 10_000 }).toBe('joined first');

  const { taskId } = await desk.client.call('migration.start', { hostId: first, guestId: guest.guestId, targetHostId: second });
  const arrived = desk.until('it at the target', () => {
    const now = desk.guest(second, name);
    return now?.config && now.state !== 'halted' && now;
  });
  expect((await desk.ended(taskId)).outcome).toEqual({ is: 'done' });
  const there = await arrived;
  expect(there.guestId).toBe(guestIdAfterMove(guest.guestId, first, second));
  expect(there.uuid).toBe(guest.uuid);
  expect(desk.guest(first, name)).toBeNull();
  await expect.poll(() => before.places.at(-1), { timeout: 10_000 }).toBe('joined second');
  expect(before.ended).toBeUndefined();

  // one reader, also when the guest is called by its new name
  const after = await consoleOf(second, there.guestId);
  await expect.poll(() => before.ended, { timeout: 10_000 }).toBe('console.busy');
  await expect.poll(() => after.places.at(-1), { timeout: 10_000 }).toBe('joined second');
});
