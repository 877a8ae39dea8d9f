import type { Guest } from '../../contract/guest.ts';
import type { HostId } from '../../contract/host.ts';
import { problemOf } from '../../contract/problem.ts';
import type { Task, TaskId } from '../../contract/task.ts';
import type { OpenHost, TaskHand } from '../parts.ts';
import { type FoundJob, listJobs, removeJobs, removeOld } from '../remote/jobs.ts';
import type { Remote } from '../remote/remote.ts';
import { aside, look, unstage } from './ends.ts';
import { followToEnd } from './follow.ts';
import { finishMoveConfig } from './halted.ts';
import { untilItsTime, wasInterrupted } from './later.ts';
import { linkIfOpen, openLink, openWhenKnown } from './links.ts';
import type { MigrationParts } from './needs.ts';
import { type AboutMove, moveOf } from './plan.ts';
import { didNotMove, rememberedSeconds, tidyRemains } from './remains.ts';

/** Moves that go on, or went on, without us: found in the hosts' job folders whenever a link opens. */

/** A prepared move that nobody started: its desktop was cut off. Younger ones may still be started. */
const ABANDONED_SECONDS = 300;

/** After the first half of a guest appeared somewhere, its job is looked for this much later. */
const NOTICE_MS = 1000;

/**
 * Looks at every host whose link opens or whose jobs change, and at all of them when half of a guest appears: somebody moves it. Returns
 * the undo.
 */
export function findMoves(parts: MigrationParts): () => void {
  const open = new Map<HostId, OpenHost>();
  const lookAt = (host: OpenHost, remove: typeof removeJobs, isGone: () => boolean) => {
    findOn(parts, host, { isGone, remove }).catch((thrown) => {
      parts.world.log('warn', 'migration.find', { host: host.hostId, why: problemOf(thrown).code });
    });
  };
  const halves = new Set<string>();
  let stopWaiting = () => {};
  const stopNoticing = parts.guests.onChange((guest) => {
    const half = `${guest.key} ${guest.domid}`;
    if (guest.leftover === null || halves.has(half) || isOurs(parts, guest)) return;
    halves.add(half);
    stopWaiting();
    stopWaiting = parts.world.clock.after(NOTICE_MS, () => {
      for (const host of open.values()) lookAt(host, removeJobs, () => open.get(host.hostId) !== host);
    });
  });
  const tidy = (hostId: HostId) => {
    tidyRemains(parts, hostId).catch((thrown) => {
      parts.world.log('warn', 'migration.remains', { host: hostId, why: problemOf(thrown).code });
    });
  };
  // a target that came back while its move was being settled without it opens no second time
  const ended = new Set<TaskId>();
  const stopEnding = parts.tasks.onChange((task) => {
    if (!didNotMove(task) || task.targetHostId === null || ended.has(task.id)) return;
    ended.add(task.id);
    if (open.has(task.targetHostId)) tidy(task.targetHostId);
  });
  const stopOpening = parts.hosts.onOpen((host) => {
    open.set(host.hostId, host);
    tidy(host.hostId);
    return () => {
      open.delete(host.hostId);
    };
  });
  const lookedAt = new WeakSet<Remote>();
  const stopLooking = parts.hosts.onJobs((host, gone) => {
    lookAt(host, lookedAt.has(host.remote) ? removeJobs : removeOld, () => gone.aborted);
    lookedAt.add(host.remote);
  });
  return () => {
    stopWaiting();
    stopNoticing();
    stopEnding();
    stopLooking();
    stopOpening();
  };
}

/** Whether it is half of what we move ourselves: its hosts have better to do in that moment than to tell of it. */
function isOurs({ tasks }: MigrationParts, guest: Guest): boolean {
  return tasks
    .all()
    .some(
      ({ outcome, guestName, hostId, targetHostId }) =>
        outcome === null && guest.name === `${guestName}--${guest.leftover}` && [hostId, targetHostId].includes(guest.hostId),
    );
}

async function findOn(
  parts: MigrationParts,
  open: OpenHost,
  { isGone, remove }: { isGone: () => boolean; remove: typeof removeJobs },
): Promise<void> {
  const found = await listJobs(open.remote);
  if (isGone()) return;
  const strange = found.some((job) => parts.tasks.get(job.id) === null && moveOf(job) !== null);
  if (strange) await parts.guests.refresh(open.hostId).catch(() => {}); // to know the guest by our own name for it
  if (isGone()) return;
  const moves = found.flatMap((job) => {
    const about = moveOf(job);
    return about ? [{ job, about }] : [];
  });
  const lost = (thrown: unknown) => parts.world.log('warn', 'migration.adopt', { host: open.hostId, why: problemOf(thrown).code });
  const adopted = new Map<string, Promise<void>>();
  for (const { job, about } of moves) {
    if (job.state !== 'new' || about.kind === 'guest.moveConfig')
      adopted.set(job.id, adopt(parts, open, { job, about, first: remove === removeOld }).catch(lost));
    else if (job.ageSeconds > ABANDONED_SECONDS && parts.tasks.get(job.id)?.outcome !== null) await abandon(parts, open.remote, job, about);
  }
  const old = moves.filter(({ job, about }) => {
    const over = job.state === 'ended' || job.state === 'died';
    return over && job.ageSeconds > rememberedSeconds(about.at !== undefined);
  });
  // its folder says what it came to: it goes when that was heard, and both ends were brought to rest
  await Promise.all(old.map(({ job }) => adopted.get(job.id)));
  if (isGone()) return;
  await remove(
    open.remote,
    old.map(({ job }) => job.id),
  );
}

