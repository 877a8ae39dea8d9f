import type { Task } from '../../../../electron/contract/task.ts';
import type { WordId } from '../../words/ja/all.ts';

/** The word for how a task stands or ended. */
export function outcomeWord(task: Task): WordId {
  return task.outcome ? `outcome.${task.outcome.is}` : `phase.${task.phase}`;
}

/** How long an ended task that went well stays in the tray by itself, ms. */
const DONE_SHOWN_MS = 6000;

/** What the tray shows: what runs, what needs a look, and what ended well a moment ago. What runs stands first, so that no old failure pushes it out of sight. */
export function trayTasks(tasks: Iterable<Task>, now: number): Task[] {
  const shown = [...tasks].filter((task) => {
    if (!task.outcome) return true;
    if (task.outcome.is === 'failed' || task.outcome.is === 'unknown') return true;
    // it went while nobody was there, perhaps: that is told until it is put away
    if (task.outcome.is === 'done' && task.startsAt !== undefined) return true;
    if (task.kind === 'guest.migrate' || task.kind === 'guest.moveStopped') return now - (task.endedAt ?? now) < 10 * DONE_SHOWN_MS;
    return now - (task.endedAt ?? now) < DONE_SHOWN_MS;
  });
  const running = shown.filter((one) => !one.outcome).sort((a, b) => a.startedAt - b.startedAt);
  const ended = shown.filter((one) => one.outcome).sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0));
  return [...running, ...ended];
}
