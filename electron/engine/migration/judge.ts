import type { Look } from './ends.ts';

/**
 * What a move came to, from what both ends show. Pure: every crash of every part ends in one of these (docs/decisions).
 * - moved: it runs at the target; the source's rest, if any, may go
 * - stayed: it runs at the source; the target's rest may go
 * - suspended: it stands still at the source and the target certainly does not run it
 * - halted: it runs nowhere (the source was rebooted or the guest ended); the source's config is put back
 * - wait: the target is still receiving; ask again
 * - askTarget: the source can't tell; the target must be asked
 * - both: it seems to run at both ends; nothing is touched
 */
export type Judgement = 'moved' | 'stayed' | 'suspended' | 'halted' | 'wait' | 'askTarget' | 'both';

/** Ends of a job that put everything back by itself. */
const backHome = ['stayed', 'cancelled', 'changed'];

/** `target` null: it could not be asked. Only for a job that runs no more. */
export function judge(name: string, source: Look, target: Look | null): Judgement {
  const here = source.domains.find((one) => one.name === name);
  const away = source.domains.find((one) => one.name === `${name}--migratedaway`);
  // what the job itself saw to its end stays true, whatever was done with the guest since
  if (source.phase === 'moved') return 'moved';
  if (source.phase !== null && backHome.includes(source.phase)) return 'stayed';
  // before the point of no return the target can't have started it, whatever became of anything
  if (!source.committed && here && !isSuspended(here.state)) return 'stayed';
  if (!target) return 'askTarget';
  const there = target.domains.find((one) => one.name === name);
  if (there && here) return 'both';
  if (there) return 'moved';
  // the guest may have been shut down since it arrived: its own record says that it did arrive
  if (target.incoming === 'received') return here ? 'both' : 'moved';
  if (source.committed && target.incoming === 'receiving') return 'wait';
  if (here && !isSuspended(here.state)) return 'stayed';
  if (here || away) return 'suspended';
  return 'halted';
}

/** Letters of `xl list`: the fourth is s for a domain that was shut down, the fifth the reason, s for suspended. */
function isSuspended(state: string): boolean {
  return state[3] === 's' && state[4] === 's';
}
