import { fail, problemOf } from '../../contract/problem.ts';
import { cancelJob } from '../remote/jobs.ts';
import type { Remote } from '../remote/remote.ts';
import { aside, install, type Look, letGo, look, resumeAtSource, unstage } from './ends.ts';
import { isLost } from './halted.ts';
import { isSuspended } from './judge.ts';
import { reasonOf } from './phases.ts';
import { endOfStayed, endRest, leaveTarget, note, ROUND_MS, ROUNDS, type Settling, tail, targetSoon, tidyStayed } from './settle.ts';

/** What is done when the job of a move with a stop has ended: the source alone tells what it came to. */

/**
 * - moved: its config and disks are at the target
 * - stayed: the job put everything back by itself
 * - forward: the source had let go, and the target may not know yet
 * - back: the job was cut off before that
 * - never: it did not begin
 */
export type Stopped = 'moved' | 'stayed' | 'forward' | 'back' | 'never';

/** Pure. Only for a job that runs no more. */
export function judgeStopped({ job, phase, committed }: Pick<Look, 'job' | 'phase' | 'committed'>): Stopped {
  if (phase === 'moved') return 'moved';
  if (phase === 'stayed' || phase === 'cancelled' || phase === 'changed') return 'stayed';
  if (committed) return 'forward';
  return job === 'prepared' || job === 'none' ? 'never' : 'back';
}

/**
 * Brings both ends to rest and ends the task: returns when the guest has moved (and runs there, if it ran), else throws what happened.
 * Cut off by a lost link it may be done again.
 */
export async function settleStopped(what: Settling): Promise<void> {
  const { id, about } = what;
  let source = await look(what.source, id, about.uuid);
  // its work may live on when its shell was killed: it must not decide behind what is judged here
  if (source.job === 'died' && judgeStopped(source) === 'back') {
    await cancelJob(what.source, id);
    await what.wait(ROUND_MS);
    source = await look(what.source, id, about.uuid);
  }
  // its xl goes on saving it
  while (source.job !== 'running' && source.saving === 'now') {
    await what.wait(ROUND_MS);
    source = await look(what.source, id, about.uuid);
  }
  switch (judgeStopped(source)) {
    case 'moved': {
      // the job may not have heard the target's last word, which does not end with the link
      const unsure = about.domid !== null && what.lines.includes(notStarted);
      const target = unsure ? await targetOf(what) : await targetSoon(what);
      if (target) await leaveTarget(what, target);
      await note(what, source, 'moved');
      await endSaved(what, source);
      if (target && unsure) await tellWhetherItRuns(what, target);
      return;
    }
    case 'forward':
      return await goForward(what, source);
    case 'back':
      await tidyTarget(what);
      return await goBack(what, source);
    case 'never':
      await tidyTarget(what);
      await aside(what.source, id, 'done');
      return endOfStayed(what, source);
    case 'stayed':
      await tidyTarget(what);
      return endOfStopped(what, source);
  }
}

/** How the job says that the target could not start it. */
const notStarted = 'xenferry: not started there';

/** All of it is at the source still: one that was saved goes on there, where it stood. */
async function goBack(what: Settling, source: Look): Promise<void> {
  const { id, about } = what;
  const told = { name: about.guestName, host: about.targetLabel };
  await aside(what.source, id, 'back');
  const stands = source.saving && source.domains.some(({ state }) => state[2] === 'p' || isSuspended(state));
  const how = stands ? await resumeAtSource(what.source, id, { ...about, anew: false }) : null;
  if (how === 'cannot') fail('move.undecided', { name: about.guestName }, { effect: 'partial', detail: tail(what) });
  await note(what, source, 'stayed');
  if (how === 'restarted') fail('move.restarted', told, { effect: 'partial', detail: tail(what) });
  if (about.domid !== null && source.domains.length === 0) fail('move.halted', told, { effect: 'partial', detail: tail(what) });
  endOfStayed(what, source);
}

/** It belongs to the target, whatever runs there: what stands at the source with its memory would go on over disks that have changed. */
async function endSaved(what: Settling, source: Look): Promise<void> {
  const { id, about } = what;
  if (!source.saving) return;
  const away = `${about.guestName}--migratedaway`;
  for (const { domid, state, name } of (await look(what.source, id, about.uuid)).domains) {
    // its job was cut off before it named it so
    if (name === about.guestName && state[2] === 'p') await what.source.run(['xl', 'rename', String(domid), away]);
    await endRest(what, away);
  }
}