/** How a move's job says that it came to a clear end by itself. */
const clearEnds = ['moved', 'stayed', 'cancelled', 'changed'];

interface FoundMove {
  job: FoundJob;
  about: AboutMove;
  /** Its host's link has just opened. */
  first: boolean;
}

/** Nobody could tell how it ended: with other links, or by what was done on the hosts since, it may be told now. */
const isUndecided = ({ outcome }: Task): boolean => outcome?.is === 'unknown' && outcome.problem.code === 'move.undecided';

/** Shows a found move as a task, unless it is one of ours that we follow or have seen to its end. */
async function adopt(parts: MigrationParts, source: OpenHost, { job, about, first }: FoundMove): Promise<void> {
  const { tasks } = parts;
  const known = tasks.get(job.id);
  if (known && !wasInterrupted(known) && !(first && isUndecided(known))) return;
  if (about.kind === 'guest.moveConfig' && job.ageSeconds <= ABANDONED_SECONDS && !known) return;
  const { hostId } = source;
  const targetId = () => targetNow(parts, about, known?.targetHostId ?? null);
  // a config alone, of a move to who knows where: there is nothing to do before that is known
  if (about.kind === 'guest.moveConfig' && targetId() === null) await openWhenKnown(parts.hosts, targetId);
  const what = { kind: about.kind, hostId, targetHostId: targetId(), guestId: guestIdOf(parts, hostId, about), guestName: about.guestName };
  // one that had waited is told with the time of its night
  const endedAt = job.state === 'ended' && about.at !== undefined ? { endedAt: parts.world.clock.now() - job.ageSeconds * 1000 } : {};
  const found = { id: job.id, startedAt: about.startedAt, foreign: !known, ...endedAt };
  const work = (hand: TaskHand) => workOf(parts, { hostId, targetId, about, id: job.id }, hand);
  // what is long over keeps nobody waiting: it is looked at first, and shown with its end
  const over = job.state === 'ended' && clearEnds.includes((await look(source.remote, job.id, about.uuid)).phase ?? '');
  const told = over ? await rehearse(job.id, work) : work;
  if (tasks.get(job.id) !== known) return; // found once more meanwhile
  const waits = about.at === undefined ? {} : { startsAt: about.at };
  tasks.start({ ...what, ...waits, mayCancel: { may: true }, found }, told);
}

/**
 * The saved host that is the move's target: the one that our own task named, unless it was removed; else the one that is this machine,
 * which is known only once it was looked at.
 */
function targetNow({ hosts }: MigrationParts, { target }: AboutMove, named: HostId | null): HostId | null {
  const all = hosts.all();
  const found = all.find((one) => one.id === named) ?? all.find((one) => target !== '' && one.facts?.machineId === target);
  return found?.id ?? null;
}

async function workOf(
  parts: MigrationParts,
  found: { hostId: HostId; targetId: () => HostId | null; about: AboutMove; id: string },
  hand: TaskHand,
): Promise<void> {
  const { world, hosts, guests } = parts;
  const { hostId, targetId, about } = found;
  const stopTelling = hosts.onOpen(() => {
    hand.tell({ targetHostId: targetId() });
    return () => {};
  });
  try {
    if (about.kind !== 'guest.moveConfig') {
      const following = { world, hosts, guests, hand, sourceId: hostId, targetId, about };
      await untilItsTime(following);
      await followToEnd({ ...following, observation: null });
    } else {
      await finishMoveConfig(await openLink(hosts, hostId), await openWhenKnown(hosts, targetId), found.id, about);
    }
  } finally {
    stopTelling();
    await Promise.allSettled([hostId, targetId()].flatMap((id) => (id !== null && linkIfOpen(hosts, id) ? [guests.refresh(id)] : [])));
  }
}

/** Does the work with nobody looking, and gives a work that tells the same at once. */
async function rehearse(id: string, work: (hand: TaskHand) => Promise<void>): Promise<(hand: TaskHand) => Promise<void>> {
  const tape: ((hand: TaskHand) => void)[] = [];
  const recorder: TaskHand = {
    id,
    signal: new AbortController().signal,
    tell: (what) => tape.push((hand) => hand.tell(what)),
    log: (line) => tape.push((hand) => hand.log(line)),
  };
  const end = await work(recorder).then(
    () => null,
    (thrown: unknown) => ({ thrown }),
  );
  return async (hand) => {
    for (const play of tape) play(hand);
    if (end) throw end.thrown;
  };
}

/** The guest as this XenFerry calls it: one without a UUID in its config is named by its host and file. */
function guestIdOf({ guests }: MigrationParts, hostId: HostId, about: AboutMove): string {
  const here = guests.onHost(hostId).find((one) => about.uuid !== '' && one.uuid === about.uuid);
  return here?.guestId ?? about.guestId;
}

/** Prepared, and its desktop was cut off before it began: nothing of it is needed. */
async function abandon(parts: MigrationParts, source: Remote, job: FoundJob, about: AboutMove): Promise<void> {
  const target = linkIfOpen(parts.hosts, targetNow(parts, about, null));
  if (!target) return; // its key line has run out; the folder there goes when both can be reached
  await unstage(target, job.id);
  await aside(source, job.id, 'done');
}
