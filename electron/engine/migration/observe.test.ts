import { expect, test } from 'vitest';
import { remoteWith } from '../remote/programTest.ts';
import type { Remote } from '../remote/remote.ts';
import { testWorld } from '../testWorld.ts';
import { observe } from './observe.ts';

/** A host that pings, as far as an observation sees it; the desktop of the test's world can't. */
function pingingHost(): { remote: Remote; reply: (second: number) => void; lose: () => void } {
  let hear: (line: string) => void = () => {};
  let end = () => {};
  const stream = async () => ({
    onLine: (say: (line: string) => void) => {
      hear = say;
    },
    onEnd: (say: (how: { exit: null; stderr: string }) => void) => {
      end = () => say({ exit: null, stderr: '' });
    },
    send: () => {},
    close: () => {},
  });
  return {
    remote: remoteWith({ stream }),
    lose: () => end(),
    reply: (second) => hear(`[${(1_700_000_000 + second).toFixed(6)}] 64 bytes from 10.0.0.9: icmp_seq=${second * 5} ttl=64 time=0.4 ms`),
  };
}

async function observed() {
  const { world, clock } = testWorld();
  const [target, source] = [pingingHost(), pingingHost()];
  const observation = observe(world, '10.0.0.9', [
    { label: 'target', remote: target.remote },
    { label: 'source', remote: source.remote },
  ]);
  await new Promise(setImmediate);
  return { observation, clock, target, source };
}

test('the pause is measured only when it has ended: by a reply that the counting host hears afterwards', async () => {
  const { observation, target, source } = await observed();
  for (const at of [0, 1, 2]) target.reply(at);
  let answered = false;
  const waiting = observation.untilReply(20_000).then(() => {
    answered = true;
  });
  source.reply(3); // on another clock
  await new Promise(setImmediate);
  expect(answered).toBe(false);
  target.reply(11);
  await waiting;
  expect([observation.from(), observation.downtimeMs()]).toEqual(['target', 9000]);
  observation.stop();
});

test('a guest that does not answer again leaves its pause unknown, and one that never did keeps nobody waiting', async () => {
  const { observation, clock, target } = await observed();
  await observation.untilReply(20_000);
  for (const at of [0, 1, 2]) target.reply(at);
  const waiting = observation.untilReply(20_000);
  clock.advance(20_000);
  await waiting;
  expect(observation.downtimeMs()).toBeNull();
  observation.stop();
});

test('where the counting host’s link is lost another one counts; with none left the pause is unknown, and nobody waits for it', async () => {
  const { observation, target, source } = await observed();
  for (const at of [0, 1, 2]) target.reply(at);
  for (const at of [0, 1, 2]) source.reply(at);
  target.lose();
  const waiting = observation.untilReply(20_000);
  source.reply(9);
  await waiting;
  expect([observation.from(), observation.downtimeMs()]).toEqual(['source', 7000]);
  const again = observation.untilReply(20_000);
  source.lose();
  await again;
  expect(observation.downtimeMs()).toBeNull();
  await observation.untilReply(20_000);
  observation.stop();
});
