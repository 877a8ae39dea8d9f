import { concernsGuest } from '../../contract/guestIdentity.ts';
import { fail, ProblemError, problem, problemOf, type Verdict } from '../../contract/problem.ts';
import type { Task, TaskOutcome } from '../../contract/task.ts';
import { feedOf } from '../feedOf.ts';
import type { TaskHand, TaskStart, Tasks } from '../parts.ts';
import type { World } from '../world.ts';
import { openJournal } from './journal.ts';

/** Lines of a task's log that are kept. */
const LOG_LINES = 400;
const notCancellable: Verdict = { may: false, because: problem('task.notCancellable', {}) };
const ended: Verdict = { may: false, because: problem('task.ended', {}) };

interface Entry {
  task: Task;
  aborter: AbortController;
  shown: boolean;
  /** Lets the next work on its guest begin. */
  release: () => void;
}

/** Long work: queued per guest, journalled, told to everyone who watches. */
export async function createTasks({ world }: { world: World }): Promise<Tasks> {
  const journal = await openJournal(world.files, (thrown) => world.log('error', 'tasks.unwritable', { why: String(thrown) }));
  const entries = new Map<string, Entry>();
  const queues = new Map<string, Promise<void>>();
  const feed = feedOf<Task>(
    (task) => task.id,
    () => shown(),
  );
  const adders = new Set<Parameters<Tasks['atEnd']>[0]>();
  let closed = false;
  const shown = () => [...entries.values()].filter((one) => one.shown).map((one) => one.task);

  const change = (entry: Entry, what: Partial<Task>) => {
    if (closed) return;
    entry.task = { ...entry.task, ...what };
    if (entry.shown) feed.put(entry.task);
  };

  for (const task of journal.earlier) {
    const entry: Entry = { task, aborter: new AbortController(), shown: task.outcome === null, release: () => {} };
    entries.set(task.id, entry);
    if (task.outcome === null) interrupt(entry);
  }
  /** It ran when the program was ended: nobody saw how it went. A job found on the host may still tell (`found`). */
  function interrupt(entry: Entry) {
    const { startsAt } = entry.task;
    const more = { effect: 'unknown' } as const;
    const why = startsAt === undefined ? problem('task.interrupted', {}, more) : problem('task.scheduled', { at: startsAt }, more);
    const outcome: TaskOutcome = { is: 'unknown', problem: why };
    entry.task = { ...entry.task, phase: 'ended', outcome, endedAt: world.clock.now(), mayCancel: ended, progress: null };
    journal.note(entry.task);
  }

  const run = async (entry: Entry, what: TaskStart, work: (hand: TaskHand) => Promise<void>) => {
    if (closed) return;
    if (!entry.aborter.signal.aborted) change(entry, { phase: 'checking', mayCancel: what.mayCancel ?? notCancellable });
    // what was found goes on at its host whether or not we wait for it: only its work can hand the cancel on, and tell what came of it
    const never = entry.aborter.signal.aborted && !what.found;
    const outcome = never ? ({ is: 'cancelled' } as const) : await outcomeOf(entry, () => work(handOf(entry)));
    if (closed) return;
    const more = Object.assign({}, ...[...adders].map((add) => add(entry.task)));
    change(entry, { phase: 'ended', outcome, endedAt: what.found?.endedAt ?? world.clock.now(), mayCancel: ended, ...more });
    journal.note(entry.task);
    if (outcome.is === 'failed' && outcome.problem.code === 'program.fault') {
      world.log('error', 'task.fault', { kind: what.kind, message: outcome.problem.message });
    }
  };

  const handOf = (entry: Entry): TaskHand => ({
    id: entry.task.id,
    signal: entry.aborter.signal,
    tell: (told) => {
      if (!entry.task.outcome) change(entry, told);
      if (told.phase === 'scheduled') entry.release();
    },
    log: (line) => {
      if (!entry.task.outcome) change(entry, { log: [...entry.task.log, line].slice(-LOG_LINES) });
    },
  });

  const enqueue = (guestId: string | null, job: () => Promise<void>) => {
    if (guestId === null) return void job();
    const before = queues.get(guestId);
    const mine = (before ?? Promise.resolve()).then(job).finally(() => {
      if (queues.get(guestId) === mine) queues.delete(guestId);
    });
    queues.set(guestId, mine);
  };

  const find = (taskId: string): Entry => entries.get(taskId) ?? fail('task.unknown', { taskId });

  return {
    start(what, work) {
      const known = what.found ? entries.get(what.found.id) : undefined;
      if (known && !isUnknown(known.task)) return known.task.id;
      const task = known ? revived(known.task) : newTask(what, world);
      const entry: Entry = { task, aborter: new AbortController(), shown: true, release: () => {} };
      const released = new Promise<void>((resolve) => {
        entry.release = resolve;
      });
      entries.set(entry.task.id, entry);
      feed.put(entry.task);
      journal.note(entry.task);
      enqueue(what.guestId, () => Promise.race([released, run(entry, what, work)]));
      return entry.task.id;
    },
    get: (id) => entries.get(id)?.task ?? null,
    all: shown,
    history: () => [...entries.values()].flatMap((one) => (one.task.outcome ? [one.task] : [])).sort(newestFirst),
    doing(hostId, guestId) {
      const open = [...entries.values()].filter(
        ({ task }) => !task.outcome && task.phase !== 'scheduled' && concernsGuest(task, hostId, guestId),
      );
      const first = open.find(({ task }) => task.phase !== 'queued') ?? open[0];
      return first ? { taskId: first.task.id, kind: first.task.kind } : null;
    },
    onChange: feed.onChange,
    atEnd(add) {
      adders.add(add);
      return () => void adders.delete(add);
    },
    close() {
      closed = true; // running work is not aborted: that would cancel it on the hosts
    },
    handlers: {
      'task.watch': (_input, say) => feed.watch(say),
      'task.cancel': async ({ taskId }) => {
        const entry = find(taskId);
        if (entry.task.outcome) fail('task.ended', {});
        const { mayCancel } = entry.task;
        if (!mayCancel.may) throw new ProblemError(mayCancel.because);
        entry.aborter.abort();
        return null;
      },
      'task.dismiss': async ({ taskId }) => {
        const entry = find(taskId);
        if (!entry.task.outcome || !entry.shown) return null;
        entry.shown = false;
        feed.gone(taskId);
        return null;
      },
      'history.list': async ({ limit }) => {
        const past = [...entries.values()].flatMap((one) => (one.task.outcome ? [one.task] : []));
        return past.sort(newestFirst).slice(0, limit);
      },
    },
  };
}

