import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { WayToGo } from '../../electron/contract/diskTravel.ts';
import type { PlanStep } from '../../electron/contract/plan.ts';
import { isWithStop } from '../../electron/contract/planning.ts';
import { fail } from '../../electron/contract/problem.ts';
import type { Task } from '../../electron/contract/task.ts';
import { destroy } from '../../electron/demo/model/lifecycle.ts';
import type { SimHost } from '../../electron/demo/model/simHost.ts';
import type { World } from '../../electron/engine/world.ts';
import { type Desk, openDesk, problemOf } from './desk.ts';
import { plannedMoves } from './plannedMoves.ts';
import { simulatedWorld } from './simulated.ts';
import { addHost, deskWithHosts } from './world.ts';

let world: Awaited<ReturnType<typeof simulatedWorld>>;
let own: World;
let desk: Desk;
/** 東京, 大阪, 名古屋: the third has a newer Xen and one bridge less. */
let tokyo: string;
let osaka: string;
let nagoya: string;
let sims: [SimHost, SimHost, SimHost];
beforeAll(async () => {
  world = await simulatedWorld();
  const [one, two, three] = world.demo.office.hosts;
  if (!one || !two || !three) throw new Error('three hosts are needed');
  sims = [one, two, three];
  // its disks would be copied: other tests are about that
  for (const domain of [...one.domains.values()].filter((found) => found.config.name === 'wiki')) await destroy(one, domain);
  one.files.remove('/etc/xen/wiki.cfg');
  own = world.makeWorld();
  ({ desk, first: tokyo, second: osaka } = await deskWithHosts(world, own));
  const third = world.demo.hosts[2];
  if (!third) throw new Error('a third host is needed');
  nagoya = await addHost(desk, world, { ...third, fingerprint: third.hostKeyFingerprint });
});
afterEach(() => {
  own.files.write = realWrite ?? own.files.write;
});
afterAll(async () => {
  desk.close();
  await world.close();
});
let realWrite: World['files']['write'] | null = null;

const { planOf, stepOf, runsOn, over } = plannedMoves(
  () => desk,
  () => sims,
);
const saved = (...hostIds: string[]) => hostIds.map((hostId) => ({ hostId, how: 'saved' }));
const input = (
  steps: readonly PlanStep[],
  change: (step: PlanStep) => Partial<{ targetHostId: string; leftOut: boolean; how: WayToGo }> = () => ({}),
) => steps.map((step) => ({ hostId: step.hostId, guestId: step.guestId, targetHostId: step.targetHostId, how: step.how, ...change(step) }));
const isAt = (planId: string, name: string, is: PlanStep['state']['is']) =>
  desk.until(`${name} is ${is}`, () => stepOf(planId, name).state.is === is && stepOf(planId, name), 30_000);
/** What runs in it: another one after a restart. */
const consoleOf = (name: string) => sims.flatMap((one) => [...one.domains.values()]).find((one) => one.config.name === name)?.console;
/** Closes the program and opens it again on the same files. */
const restart = async () => {
  desk.close();
  desk = await openDesk(own, world.limits);
  await desk.until('all links', () => [tokyo, osaka, nagoya].every((id) => desk.hosts.get(id)?.link.is === 'open'), 20_000);
};
/** Most moves that had the line between two hosts at one time. */
const watchPairs = () => {
  let most = 0;
  const undo = desk.client.feed('task.watch', {}, () => {
    const carries = ({ phase }: Task) => phase !== 'tidying';
    const moving = [...desk.tasks.values()].filter((one) => one.kind === 'guest.migrate' && !one.outcome && carries(one));
    const pairs = moving.map((one) => [one.hostId, one.targetHostId].sort().join(' '));
    for (const pair of pairs) most = Math.max(most, pairs.filter((one) => one === pair).length);
  });
  return { most: () => most, undo };
};

let emptied = '';

