import { expect, test } from 'vitest';
import type { Guest } from '../../contract/guest.ts';
import type { Host } from '../../contract/host.ts';
import type { PlanStep } from '../../contract/plan.ts';
import { madePlan, madeStep } from '../../contract/planTest.ts';
import { fail, problem } from '../../contract/problem.ts';
import { draftBack, draftEmpty } from './drafts.ts';

const hostOf = (id: string, freeMemoryMiB: number): Host =>
  ({
    id,
    label: id,
    link: { is: 'open', since: 0 },
    seenAt: 0,
    findings: [],
    freeMemoryMiB,
    facts: { toolstack: 'xl', types: ['pvh'], xenVersion: '4.17.7', cpuVendor: 'x', bridges: [], clockOffsetMs: 0, shadow: false },
  }) as unknown as Host; // as little of a host as the rules ask for
const guestOn = (hostId: string, name: string, more: Partial<Guest> = {}): Guest =>
  ({
    key: `${hostId}/${name}`,
    hostId,
    guestId: name,
    name,
    uuid: name,
    state: 'running',
    domid: 1,
    config: { file: `/etc/xen/${name}.cfg`, version: name, shape: null },
    live: { nics: [], maxMemoryMiB: 1000, passthrough: false, noMigrate: false },
    leftover: null,
    memoryMiB: 1000,
    type: 'pvh',
    doing: null,
    ...more,
  }) as unknown as Guest;
const done = (name: string, more: Partial<PlanStep> = {}) =>
  madeStep(name, { memoryMiB: 1000, state: { is: 'done', taskId: null }, ...more });
const plan = (...steps: PlanStep[]) => madePlan({ state: 'ended', steps });
const waysOf = (steps: readonly PlanStep[]) => steps.map((one) => `${one.guestId} ${one.hostId}>${one.targetHostId} ${one.state.is}`);

test('only what was done goes back, the last first', () => {
  const fleet = { hosts: [hostOf('a', 9000), hostOf('b', 0)], guests: [guestOn('b', 'x'), guestOn('b', 'y'), guestOn('a', 'z')] };
  const { steps, left } = draftBack(fleet, plan(done('x'), done('y'), done('z', { state: { is: 'skipped' } })));
  expect(waysOf(steps)).toEqual(['y b>a waiting', 'x b>a waiting']);
  expect(left).toEqual([]);
});

test('one that got there and does not run goes back as it is; one that failed before it got there stays', () => {
  const failed: PlanStep['state'] = { is: 'failed', taskId: 't', problem: problem('move.notStarted', { name: 'x', host: 'b', said: '' }) };
  const fleet = {
    hosts: [hostOf('a', 9000), hostOf('b', 0)],
    guests: [guestOn('b', 'x', { state: 'halted' }), guestOn('b', 'y'), guestOn('a', 'z')],
  };
  const { steps, left } = draftBack(fleet, plan(done('x', { how: 'stopped', state: failed }), done('y'), done('z', { state: failed })));
  expect(waysOf(steps)).toEqual(['y b>a waiting', 'x b>a waiting']);
  expect(steps.map((one) => one.how)).toEqual(['straight', 'straight']);
  expect(left).toEqual([]);
});

test('one that went elsewhere since, one that is gone, and one for which there is no room any more are named', () => {
  const fleet = {
    hosts: [hostOf('a', 1200), hostOf('b', 0), hostOf('c', 0)],
    guests: [guestOn('c', 'x'), guestOn('b', 'y'), guestOn('b', 'z')],
  };
  const { steps, left } = draftBack(fleet, plan(done('x'), done('gone'), done('y'), done('z')));
  expect(waysOf(steps)).toEqual(['z b>a waiting']);
  expect(left.map((one) => [one.name, one.reasons[0]?.because.code])).toEqual([
    ['gone', 'guest.unknown'],
    ['x', 'plan.movedAway'],
    ['y', 'memory.short'],
  ]);
});

test('a halted guest without a UUID has another id on another host, and is known by its name', () => {
  const halted = { state: 'halted' as const, live: null, domid: null, uuid: null };
  const fleet = { hosts: [hostOf('a', 0), hostOf('b', 0)], guests: [guestOn('b', 'old', { ...halted, guestId: 'b:/etc/xen/old.cfg' })] };
  const { steps } = draftBack(fleet, plan(done('old', { guestId: 'a:/etc/xen/old.cfg', uuid: null })));
  expect(waysOf(steps)).toEqual(['b:/etc/xen/old.cfg b>a waiting']);
});

test('a host that was slow to answer has refused nobody; what it refuses is named', async () => {
  const hosts = [hostOf('a', 0), hostOf('b', 9000)];
  const guests = ['slow', 'slowly', 'refused', 'slowlyRefused'].map((name) => guestOn('a', name));
  const late = { what: 'guard', verdict: 'bad', problem: problem('command.timedOut', { command: 'guard-look', seconds: 20 }) };
  const unshared = { what: 'disks', verdict: 'bad', problem: problem('move.diskNotShared', { disk: '/dev/vg0/x', host: 'b' }) };
  const check = async ({ guestId }: { guestId: string }) => {
    if (guestId === 'slow') return fail('command.timedOut', { command: 'guard-look', seconds: 20 });
    if (guestId === 'refused') return fail('guest.noConfig', { name: guestId });
    return {
      checks: guestId === 'slowly' ? [late] : [late, unshared],
      stopped: { checks: guestId === 'slowlyRefused' ? [] : [unshared] },
      saved: { checks: [unshared] },
    };
  };
  const parts = {
    hosts: { all: () => hosts },
    guests: { all: () => guests },
    migration: { handlers: { 'migration.check': check } },
  } as unknown as Parameters<typeof draftEmpty>[0]; // as much of the engine as a draft asks
  const { moves, left } = await draftEmpty(parts, { hostId: 'a', halted: false, stops: false }, new AbortController().signal);
  expect(moves.map((one) => one.guestId)).toEqual(['slow', 'slowly']);
  expect(left.map((one) => [one.name, one.reasons[0]?.because.code])).toEqual([
    ['refused', 'guest.noConfig'],
    ['slowlyRefused', 'move.diskNotShared'],
  ]);
  // what the look said of a stop is another thing
  expect(left.map((one) => one.withStop)).toEqual([[], [{ hostId: 'b', how: 'stopped' }]]);
  const stopping = await draftEmpty(parts, { hostId: 'a', halted: false, stops: true }, new AbortController().signal);
  expect(stopping.moves.map((one) => [one.guestId, one.how ?? 'straight'])).toEqual([
    ['slow', 'straight'],
    ['slowly', 'straight'],
    ['slowlyRefused', 'stopped'],
  ]);
  expect(stopping.left.map((one) => [one.name, one.withStop])).toEqual([['refused', []]]);
});
