import { expect, test } from 'vitest';
import type { Plan, PlanStep, StepState } from '../../contract/plan.ts';
import { problem } from '../../contract/problem.ts';
import type { Task, TaskPhase } from '../../contract/task.ts';
import { linesOf } from './line.ts';
import { pairOf } from './turns.ts';

const step = (name: string, way: string, state: StepState): PlanStep => {
  const [hostId = '', targetHostId = ''] = way.split('>');
  return { guestId: name, uuid: name, name, memoryMiB: 1000, runs: true, hostId, targetHostId, how: 'straight', state };
};
const plan = (...steps: PlanStep[]) => ({ id: 'p', state: 'running', steps }) as unknown as Plan;
const started = ['migration target: Domain started successsfully.'];
const task = (id: string, way: string, phase: TaskPhase, more: Partial<Task> = {}): Task => {
  const [hostId = '', targetHostId = ''] = way.split('>');
  return {
    id,
    kind: 'guest.migrate',
    hostId,
    targetHostId,
    phase,
    outcome: null,
    log: phase === 'tidying' ? started : [],
    ...more,
  } as unknown as Task;
};
const moving = (taskId: string): StepState => ({ is: 'moving', taskId });
const ab = pairOf('a', 'b');
const told = (lines: ReturnType<typeof linesOf>) => [lines.busy.has(ab), lines.ready.has(ab), lines.free.has(ab)];

test.each<[TaskPhase, boolean, boolean]>([
  ['queued', false, false],
  ['checking', false, false],
  ['connecting', false, false],
  ['copyingDisk', false, false],
  ['copyingMemory', true, false],
  ['finalPause', true, false],
  ['resuming', true, false],
  ['tidying', true, true],
])('while a move is %s, a look at the next is due: %s, it may begin: %s', (phase, ready, free) => {
  expect(told(linesOf([plan(step('x', 'b>a', moving('t')))], [task('t', 'b>a', phase)]))).toEqual([true, ready, free]);
  expect(told(linesOf([], [task('by hand', 'a>b', phase)]))).toEqual([true, ready, free]);
  expect(told(linesOf([], [task('elsewhere', 'a>c', phase)]))).toEqual([false, false, false]);
});

test('one that is looked at takes the place of the next, for all but itself', () => {
  const next = step('y', 'a>b', { is: 'checking', since: 0 });
  const plans = [plan(step('x', 'a>b', moving('t')), next)];
  const tasks = [task('t', 'a>b', 'tidying')];
  expect(told(linesOf(plans, tasks))).toEqual([true, false, false]);
  expect(told(linesOf(plans, tasks, next))).toEqual([true, true, true]);
});

test('the slowest of several has the line', () => {
  const tasks = [task('t', 'a>b', 'tidying'), task('u', 'b>a', 'copyingMemory')];
  expect(told(linesOf([], tasks))).toEqual([true, true, false]);
});

test('an end that isn’t written down yet may pause the plan: nothing begins before it is', () => {
  const failed = task('t', 'a>b', 'ended', { outcome: { is: 'failed', problem: problem('move.sameHost', {}) } });
  expect(told(linesOf([plan(step('x', 'a>b', moving('t')))], [failed]))).toEqual([true, false, false]);
  expect(told(linesOf([plan(step('x', 'a>b', { is: 'done', taskId: 't' }))], [failed]))).toEqual([false, false, false]);
});

test('one that is tidied up after without having arrived has the line to its end: it failed', () => {
  expect(told(linesOf([], [task('t', 'a>b', 'tidying', { log: ['Migration failed, resuming at sender.'] })]))).toEqual([true, true, false]);
});

test('what waits for its time has no line, and one with a stop has it to its end', () => {
  expect(told(linesOf([], [task('t', 'a>b', 'scheduled')]))).toEqual([false, false, false]);
  expect(told(linesOf([], [task('t', 'a>b', 'tidying', { kind: 'guest.moveStopped' })]))).toEqual([true, false, false]);
});
