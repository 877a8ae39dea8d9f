import type { Look } from './ends.ts';

/**
 * What a move came to, from what both ends show. Pure: every crash of every part ends in one of these (docs/decisions).
 * - moved: it runs at the target; the source's rest, if any, may go
 * - stayed: it runs at the source; the target's rest may go
 * - suspended: it stands still at the source, and never ran at the target nor will
 * - givenAway: the same, but it may have run at the target before that lost power: its disks may have changed under its memory, so it is
 *   started anew and never goes on where it stood
 * - halted: it runs nowhere (the source was rebooted or the guest ended); the source's config is put back
 * - wait: the target is still receiving; ask again
 * - askTarget: the source can't tell; the target must be asked
 * - both: it seems to run at both ends; nothing is touched
 */
export type Judgement = 'moved' | 'stayed' | 'suspended' | 'givenAway' | 'halted' | 'wait' | 'askTarget' | 'both';

/** Ends of a job that put everything back by itself. */
export const backHome = ['stayed', 'cancelled', 'changed'];

/** `target` null: it could not be asked. Only for a job that runs no more. */
export function judge(name: string, source: Look, target: Look | null): Judgement {
  const here = source.domains.find((one) => one.name === name);
  const away = source.domains.find((one) => one.name === `${name}--migratedaway`);
  // what the job itself saw to its end stays true, whatever was done with the guest since
  if (source.phase === 'moved') return 'moved';
  // while it waited for its time nothing was begun
  if (source.phase === 'waiting') return 'stayed';
  if (source.phase !== null && backHome.includes(source.phase)) return 'stayed';
  // before the point of no return the target can't have started it, whatever became of anything
  if (!source.committed && here && !isSuspended(here.state)) return 'stayed';
  if (!target) return 'askTarget';
  const there = target.domains.find((one) => one.name === name);
  if (there && here) return 'both';
  if (there) return 'moved';
  // the guest may have been shut down since it arrived: its own record says that it did arrive
  if (hasArrived(target)) return here ? 'both' : 'moved';
  if (source.committed && target.incoming === 'receiving') return 'wait';
  if (here && !isSuspended(here.state)) return 'stayed';
  if (here) return 'suspended';
  if (away) return saysHow(target) ? 'suspended' : 'givenAway';
  return 'halted';
}

/**
 * The target's own record that the guest ran there. The receiver writes `installed`, synced, as soon as it runs, and its end (`received`) after
 * that, not synced: a loss of power may take the latter alone. Nothing else writes `installed` before it is known that it moved.
 */
export const hasArrived = (target: Look): boolean => target.installed || target.incoming === 'received';

/** Its end is written down, or it surely never began: after a loss of power a missing word says nothing. */
const saysHow = (target: Look): boolean => target.incoming === 'failed' || (target.incoming === 'staged' && !target.rebooted);

/** Letters of `xl list`: the fourth is s for a domain that was shut down, the fifth the reason, s for suspended. */
export function isSuspended(state: string): boolean {
  return state[3] === 's' && state[4] === 's';
}
