import { expect, test } from 'vitest';
import type { Guest } from '../../contract/guest.ts';
import type { Host } from '../../contract/host.ts';
import type { Plan, PlanStep, StepState } from '../../contract/plan.ts';
import { problem } from '../../contract/problem.ts';
import { type Around, pairOf, type Turn, turnsOf } from './turns.ts';

/** As little of a host and a guest as the rules ask for. */
const hostOf = (id: string, freeMemoryMiB: number, more: Partial<Host> = {}): Host =>
  ({
    id,
    label: id,
    link: { is: 'open', since: 0 },
    seenAt: 0,
    findings: [],
    freeMemoryMiB,
    facts: { toolstack: 'xl', types: ['pvh'], xenVersion: '4.17.7', cpuVendor: 'x', bridges: [], clockOffsetMs: 0, shadow: false },
    ...more,
  }) as unknown as Host;
const guestOn = (hostId: string, name: string, memoryMiB = 1000, more: Partial<Guest> = {}): Guest =>
  ({
    key: `${hostId}/${name}`,
    hostId,
    guestId: name,
    name,
    uuid: name,
    state: 'running',
    domid: 1,
    config: null,
    live: { nics: [], maxMemoryMiB: memoryMiB, passthrough: false, noMigrate: false },
    leftover: null,
    memoryMiB,
    type: 'pvh',
    doing: null,
    ...more,
  }) as unknown as Guest;
const step = (name: string, way: string, state: StepState = { is: 'waiting' }): PlanStep => {
  const [hostId = '', targetHostId = ''] = way.split('>');
  return { guestId: name, uuid: name, name, memoryMiB: 1000, runs: true, hostId, targetHostId, how: 'straight', state };
};
const plan = (...steps: PlanStep[]): Plan => ({
  id: 'p',
  purpose: { is: 'moves' },
  state: 'running',
  steps,
  left: [],
  limitMiBPerS: null,
  madeAt: 0,
  pausedBy: null,
});
const around = (hosts: Host[], guests: Guest[], more: Partial<Around> = {}): Around => ({
  fleet: { hosts, guests },
  underWay: [],
  busy: new Set(),
  ready: new Set(),
  isSettled: () => true,
  ...more,
});
const told = (turns: Turn[]) => turns.map((one) => `${one.at} ${one.is === 'refused' ? one.problem.code : one.is}`);
const roomy = [hostOf('a', 9000), hostOf('b', 9000), hostOf('c', 9000)];

test('one move between two hosts at a time, whichever way; other pairs go at the same time', () => {
  const guests = [guestOn('a', 'x'), guestOn('b', 'y'), guestOn('a', 'z'), guestOn('b', 'w')];
  const those = plan(step('x', 'a>b'), step('y', 'b>a'), step('z', 'a>c'), step('w', 'b>c'));
  expect(told(turnsOf(those, around(roomy, guests)))).toEqual(['0 begin', '2 begin', '3 begin']);
  expect(told(turnsOf(those, around(roomy, guests, { busy: new Set([pairOf('b', 'a')]) })))).toEqual(['2 begin', '3 begin']);
  const going = plan(step('x', 'a>b', { is: 'moving', taskId: 't' }), step('y', 'b>a'), step('z', 'a>c'));
  const busy = new Set([pairOf('a', 'b')]);
  expect(told(turnsOf(going, around(roomy, guests, { busy })))).toEqual(['2 begin']);
  expect(told(turnsOf(going, around(roomy, guests, { busy, ready: busy })))).toEqual(['1 begin', '2 begin']);
});

test('what is under way has its memory at the target already, and has not given it back at the source', () => {
  const guests = [guestOn('a', 'x', 4000), guestOn('c', 'y', 4000), guestOn('c', 'z', 4000)];
  const hosts = [hostOf('a', 100), hostOf('b', 5000), hostOf('c', 100)];
  const x = step('x', 'a>b', { is: 'moving', taskId: 't' });
  const those = plan(x, step('y', 'c>b'), step('z', 'c>a'));
  expect(told(turnsOf(those, around(hosts, guests, { underWay: [x] })))).toEqual([]);
});

test('what another plan has stopped and is bringing has its memory at the target already, by its config', () => {
  const config = { file: '/etc/xen/x.cfg', shape: { maxMemoryMiB: 4000, nics: [] } } as unknown as Guest['config'];
  const guests = [guestOn('a', 'x', 1000, { state: 'halted', config }), guestOn('c', 'y', 2000)];
  const those = plan(step('y', 'c>b'));
  const hosts = [hostOf('a', 100), hostOf('b', 5000), hostOf('c', 100)];
  const underWay = [{ guestId: 'x', hostId: 'a', targetHostId: 'b', how: 'stopped' as const }];
  expect(told(turnsOf(those, around(hosts, guests)))).toEqual(['0 begin']);
  expect(told(turnsOf(those, around(hosts, guests, { underWay, isSettled: () => false })))).toEqual([]);
});

