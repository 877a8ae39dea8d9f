import type { HostId } from '../../contract/host.ts';
import { problem, problemOf, type Verdict } from '../../contract/problem.ts';
import type { Guests, Hosts, TaskHand } from '../parts.ts';
import { cancelJob, followJob, type JobEnd, type JobSaid } from '../remote/jobs.ts';
import type { World } from '../world.ts';
import { isLost } from './halted.ts';
import { linkIfOpen, openLink, openWhenKnown, pause } from './links.ts';
import { type Heard, hear, wallMsOf } from './move.ts';
import type { Observation } from './observe.ts';
import { afterBytes, afterLine, afterPhase, atPhase, figuresOf, type MoveState, moveStart, progressOf } from './phases.ts';
import type { AboutMove } from './plan.ts';
import { settle } from './settle.ts';
import { settleStopped } from './settleStopped.ts';

/** Follows a move's job to its end, through lost links, and settles it. One for a move of ours and for one that was found. */

export interface Following {
  world: World;
  hosts: Hosts;
  guests: Guests;
  hand: TaskHand;
  sourceId: HostId;
  /** null: no saved host is known to be it, now. */
  targetId: () => HostId | null;
  about: AboutMove;
  /** Pings; null: nobody watches the guest. */
  observation: Observation | null;
}

const tooLate: Verdict = { may: false, because: problem('move.tooLateToCancel', {}) };
/** A guest answers a moment after it was started; without that answer nobody knows how long it did not. */
const REPLY_MS = 20_000;
/** Between two attempts to follow, ms: the link's end is noticed by others a little later than by us. */
const AGAIN_MS = 1000;

/** Returns when the guest has moved; throws what else happened. */
export async function followToEnd(what: Following): Promise<void> {
  const { hand, about } = what;
  const heard: Heard = { lines: [], began: null, end: null };
  let state: MoveState = moveStart;
  const show = () => tellState(what, state, heard);
  const said = (one: JobSaid) => {
    hear(heard, one);
    state = afterSaid(state, one, about);
    if (one.is === 'line' && one.text.trim() && !one.text.startsWith('disks copied')) hand.log(one.text);
    show();
  };
  const stopCancelling = passCancel(what, () => {
    state = { ...state, committed: true };
    show();
  });
  // xl says nothing when the guest stops for the last pass; its domain shows it
  const stopLooking = what.guests.onChange((guest) => {
    if (about.kind !== 'guest.migrate' || guest.hostId !== what.sourceId || guest.uuid !== about.uuid || guest.state !== 'shutdown') return;
    state = atPhase(state, 'finalPause');
    show();
  });
  show();
  try {
    heard.end = await followThroughLosses(what, heard, said);
    state = atPhase({ ...state, committed: true }, 'tidying');
    show();
    await settleWhenOpen(what, heard.lines);
    await what.observation?.untilReply(REPLY_MS);
  } finally {
    stopCancelling();
    stopLooking();
    show();
    what.observation?.stop();
  }
}

async function settleWhenOpen(what: Following, lines: readonly string[]): Promise<void> {
  const { hand, hosts, about } = what;
  for (;;) {
    const settling = {
      id: hand.id,
      about,
      source: await openLink(hosts, what.sourceId),
      target: () => openWhenKnown(hosts, what.targetId),
      targetIfOpen: () => linkIfOpen(hosts, what.targetId()),
      wait: (ms: number) => pause(what.world.clock, ms),
      log: (line: string) => hand.log(line),
      lines,
    };
    try {
      return await (about.kind === 'guest.moveStopped' ? settleStopped(settling) : settle(settling));
    } catch (thrown) {
      // it may stand still at both ends, or its config be in neither host's folder: nobody but us brings it on
      if (!isLost(thrown)) throw thrown;
    }
    await pause(what.world.clock, AGAIN_MS); // the link's state follows
  }
}

function afterSaid(state: MoveState, one: JobSaid, about: AboutMove): MoveState {
  if (one.is === 'line') return afterLine(state, one.text);
  if (one.is === 'sent') return afterBytes(state, one.bytes, one.uptime);
  if (one.is === 'phase') return afterPhase(state, one.phase);
  if (one.is === 'committed') return { ...atPhase(state, about.kind === 'guest.moveStopped' ? 'writing' : 'finalPause'), committed: true };
  return state;
}

/** Follows again after each loss of the link, from the line after the last one heard. */
async function followThroughLosses(what: Following, heard: Heard, said: (one: JobSaid) => void): Promise<JobEnd | null> {
  for (;;) {
    const remote = await openLink(what.hosts, what.sourceId);
    try {
      const end = await followJob(remote, what.hand.id, {
        skipLines: heard.lines.length,
        said,
        clock: what.world.clock,
      });
      if (end) return end;
    } catch (thrown) {
      const why = problemOf(thrown);
      if (why.code === 'command.failed') return null; // there is no such job: it never started, or somebody took it away
      if (!why.code.startsWith('ssh.') && why.code !== 'command.timedOut') throw thrown;
    }
    await pause(what.world.clock, AGAIN_MS);
  }
}

/** Hands the operator's cancel on to the job, as soon as its host can be reached. Returns the undo. */
function passCancel(what: Following, late: () => void): () => void {
  const pass = async () => {
    what.hand.tell({ mayCancel: { may: false, because: problem('task.notCancellable', {}) } });
    const remote = await openLink(what.hosts, what.sourceId);
    if ((await cancelJob(remote, what.hand.id)) === 'late') late();
  };
  const aborted = () => void pass().catch((thrown) => what.hand.log(problemOf(thrown).code));
  if (what.hand.signal.aborted) aborted();
  else what.hand.signal.addEventListener('abort', aborted, { once: true });
  return () => what.hand.signal.removeEventListener('abort', aborted);
}

function tellState(what: Following, state: MoveState, heard: Heard): void {
  const { hand, about, observation } = what;
  const memoryBytes = about.kind === 'guest.moveStopped' ? 0 : about.memoryMiB * 1024 * 1024;
  const figures = figuresOf(state, memoryBytes);
  const { done, total } = progressOf(state, memoryBytes);
  const left = state.bytesPerS ? Math.max(0, Math.round((total - done) / state.bytesPerS)) : null;
  const ended = heard.end !== null;
  hand.tell({
    phase: state.phase,
    mayCancel:
      state.committed || ended
        ? tooLate
        : hand.signal.aborted
          ? { may: false, because: problem('task.notCancellable', {}) }
          : { may: true },
    progress: {
      done,
      total: total > 0 ? total : null,
      unit: 'bytes',
      bytesPerS: state.bytesPerS,
      secondsLeft: ended ? 0 : left,
    },
    migration: {
      ...figures,
      transport: about.transport ?? 'key',
      wallMs: wallMsOf(heard),
      downtimeMs: state.stoppedMs ?? observation?.downtimeMs() ?? null,
      pingFrom: observation?.from() ?? null,
      pingAddress: about.pingAddress,
    },
  });
}