test('emptying a host is proposed: biggest first, to where they can come back from, and what stays says why', async () => {
  emptied = (await desk.client.call('plan.empty', { hostId: tokyo })).planId;
  const plan = planOf(emptied);
  expect(plan).toMatchObject({ state: 'draft', purpose: { is: 'empty', hostId: tokyo } });
  expect(plan.steps.map((one) => one.name)).toEqual(['files', 'mail', 'windows-ad', 'web', 'test-tokyo', '受付']);
  expect(new Set(plan.steps.map((one) => one.targetHostId))).toEqual(new Set([osaka]));
  expect(plan.left.map((one) => [one.name, one.withStop])).toEqual([['fax-gateway', saved(osaka, nagoya)]]);
  expect(plan.left[0]?.reasons.map((one) => one.because.code)).toEqual(['move.pvNoShadow', 'move.pvNoShadow']);
  for (const one of plan.steps) expect(runsOn(one.name)).toEqual(['東京']);
  // where the disks are only the hosts know: this one is halted and on a disk of its own
  const all = planOf((await desk.client.call('plan.empty', { hostId: tokyo, halted: true })).planId);
  expect(all.left.find((one) => one.name === 'old-intranet')).toBeUndefined();
  expect(all.steps.some((one) => one.name === 'old-intranet')).toBe(true);
  await desk.client.call('plan.discard', { planId: all.id });
  expect(desk.plans.has(all.id)).toBe(false);
});

test('it is changed: another order, another target, one left out; not the same guest twice', async () => {
  const { steps } = planOf(emptied);
  const order = ['web', 'files', 'mail', '受付', 'test-tokyo', 'windows-ad'];
  const sorted = [...steps].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  await desk.client.call('plan.save', {
    planId: emptied,
    steps: input(sorted, (one) => (one.name === '受付' ? { targetHostId: nagoya } : one.name === 'windows-ad' ? { leftOut: true } : {})),
  });
  expect(planOf(emptied).steps.map((one) => one.name)).toEqual(order);
  expect(stepOf(emptied, 'windows-ad').state).toEqual({ is: 'skipped' });
  const [first] = input(sorted);
  const twice = desk.client.call('plan.save', { planId: emptied, steps: first ? [first, first] : [] });
  expect((await problemOf(twice)).code).toBe('plan.twice');
  expect((await problemOf(desk.client.call('plan.run', { planId: 'no' }))).code).toBe('plan.unknown');
});

test('run, it moves one at a time between two hosts; paused, what has begun goes on to its end and nothing else begins', async () => {
  const pairs = watchPairs();
  await desk.client.call('plan.run', { planId: emptied });
  await isAt(emptied, 'web', 'moving');
  expect((await problemOf(desk.client.call('plan.save', { planId: emptied, steps: [] }))).code).toBe('plan.underWay');
  await desk.client.call('plan.pause', { planId: emptied });
  expect((await problemOf(desk.client.call('plan.discard', { planId: emptied }))).code).toBe('plan.underWay');
  await isAt(emptied, 'web', 'done');
  await desk.until('nothing under way', () => planOf(emptied).steps.every((one) => !['moving', 'checking'].includes(one.state.is)), 30_000);
  expect(planOf(emptied)).toMatchObject({ state: 'paused', pausedBy: 'operator' });
  expect(stepOf(emptied, 'files').state.is).toBe('waiting');
  expect(runsOn('files')).toEqual(['東京']);
  expect(pairs.most()).toBe(1);
  pairs.undo();
});

test('the program ends in mid-plan and starts again: the move under way is joined, nothing begins by itself, and it can be resumed', async () => {
  await desk.client.call('plan.run', { planId: emptied });
  await isAt(emptied, 'files', 'moving');
  const { state } = stepOf(emptied, 'files');
  const taskId = state.is === 'moving' ? state.taskId : '';
  await desk.until('copying', () => desk.tasks.get(taskId)?.phase === 'copyingMemory');
  await restart();
  expect(planOf(emptied)).toMatchObject({ state: 'paused', pausedBy: 'restart' });
  await isAt(emptied, 'files', 'done');
  expect(stepOf(emptied, 'files').state).toEqual({ is: 'done', taskId });
  expect(stepOf(emptied, 'mail').state.is).toBe('waiting');
  expect(runsOn('files')).toEqual(['大阪']);
  expect([...desk.tasks.values()].filter((one) => one.guestName === 'files')).toHaveLength(1);
  const pairs = watchPairs();
  await desk.client.call('plan.run', { planId: emptied });
  await over(emptied);
  expect(pairs.most()).toBe(1);
  pairs.undo();
  for (const name of ['web', 'files', 'mail', 'test-tokyo']) expect([name, runsOn(name)]).toEqual([name, ['大阪']]);
  expect(runsOn('受付')).toEqual(['名古屋']);
  expect(runsOn('windows-ad')).toEqual(['東京']);
}, 120_000);

