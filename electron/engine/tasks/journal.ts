import type { Task } from '../../contract/task.ts';
import type { Files } from '../world.ts';

/** What the journal remembers of a task: how it began or, with an outcome, how it ended. One JSON line each. */
type Line = { v: 1; task: Task };

const FILE = 'tasks.ndjson';
/** Ended tasks kept for History. */
const KEPT = 1000;

/** Tasks of earlier runs: the last word on each, oldest first. Lines of a broken disk or a newer program are left out. */
export function readJournal(text: string): Task[] {
  const tasks = new Map<string, Task>();
  for (const line of text.split('\n')) {
    const task = readLine(line);
    if (!task) continue;
    tasks.delete(task.id); // the place of its last word, not of its first
    tasks.set(task.id, task);
  }
  return [...tasks.values()].slice(-KEPT);
}

function readLine(line: string): Task | null {
  try {
    const said = JSON.parse(line) as Partial<Line> | null;
    const task = said?.v === 1 ? said.task : undefined;
    return typeof task?.id === 'string' && typeof task.kind === 'string' && typeof task.startedAt === 'number' ? task : null;
  } catch {
    return null;
  }
}

/** The journal in the engine's files. Writes go one after another; a write that fails is told to `failed` and not retried. */
export async function openJournal(files: Files, failed: (thrown: unknown) => void) {
  const earlier = readJournal((await files.read(FILE)) ?? '');
  let last: Promise<void> = Promise.resolve();
  const put = (write: () => Promise<void>) => {
    last = last.then(write).catch(failed);
  };
  put(() => files.write(FILE, earlier.map(lineOf).join('')));
  return {
    earlier,
    note: (task: Task) => {
      const line = lineOf(task); // as it is now, not when its turn to be written comes
      put(() => files.append(FILE, line));
    },
    /** Resolves when everything noted so far is on disk. */
    settled: () => last,
  };
}

const lineOf = (task: Task): string => `${JSON.stringify({ v: 1, task } satisfies Line)}\n`;
