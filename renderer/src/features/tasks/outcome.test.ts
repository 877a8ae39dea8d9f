import { expect, it } from 'vitest';
import { problem } from '../../../../electron/contract/problem.ts';
import type { Task } from '../../../../electron/contract/task.ts';
import { trayTasks } from './outcome.ts';

const failed: Task['outcome'] = { is: 'failed', problem: problem('task.interrupted', {}) };

const task = (id: string, startedAt: number, ended: Pick<Task, 'endedAt' | 'outcome'> = { endedAt: null, outcome: null }): Task => ({
  id,
  kind: 'guest.start',
  hostId: 'a',
  targetHostId: null,
  guestId: id,
  guestName: id,
  phase: 'starting',
  progress: null,
  migration: null,
  startedAt,
  mayCancel: { may: true },
  foreign: false,
  log: [],
  ...ended,
});

it('shows what runs before old failures, the newest failure first, and what ended well only for a while', () => {
  const tasks = [
    task('old failure', 1, { endedAt: 2, outcome: failed }),
    task('done', 3, { endedAt: 4, outcome: { is: 'done' } }),
    task('failure', 5, { endedAt: 6, outcome: failed }),
    task('first', 7),
    task('second', 8),
  ];
  const ids = (now: number) => trayTasks(tasks, now).map((one) => one.id);
  expect(ids(9)).toEqual(['first', 'second', 'failure', 'done', 'old failure']);
  expect(ids(60_000)).toEqual(['first', 'second', 'failure', 'old failure']);
  // it went in the night: whoever comes in the morning sees it
  const night = { ...task('night', 1, { endedAt: 2, outcome: { is: 'done' } }), kind: 'guest.migrate' as const };
  expect(trayTasks([night, { ...night, id: 'waited', startsAt: 1 }], 30_000_000).map((one) => one.id)).toEqual(['waited']);
});
