import { expect, test } from 'vitest';
import { problem } from '../contract/problem.ts';
import type { MigrationProgress, Task } from '../contract/task.ts';
import { exits } from './exits.ts';
import { type Following, follow } from './follow.ts';

const figures: MigrationProgress = {
  ...{ pass: 1, sentBytes: 1, memoryBytes: 2, bytesPerS: 1, downtimeMs: null, wallMs: null },
  ...{ pingFrom: null, pingAddress: null, disks: null },
};
const move = (more: Partial<Task>, transport: NonNullable<MigrationProgress['transport']> = 'key'): Task => ({
  ...{ id: 't', kind: 'guest.migrate', hostId: 'a', targetHostId: 'b', guestId: 'g', guestName: 'web', phase: 'copyingMemory' },
  ...{ progress: null, startedAt: 0, endedAt: null, mayCancel: { may: true }, outcome: null, log: [], foreign: false },
  migration: { ...figures, transport },
  ...more,
});

/** What is said at the first Ctrl-C and at the second, and how it exits. */
async function leave(task: Task): Promise<{ said: string[]; exit: number }> {
  const said: string[] = [];
  let press = () => {};
  const given = {
    desk: {
      tasks: new Map([[task.id, task]]),
      onChange: () => () => {},
      until: () => new Promise(() => {}),
      client: { call: async () => null },
    },
    teller: { json: false, say: (id: string) => said.push(id), problem: () => {}, phase: () => {}, answer: () => {} },
    interrupts: {
      on(then: () => void) {
        press = then;
        return () => {};
      },
    },
  };
  const ended = follow(given as unknown as Following, task.id); // of a desk and a teller only that is used
  press();
  press();
  return { said, exit: await ended };
}

const tooLate = { may: false, because: problem('move.tooLateToCancel', {}) } as const;
const notNow = { may: false, because: problem('task.notCancellable', {}) } as const;

test.each<[string, Task, string]>([
  ['runs from host to host', move({}), 'cli.goesOn'],
  ['goes through this computer', move({}, 'relay'), 'cli.breaksOffRelay'],
  ['goes through this computer, and has arrived', move({ mayCancel: tooLate }, 'relay'), 'cli.goesOn'],
  ['waits for the login by the agent', move({ phase: 'connecting' }, 'agent'), 'cli.breaksOffAgent'],
  ['copies disks, and memory has not logged in', move({ phase: 'copyingDisk' }, 'agent'), 'cli.breaksOffAgent'],
  ['has logged in by the agent', move({}, 'agent'), 'cli.goesOn'],
  ['is stopped, and has logged in', move({ kind: 'guest.moveStopped', phase: 'copyingDisk' }, 'agent'), 'cli.goesOn'],
  ['is being made ready', move({ phase: 'preparing', migration: null }), 'cli.notBegun'],
  ['is no move', move({ kind: 'guest.start', phase: 'checking', migration: null }), 'cli.goesOn'],
])('who leaves a task that %s is told what becomes of it', async (_what, task, left) => {
  const { said, exit } = await leave(task);
  expect(said).toEqual([task.mayCancel.may ? 'cli.cancelling' : 'cli.notCancelled', left]);
  expect(exit).toBe(exits.interrupted);
});

test('what can’t be cancelled and needs this computer does not go on without it: the first Ctrl-C says so', async () => {
  expect((await leave(move({ mayCancel: notNow }, 'relay'))).said).toEqual(['cli.notCancelledHere', 'cli.breaksOffRelay']);
});