/**
 * Whether the target has one that was saved, or took it and ended since. If not it never will: what came there is gone then.
 * Problems: `move.left`, `move.undecided` (nobody can tell there).
 */
async function hasCome(what: Settling, target: Remote): Promise<boolean> {
  for (let round = 0; round < ROUNDS; round++) {
    const there = await look(target, what.id, what.about.uuid);
    if (there.installed || there.domains.length > 0) return true;
    const how = await unstage(target, what.id, what.about.uuid);
    if (how === 'gone') return false;
    if (how !== 'busy') fail('move.left', { paths: how.left, host: what.about.targetLabel }, { effect: 'partial', detail: tail(what) });
    await what.wait(ROUND_MS / 3);
  }
  return fail('move.undecided', { name: what.about.guestName }, { effect: 'unknown', detail: tail(what) });
}

/** The source has let go: the config belongs to the target now, which may have it already. Never both. */
async function goForward(what: Settling, source: Look): Promise<void> {
  const { id, about } = what;
  const target = await targetOf(what);
  let there = await look(target, id, about.uuid);
  // it starts it whether or not anybody hears how that went, and may give it back
  for (let round = 0; there.taking && round < ROUNDS; round++) {
    await what.wait(ROUND_MS);
    there = await look(target, id, about.uuid);
  }
  // somebody took its folder there away: nobody can tell what is there, and the config here may be the last
  if (there.incoming === 'none') fail('move.undecided', { name: about.guestName }, { effect: 'unknown', detail: tail(what) });
  if (source.saving && !(await hasCome(what, target))) return await goBack(what, source);
  try {
    // again: it may have been cut between saying that it lets go and doing so
    if (!there.installed) await letGo(what.source, id, about);
    await install(target, id);
  } catch (thrown) {
    const { code } = problemOf(thrown);
    if (isLost(thrown)) throw thrown;
    // started here meanwhile, or somebody else's config stands there: it stays. What else hinders is for a person: its config is nowhere
    if (code !== 'guest.wrongState' && code !== 'config.exists')
      fail('move.undecided', { name: about.guestName }, { effect: 'unknown', detail: `${code}\n${tail(what)}` });
    await aside(what.source, id, 'back');
    await tidyTarget(what);
    await aside(what.source, id, 'stayed');
    throw thrown;
  }
  await endSaved(what, source); // as long as it stands there its disks are in use, and can't be set aside
  await aside(what.source, id, 'shelve');
  await note(what, source, 'moved'); // before its folder there goes: without it nobody could tell any more
  await leaveTarget(what, target);
  await tellWhetherItRuns(what, target);
}

async function targetOf(what: Settling): Promise<Remote> {
  const open = what.targetIfOpen();
  if (!open) what.log(`waiting for ${what.about.targetLabel}`);
  return open ?? (await what.target());
}

async function tidyTarget(what: Settling): Promise<void> {
  const target = what.targetIfOpen();
  if (target) await tidyStayed(what, target, await look(target, what.id, what.about.uuid));
}

/** One that did not run needs not run there. */
async function tellWhetherItRuns(what: Settling, target: Remote): Promise<void> {
  const { about, id } = what;
  if (about.domid === null || (await look(target, id, about.uuid)).domains.length > 0) return;
  fail(
    'move.notStarted',
    { name: about.guestName, host: about.targetLabel, said: saidThere(what) },
    { effect: 'partial', detail: tail(what) },
  );
}

const saidThere = ({ lines }: Settling): string =>
  reasonOf(lines.filter((line) => line !== notStarted)).replace(/^disks failed returned /, '');

function endOfStopped(what: Settling, source: Look): void {
  const name = what.about.guestName;
  const detail = tail(what);
  if (what.lines.includes('xenferry: not started again'))
    fail('move.notStartedAgain', { name, said: reasonOf(what.lines) }, { effect: 'partial', detail });
  if (what.lines.includes(notStarted))
    fail('move.cameBack', { name, host: what.about.targetLabel, said: saidThere(what) }, { effect: 'partial', detail });
  const waited = what.lines.map((line) => /^xenferry: still running after (\d+) seconds$/.exec(line)?.[1]).find(Boolean);
  if (waited && source.phase === 'stayed') fail('move.notShutDown', { name, seconds: Number(waited) }, { effect: 'none', detail });
  if (what.lines.some((line) => line.includes('PV control interface not available')) && source.phase === 'stayed')
    fail('guest.noPvControl', { name }, { detail });
  endOfStayed(what, source);
}