async function outcomeOf(entry: Entry, work: () => Promise<void>): Promise<TaskOutcome> {
  try {
    await work();
    return { is: 'done' };
  } catch (thrown) {
    const why = problemOf(thrown);
    // Only who gave up for the cancel's sake, and put everything back, says so. That somebody cancelled meanwhile explains nothing else.
    if (why.code === 'task.cancelled' || (entry.aborter.signal.aborted && thrown === entry.aborter.signal.reason))
      return { is: 'cancelled' };
    return why.effect === 'unknown' && why.code !== 'program.fault' ? { is: 'unknown', problem: why } : { is: 'failed', problem: why };
  }
}

function newTask(what: TaskStart, world: World): Task {
  return {
    id: what.found?.id ?? Buffer.from(world.random.bytes(12)).toString('hex'),
    kind: what.kind,
    hostId: what.hostId,
    targetHostId: what.targetHostId ?? null,
    guestId: what.guestId,
    guestName: what.guestName,
    phase: 'queued',
    progress: null,
    migration: null,
    startedAt: what.found?.startedAt ?? world.clock.now(),
    ...(what.startsAt === undefined ? {} : { startsAt: what.startsAt }),
    endedAt: null,
    outcome: null,
    mayCancel: { may: true },
    foreign: what.found?.foreign ?? false,
    log: [],
  };
}

const revived = (task: Task): Task => ({ ...task, phase: 'queued', outcome: null, endedAt: null, mayCancel: { may: true } });
const isUnknown = (task: Task) => task.outcome?.is === 'unknown';
const newestFirst = (a: Task, b: Task) => (b.endedAt ?? 0) - (a.endedAt ?? 0);
