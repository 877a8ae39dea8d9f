import { problemOf } from '../contract/problem.ts';
import { neededFor, type Task } from '../contract/task.ts';
import type { Desk } from './desk.ts';
import { exits } from './exits.ts';
import type { Teller } from './teller.ts';

/** Ctrl-C goes to who listens last; without anyone it ends the program. */
export interface Interrupts {
  on(then: () => void): () => void;
}

export interface Following {
  desk: Desk;
  teller: Teller;
  interrupts: Interrupts;
}

/** What leaving now does to it: nothing; it breaks off, for it needs this computer; or it may never begin. */
type Left = 'goesOn' | 'breaksOffRelay' | 'breaksOffAgent' | 'notBegun';

function ifLeft(task: Task): Left {
  const needs = neededFor(task);
  if (needs) return needs === 'relay' ? 'breaksOffRelay' : 'breaksOffAgent';
  const moves = task.kind === 'guest.migrate' || task.kind === 'guest.moveStopped';
  // its hosts hear of a move when all is looked at and made ready; then it counts what goes
  return moves && !task.outcome && task.migration === null && task.phase !== 'scheduled' ? 'notBegun' : 'goesOn';
}

/**
 * Follows a task to its end; how to exit. The first Ctrl-C cancels it, if it may be cancelled, else says why not. The second only
 * leaves: what runs on the host goes on there, unless it needs this computer, which is said. Never the first: a job may be just on its
 * way to the host.
 */
export async function follow({ desk, teller, interrupts }: Following, taskId: string): Promise<number> {
  let pressed = false;
  let cancelled = false;
  let leave = () => {};
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const stopListening = interrupts.on(() => {
    const task = desk.tasks.get(taskId);
    if (pressed || !task) {
      teller.say(`cli.${task ? ifLeft(task) : 'goesOn'}`);
      return leave();
    }
    pressed = true;
    if (!task.mayCancel.may) {
      teller.problem(task.mayCancel.because, task.guestName);
      return teller.say(ifLeft(task) === 'goesOn' ? 'cli.notCancelled' : 'cli.notCancelledHere');
    }
    cancelled = true;
    teller.say('cli.cancelling');
    desk.client.call('task.cancel', { taskId }).catch((thrown: unknown) => teller.problem(problemOf(thrown), task.guestName));
  });
  const tell = telling(desk, teller, taskId);
  const stopTelling = desk.onChange(tell);
  tell();
  const waits = () => desk.tasks.get(taskId)?.phase === 'scheduled';
  await Promise.race([left, desk.until(() => Boolean(desk.tasks.get(taskId)?.outcome) || waits())]);
  stopTelling();
  stopListening();
  if (waits()) return waiting(desk.tasks.get(taskId), teller);
  return endOf(desk.tasks.get(taskId), cancelled, teller);
}

/** Says where it stands, once for each change of that. */
function telling(desk: Desk, teller: Teller, taskId: string): () => void {
  let last = '';
  return () => {
    const task = desk.tasks.get(taskId);
    if (!task) return;
    const now = JSON.stringify([task.phase, task.progress, task.migration, task.outcome]);
    if (now === last) return;
    last = now;
    teller.phase(task);
  };
}

/** It waits at its hosts: nobody need look on. */
function waiting(task: Task | undefined, teller: Teller): number {
  if (teller.json && task) teller.answer(task);
  else teller.say('cli.waits');
  return exits.done;
}

function endOf(task: Task | undefined, cancelled: boolean, teller: Teller): number {
  if (teller.json && task) teller.answer(task);
  if (!task?.outcome) return exits.interrupted;
  switch (task.outcome.is) {
    case 'done':
      return exits.done;
    case 'cancelled':
      return cancelled ? exits.interrupted : exits.failed;
    case 'failed':
    case 'unknown':
      teller.problem(task.outcome.problem, task.guestName);
      return exits.failed;
  }
}