test('who was to stop and stands still already is not begun; at its target it is there only when it runs', () => {
  const stops = (name: string): PlanStep => ({ ...step(name, 'a>b'), how: 'stopped' });
  const guests = [guestOn('a', 'still', 10, { state: 'halted' }), guestOn('b', 'off', 10, { state: 'halted' }), guestOn('b', 'on', 10)];
  const those = plan(stops('still'), stops('off'), stops('on'));
  expect(told(turnsOf(those, around(roomy, guests)))).toEqual(['0 plan.stopHalted', '1 move.notStarted', '2 there']);
});

test('it is there already only where it runs there, and nowhere else; one that stood still when it was planned may stand still', () => {
  const halted = { state: 'halted' as const };
  const guests = [
    guestOn('b', 'off', 10, halted),
    guestOn('b', 'crashed', 10, { state: 'crashed' }),
    guestOn('b', 'still', 10, halted),
    guestOn('b', 'twoConfigs', 10, halted),
    guestOn('c', 'twoConfigs', 10),
    guestOn('c', 'gone', 10),
  ];
  const still = { ...step('still', 'a>b'), runs: false };
  const twoConfigs = { ...step('twoConfigs', 'a>b'), runs: false };
  const those = plan(step('off', 'a>b'), step('crashed', 'a>b'), still, twoConfigs, step('gone', 'a>b'));
  expect(told(turnsOf(those, around(roomy, guests)))).toEqual([
    '0 plan.notRunning',
    '1 plan.notRunning',
    '2 there',
    '3 plan.movedAway',
    '4 plan.movedAway',
  ]);
  // what a host said before it was lost proves nothing
  const lost = [...roomy.slice(0, 2), hostOf('c', 9000, { link: { is: 'closed' } })];
  expect(told(turnsOf(plan(twoConfigs), around(lost, guests)))).toEqual(['0 there']);
});

test('a move that waits for room waits while something may make it, and no smaller one slips in before it', () => {
  const guests = [guestOn('a', 'x', 4000), guestOn('b', 'y', 4000), guestOn('c', 'small', 10)];
  const hosts = [hostOf('a', 50), hostOf('b', 50), hostOf('c', 9000)];
  const those = plan(step('x', 'a>b'), step('small', 'c>b'), step('y', 'b>c'));
  expect(told(turnsOf(those, around(hosts, guests)))).toEqual(['2 begin']);
});

test('where nothing makes room any more, the first is refused, once what is known is fresh', () => {
  const guests = [guestOn('a', 'x', 4000), guestOn('b', 'y', 4000)];
  const hosts = [hostOf('a', 50), hostOf('b', 50)];
  const those = plan(step('x', 'a>b'), step('y', 'b>a'));
  expect(told(turnsOf(those, around(hosts, guests, { isSettled: () => false })))).toEqual([]);
  expect(told(turnsOf(those, around(hosts, guests)))).toEqual(['0 memory.short']);
});

test('a lost link and a busy guest are waited for; what is gone or never may is refused and holds nobody up', () => {
  const guests = [
    guestOn('a', 'busy', 10, { doing: { taskId: 't', kind: 'guest.reboot' } }),
    guestOn('a', 'paused', 10, { state: 'paused' }),
    guestOn('b', 'there', 10),
    guestOn('a', 'last', 10),
  ];
  const hosts = [hostOf('a', 9000), hostOf('b', 9000), hostOf('c', 9000, { link: { is: 'closed' } })];
  const those = plan(
    step('busy', 'a>b'),
    step('paused', 'a>b'),
    step('there', 'a>b'),
    step('gone', 'a>b'),
    step('last', 'a>b'),
    step('busy', 'a>c'),
  );
  expect(told(turnsOf(those, around(hosts, guests)))).toEqual(['1 move.paused', '2 there', '3 guest.unknown', '4 begin']);
});

test('left out, done and failed steps are nobody’s turn', () => {
  const failed: StepState = { is: 'failed', taskId: null, problem: problem('move.sameHost', {}) };
  const those = plan(step('x', 'a>b', { is: 'skipped' }), step('y', 'a>b', { is: 'done', taskId: null }), step('z', 'a>b', failed));
  expect(turnsOf(those, around(roomy, [guestOn('a', 'x'), guestOn('a', 'z')]))).toEqual([]);
});
