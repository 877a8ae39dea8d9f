import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { byteStream } from '../../electron/contract/byteStream.ts';
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
const open = async (): Promise<void> => {
  ({ desk, first, second } = await deskWithHosts(world));
};

/** A console as the page has it: what it said so far, where it stands, and its last word. */
async function consoleOf(guestId: string, kind: 'serial' | 'vnc') {
  const { stream: name } = await desk.client.call('console.open', { hostId: first, guestId, kind });
  const stream = byteStream(desk.join(name));
  const heard = { text: '', places: [] as string[], ended: undefined as string | null | undefined, stream, name };
  stream.onPlace((at, hostId) => heard.places.push(`${at} ${hostId === first ? 'first' : 'second'}`));
  stream.onEnd((why) => {
    heard.ended = why?.code ?? null;
  });
  stream.onBytes((bytes, taken) => {
    heard.text += Buffer.from(bytes).toString('latin1');
    taken();
  });
  return heard;
}
const seen = async (what: string, look: () => boolean, withinMs = 30_000): Promise<void> => {
  const until = Date.now() + withinMs;
  while (!look()) {
    if (Date.now() > until) throw new Error(`not seen: ${what}`);
    await new Promise((next) => setTimeout(next, 20));
  }
};
const running = (name: string) =>
  desk.until(`${name} to run`, () => {
    const guest = desk.guest(first, name);
    return guest?.live ? guest : null;
  });

test('a text console takes what is typed, and joins its guest again after a reboot and after a move', async () => {
  await open();
  const guest = await running(world.guests.moves);
  const heard = await consoleOf(guest.guestId, 'serial');
  await seen('joined', () => heard.places.at(-1) === 'joined first');
  heard.stream.send(Buffer.from('operator\n'));
  await seen('what was typed', () => heard.text.includes('operator'));

  const reboot = await desk.client.call('guest.reboot', { hostId: first, guestId: guest.guestId });
  expect((await desk.ended(reboot.taskId)).outcome).toEqual({ is: 'done' });
  await seen('joined after the reboot', () => heard.places.length > 1 && heard.places.at(-1) === 'joined first');

  const move = await desk.client.call('migration.start', { hostId: first, guestId: guest.guestId, targetHostId: second });
  expect((await desk.ended(move.taskId)).outcome).toEqual({ is: 'done' });
  await seen('joined on the second host', () => heard.places.at(-1) === 'joined second');
  expect(heard.ended).toBeUndefined();
  const back = await desk.client.call('migration.start', { hostId: second, guestId: guest.guestId, targetHostId: first });
  await desk.ended(back.taskId);
});

test('a second text console takes the guest over, and the first is told', async () => {
  await open();
  const { guestId } = await running(world.guests.moves);
  const one = await consoleOf(guestId, 'serial');
  await seen('joined', () => one.places.length > 0);
  const two = await consoleOf(guestId, 'serial');
  await seen('the first to end', () => one.ended === 'console.busy');
  await seen('the second to join', () => two.places.at(-1) === 'joined first');
  two.stream.end(null);
});

test('a screen speaks RFB, and ends when its domain does', async () => {
  await open();
  const hvm = await desk.until('a guest with a screen', () =>
    [...desk.guests.values()].find((one) => one.hostId === first && one.live?.graphical),
  );
  const heard = await consoleOf(hvm.guestId, 'vnc');
  await seen('the handshake', () => heard.text.startsWith('RFB 003.008\n'));
  const off = await desk.client.call('guest.forceOff', { hostId: first, guestId: hvm.guestId, typedName: hvm.name });
  expect((await desk.ended(off.taskId)).outcome).toEqual({ is: 'done' });
  await seen('its last word', () => heard.ended !== undefined);
  const on = await desk.client.call('guest.start', { hostId: first, guestId: hvm.guestId });
  expect((await desk.ended(on.taskId)).outcome).toEqual({ is: 'done' });
  const again = await consoleOf(hvm.guestId, 'vnc');
  await seen('the handshake again', () => again.text.startsWith('RFB 003.008\n'));
  again.stream.end(null);
});

test('no console where there is none, and no stream by a name nobody gave', async () => {
  await open();
  const pvh = await running(world.guests.moves);
  const none = await problemOf(desk.client.call('console.open', { hostId: first, guestId: pvh.guestId, kind: 'vnc' }));
  expect(none).toMatchObject({ code: 'console.none', kind: 'vnc' });
  expect(() => desk.join('console-0')).toThrow();
});
