import { fail } from '../../contract/problem.ts';
import { cancelJob } from '../remote/jobs.ts';
import type { Remote } from '../remote/remote.ts';
import { aside, deactivate, destroyLeftover, install, type Look, look, resumeAtSource, unstage } from './ends.ts';
import { isLost } from './halted.ts';
import type { Judgement } from './judge.ts';
import { backHome, hasArrived, isSuspended, judge } from './judge.ts';
import { notBegunOf } from './later.ts';
import { reasonOf } from './phases.ts';
import type { AboutMove } from './plan.ts';

/** What is done when a move's job has ended: look at both ends, tidy, and say what it came to. */

/** What settling needs. `target` null: its link is not open. */
export interface Settling {
  id: string;
  about: AboutMove;
  source: Remote;
  target: () => Promise<Remote>;
  targetIfOpen: () => Remote | null;
  wait: (ms: number) => Promise<void>;
  /** The line of the log, for the operator. */
  log: (line: string) => void;
  lines: readonly string[];
}

/** How long the target may go on receiving after the source's job has ended, in rounds of `ROUND_MS`. */
export const ROUND_MS = 3000;
export const ROUNDS = 100;
/** How long one that stands still is waited for after its killed job was told to stop, in rounds. */
const STOPPING_ROUNDS = 10;

/** Looks at both ends until it is clear what happened, waiting for the target's link where the source can't tell alone. */
export async function findOut(what: Settling): Promise<{ judged: Judgement; source: Look; target: Look | null }> {
  let stopping = 0;
  for (let round = 0; ; round++) {
    const source = await look(what.source, what.id, what.about.uuid);
    // xl may live on when its job was killed: it must not go over the point of no return behind what is judged here, and lets a guest
    // that it had made stand still go on, once it has heard that it shall stop
    const standsStill = source.domains.some((one) => one.name === what.about.guestName && isSuspended(one.state));
    if (source.job === 'died' && !source.committed && (stopping === 0 || (standsStill && stopping < STOPPING_ROUNDS))) {
      if (stopping === 0) await cancelJob(what.source, what.id);
      stopping++;
      await what.wait(ROUND_MS);
      continue;
    }
    const open = what.targetIfOpen();
    const target = open ? await look(open, what.id, what.about.uuid).catch(() => null) : null;
    const judged = judge(what.about.guestName, source, target);
    if (judged === 'askTarget') {
      what.log(`waiting for ${what.about.targetLabel}`);
      await what.target();
      await what.wait(ROUND_MS);
    } else if (judged === 'wait' && round < ROUNDS) await what.wait(ROUND_MS);
    else return { judged, source, target };
  }
}

/** Brings both ends to rest and ends the task: returns when the guest has moved, else throws what happened. */
export async function settle(what: Settling): Promise<void> {
  const { id, about } = what;
  const found = await findOut(what);
  const target = found.judged === 'moved' ? await targetSoon(what) : what.targetIfOpen();
  switch (found.judged) {
    case 'moved': {
      const there = target && (found.target ?? (await look(target, id, about.uuid).catch(() => null)));
      if (there) await bringHome(what, target, found.source, there);
      // what its job does at its end
      if (found.source.phase !== 'moved') await aside(what.source, id, 'shelve');
      await note(what, found.source, 'moved'); // before its folder there goes: without it nobody could tell any more
      if (there) await leaveTarget(what, target);
      return;
    }
    case 'stayed': {
      // its own end was cut off
      if (!backHome.includes(found.source.phase ?? '')) await aside(what.source, id, 'back');
      if (found.source.job !== 'prepared') await note(what, found.source, 'stayed');
      await tidyIfSeen(what, target, found.target);
      if (found.source.job === 'prepared') await aside(what.source, id, 'done'); // it never began
      return endOfStayed(what, found.source);
    }
    case 'suspended':
    case 'givenAway': {
      const how = await resumeAtSource(what.source, id, { ...about, anew: found.judged === 'givenAway' });
      if (how !== 'cannot') await note(what, found.source, 'stayed');
      await tidyIfSeen(what, target, found.target);
      if (how === 'cannot') fail('move.undecided', { name: about.guestName }, { effect: 'partial', detail: tail(what) });
      if (how === 'restarted')
        fail('move.restarted', { name: about.guestName, host: about.targetLabel }, { effect: 'partial', detail: tail(what) });
      return endOfStayed(what, found.source);
    }
    case 'halted':
      await aside(what.source, id, 'back');
      await note(what, found.source, 'stayed');
      await tidyIfSeen(what, target, found.target);
      return fail('move.halted', { name: about.guestName, host: about.targetLabel }, { effect: 'partial', detail: tail(what) });
    case 'wait':
    case 'askTarget':
    case 'both':
      return fail('move.undecided', { name: about.guestName }, { effect: 'unknown', detail: tail(what) });
  }
}

/** Leaves word of how it was settled, where the job itself could not: whoever finds it later must not judge by a later state. */
export async function note(what: Settling, source: Look, end: 'moved' | 'stayed'): Promise<void> {
  if (source.phase === 'undecided' || source.job === 'died') await aside(what.source, what.id, end);
}

/** How long one that has moved waits for its target's link: when the program was started anew, it opens a little later than the source's. */
const LINK_MS = 20_000;

/** The target's link, if it is open or opens soon. */
export async function targetSoon(what: Settling): Promise<Remote | null> {
  const late = () => what.wait(LINK_MS).then(() => null);
  return what.targetIfOpen() ?? (await Promise.race([what.target().catch(() => null), late()]));
}