test('brought back is what was really done, the last first; what can’t come back is named', async () => {
  const { planId } = await desk.client.call('plan.back', { planId: emptied });
  const plan = planOf(planId);
  expect(plan.steps.map((one) => one.name)).toEqual(['test-tokyo', 'mail', 'files', 'web']);
  expect(plan.left.map((one) => [one.name, one.withStop, one.reasons[0]?.because.code])).toEqual([
    ['受付', [{ hostId: tokyo, how: 'stopped' }], 'move.versionDown'],
  ]);
  await desk.client.call('plan.run', { planId });
  await over(planId);
  for (const one of plan.steps) expect([one.name, runsOn(one.name)]).toEqual([one.name, ['東京']]);
  expect((await problemOf(desk.client.call('plan.run', { planId }))).code).toBe('plan.nothingWaits');
}, 120_000);

test('cut off after a move began and before that was written down, it is found by its job and not begun again', async () => {
  const guest = await desk.until('files at home', () => desk.guest(tokyo, 'files'));
  const { planId } = await desk.client.call('plan.save', {
    planId: null,
    steps: [{ hostId: tokyo, guestId: guest.guestId, targetHostId: osaka }],
  });
  const write = own.files.write;
  realWrite = write;
  own.files.write = async (name, text) => {
    if (name === 'plans.json' && text.includes('"moving"')) fail('store.unwritable', { file: name });
    await write(name, text);
  };
  await desk.client.call('plan.run', { planId });
  const task = await desk.until('copying', () =>
    [...desk.tasks.values()].find((one) => one.guestName === 'files' && one.phase === 'copyingMemory'),
  );
  expect(planOf(planId)).toMatchObject({ state: 'paused', pausedBy: 'failure', steps: [{ state: { is: 'moving', taskId: task.id } }] });
  desk.close();
  own.files.write = write;
  await restart();
  expect(stepOf(planId, 'files').state.is).not.toBe('waiting');
  await isAt(planId, 'files', 'done');
  expect(stepOf(planId, 'files').state).toEqual({ is: 'done', taskId: task.id });
  expect(planOf(planId).state).toBe('ended');
  expect(runsOn('files')).toEqual(['大阪']);
}, 60_000);

test('cut off before anything began, it waits again, and is begun when it is resumed', async () => {
  const guest = await desk.until('files', () => desk.guest(osaka, 'files'));
  const { planId } = await desk.client.call('plan.save', {
    planId: null,
    steps: [{ hostId: osaka, guestId: guest.guestId, targetHostId: tokyo }],
  });
  const undone = desk.client.call('plan.run', { planId });
  await desk.until('checking', () => stepOf(planId, 'files').state.is === 'checking');
  await undone;
  await restart();
  await isAt(planId, 'files', 'waiting');
  expect(runsOn('files')).toEqual(['大阪']);
  await desk.client.call('plan.run', { planId });
  await over(planId);
  expect(runsOn('files')).toEqual(['東京']);
}, 60_000);

test('a halted guest goes by its config alone, and comes back', async () => {
  const guest = await desk.until('test-a', () => desk.guest(osaka, 'test-a'));
  const { planId } = await desk.client.call('plan.save', {
    planId: null,
    steps: [{ hostId: osaka, guestId: guest.guestId, targetHostId: tokyo }],
  });
  await desk.client.call('plan.run', { planId });
  await over(planId);
  await desk.until('it there', () => desk.guest(tokyo, 'test-a')?.state === 'halted' && desk.guest(osaka, 'test-a') === null);
  const back = await desk.client.call('plan.back', { planId });
  await desk.client.call('plan.run', back);
  await over(back.planId);
  await desk.until('it at home', () => desk.guest(osaka, 'test-a')?.state === 'halted' && desk.guest(tokyo, 'test-a') === null);
}, 60_000);

test('one that no host takes while it runs goes saved where a stop is wanted, and comes back so; what runs in it goes on', async () => {
  const draft = planOf((await desk.client.call('plan.empty', { hostId: tokyo, stops: true })).planId);
  expect(draft.left.map((one) => one.name)).not.toContain('fax-gateway');
  const [step] = draft.steps.filter((one) => one.name === 'fax-gateway');
  expect(step).toMatchObject({ targetHostId: osaka, how: 'saved' });
  expect(draft.steps.filter(isWithStop).map((one) => one.name)).toEqual(['fax-gateway']);
  const { id: planId } = draft;
  const only = input(draft.steps, (one) => (one.name === 'fax-gateway' ? {} : { leftOut: true }));
  const before = consoleOf('fax-gateway');
  await desk.client.call('plan.save', { planId, steps: only });
  await desk.client.call('plan.run', { planId });
  const { state } = await isAt(planId, 'fax-gateway', 'moving');
  await over(planId);
  expect(stepOf(planId, 'fax-gateway').state).toMatchObject({ is: 'done' });
  expect(desk.tasks.get(state.is === 'moving' ? state.taskId : '')?.kind).toBe('guest.moveStopped');
  expect(runsOn('fax-gateway')).toEqual(['大阪']);
  expect(consoleOf('fax-gateway')).toBe(before);
  const back = await desk.client.call('plan.back', { planId });
  expect(planOf(back.planId).steps).toMatchObject([{ name: 'fax-gateway', targetHostId: tokyo, how: 'saved' }]);
  await desk.client.call('plan.run', back);
  await over(back.planId);
  expect(runsOn('fax-gateway')).toEqual(['東京']);
}, 120_000);

test('a move of it that is cancelled in the tray pauses the plan, and can be tried again', async () => {
  const guest = await desk.until('files', () => desk.guest(tokyo, 'files'));
  const { planId } = await desk.client.call('plan.save', {
    planId: null,
    steps: [{ hostId: tokyo, guestId: guest.guestId, targetHostId: osaka }],
  });
  await desk.client.call('plan.run', { planId });
  const { state } = await isAt(planId, 'files', 'moving');
  const taskId = state.is === 'moving' ? state.taskId : '';
  await desk.until('copying', () => desk.tasks.get(taskId)?.phase === 'copyingMemory' && desk.tasks.get(taskId)?.mayCancel.may);
  await desk.client.call('task.cancel', { taskId });
  expect((await isAt(planId, 'files', 'failed')).state).toMatchObject({ taskId, problem: { code: 'plan.stepCancelled' } });
  expect(planOf(planId)).toMatchObject({ state: 'paused', pausedBy: 'failure' });
  expect(runsOn('files')).toEqual(['東京']);
  await desk.client.call('plan.save', { planId, steps: input(planOf(planId).steps) });
  expect(stepOf(planId, 'files').state.is).toBe('waiting');
  // left out, nothing of it is open any more
  await desk.client.call('plan.save', { planId, steps: input(planOf(planId).steps, () => ({ leftOut: true })) });
  expect(planOf(planId)).toMatchObject({ state: 'ended', pausedBy: null });
  await desk.client.call('plan.discard', { planId });
}, 60_000);

test('a move that fails pauses the plan with its reason; left out, the rest goes on. A refusal beforehand holds nobody up', async () => {
  const on = (name: string) => ({ hostId: osaka, guestId: desk.guest(osaka, name)?.guestId ?? name, targetHostId: tokyo });
  await desk.until('the guests', () => desk.guest(osaka, 'sim-migration-fails') && desk.guest(osaka, 'build'));
  sims[0].group('vg0')?.create('build', 64); // its disk can't come: one of that name stands there
  const { planId } = await desk.client.call('plan.save', {
    planId: null,
    steps: [on('build'), on('sim-migration-fails'), on('monitor')],
  });
  await desk.client.call('plan.run', { planId });
  await desk.until('its pause', () => planOf(planId).state === 'paused', 40_000);
  expect(planOf(planId).pausedBy).toBe('failure');
  expect(stepOf(planId, 'build').state).toMatchObject({ is: 'failed', taskId: null });
  expect(stepOf(planId, 'sim-migration-fails').state).toMatchObject({ is: 'failed', problem: { code: expect.stringMatching(/^move\./) } });
  await isAt(planId, 'monitor', 'waiting'); // it may have been looked at
  expect(runsOn('monitor')).toEqual(['大阪']);
  expect(runsOn('sim-migration-fails')).toEqual(['大阪']);
  await desk.client.call('plan.run', { planId });
  await over(planId);
  expect(runsOn('monitor')).toEqual(['東京']);
  expect(stepOf(planId, 'build').state.is).toBe('failed');
}, 90_000);