/** Its folder goes from a target to which the guest came: as soon as nothing works there any more, starting it or letting its disks go. */
export async function leaveTarget(what: Settling, target: Remote): Promise<void> {
  for (let round = 0; round < ROUNDS && (await unstage(target, what.id)) === 'busy'; round++) await what.wait(ROUND_MS);
}

/** How it ended stands fast: what a link that goes now leaves at the target is taken away when both can be reached again (tidyRemains). */
async function tidyIfSeen(what: Settling, target: Remote | null, there: Look | null): Promise<void> {
  if (!target || !there) return;
  await tidyStayed(what, target, there).catch((thrown: unknown) => {
    if (!isLost(thrown)) throw thrown;
    what.log(`${what.about.targetLabel} is left untidied`);
  });
}

/** It runs at the target: the config belongs there, and a paused half at the source may go. */
async function bringHome(what: Settling, target: Remote, source: Look, there: Look): Promise<void> {
  const { id, about } = what;
  for (let round = 0; round < ROUNDS && there.incoming === 'receiving'; round++) {
    await what.wait(ROUND_MS / 3);
    there = await look(target, id, about.uuid);
  }
  if (there.incoming !== 'none' && !there.installed) await install(target, id);
  const away = `${about.guestName}--migratedaway`;
  const ran = hasArrived(there) || there.domains.some((one) => one.name === about.guestName);
  if (ran && source.domains.some((one) => one.name === away)) {
    await endRest(what, away);
  }
}

/** The half at the source, when nothing works on that guest there: it may be coming back already. It starts nothing, so it may also stay. */
export async function endRest(what: Settling, name: string): Promise<void> {
  for (let round = 0; round < 10; round++) {
    if (await destroyLeftover(what.source, { uuid: what.about.uuid, name })) return;
    await what.wait(ROUND_MS / 3);
  }
  what.log(`${name} stays`);
}

/** It did not move: what came to the target goes. The half that arrived was never started, and never will be. */
export async function tidyStayed(
  what: Pick<Settling, 'id' | 'about' | 'wait' | 'log' | 'lines'>,
  target: Remote,
  there: Look,
): Promise<void> {
  const { id, about } = what;
  // tidied before, by whoever settled it: what stands there now may belong to a later move of the same guest
  if (there.incoming === 'none') return;
  const incoming = `${about.guestName}--incoming`;
  for (let round = 0; round < ROUNDS; round++) {
    const rest = there.domains.some((one) => one.name === incoming);
    const gone = !rest || (await destroyLeftover(target, { uuid: about.uuid, name: incoming, id }));
    const how = await unstage(target, id, about.uuid);
    if (typeof how === 'object') fail('move.left', { paths: how.left, host: about.targetLabel }, { effect: 'partial', detail: tail(what) });
    if (how === 'gone' && gone) break;
    await what.wait(ROUND_MS / 3);
    there = await look(target, id, about.uuid);
  }
  await deactivate(target, about.activated);
}

export function endOfStayed(what: Settling, source: Look): void {
  const detail = tail(what);
  if (what.about.at !== undefined) refuseNotBegun(what, source);
  if (source.phase === 'changed') fail('config.changed', { file: what.about.configFile ?? '' });
  // before "cancelled": to stop what lives on of a killed job we cancel it ourselves (findOut), and the operator may have done so in vain
  if (source.job === 'died') fail('move.killed', { name: what.about.guestName, host: what.about.targetLabel }, { detail });
  if (source.phase === 'cancelled') fail('task.cancelled', {});
  if (what.about.transport === 'relay' && what.lines.some(isCut)) fail('move.relayCut', { name: what.about.guestName }, { detail });
  if (what.about.transport === 'agent' && what.lines.some(isUnanswered)) fail('move.agentCut', { name: what.about.guestName }, { detail });
  const said = reasonOf(what.lines);
  const pause = /^disks failed pause (\d+)$/.exec(said)?.[1];
  if (pause) fail('move.pauseTooLong', { minutes: Math.ceil(Number(pause) / 60) }, { detail });
  if (said.startsWith('disks failed ')) fail('move.disksFailed', { said: said.slice('disks failed '.length) }, { detail });
  const atTarget = what.lines.some((line) => /^migration target: (Domain creation failed|Failure)|due to problems at target/.test(line));
  if (atTarget) fail('move.targetFailed', { said }, { detail });
  fail('move.failedAtSource', { said }, { detail });
}

/** A move that had waited for its time, and did not begin then. One that was cut off in its waiting has said nothing at all. */
function refuseNotBegun({ about, lines }: Settling, source: Look): void {
  const cutOff = source.phase === 'waiting' || (lines.length === 0 && (source.phase === 'stayed' || source.job === 'died'));
  const why = cutOff ? { why: 'booted' as const, said: '' } : notBegunOf(lines);
  if (why) fail('move.notBegun', { name: about.guestName, host: about.targetLabel, ...why }, { detail: tail({ lines }) });
}

/** The source's ssh when the desktop, which passed its bytes on, is gone: what it spoke with was a port of its own host. */
const isCut = (line: string): boolean =>
  /^(Connection (to 127\.0\.0\.1 )?(closed|reset)|Read from remote host 127\.0\.0\.1|client_loop: send disconnect|Timeout, server 127\.0\.0\.1|ssh: connect to host 127\.0\.0\.1)/.test(
    line,
  );

/** The source's ssh when nobody signs for it. */
const isUnanswered = (line: string): boolean => /^(xenferry: the agent does not answer|\S+: Permission denied \()/.test(line);

export const tail = (what: Pick<Settling, 'lines'>) => what.lines.slice(-40).join('\n');
