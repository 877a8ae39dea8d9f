import type { Host } from '../../contract/host.ts';
import type { PlanParts } from './needs.ts';

/** How long a host that is just being connected is waited for, ms: a silent one pauses the plan. */
const COMING_MS = 10_000;

/** Its link opens, or is open and it has not been heard yet. */
const isComing = ({ link, seenAt, watchProblem }: Host) =>
  link.is === 'opening' || (link.is === 'open' && seenAt === null && watchProblem === null);

/** Resolves when no host is just being connected: right after the program began, all of them are. */
export function allCame({ world, hosts }: Pick<PlanParts, 'world' | 'hosts'>): Promise<void> {
  if (!hosts.all().some(isComing)) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      undoTimer();
      undoChange();
      resolve();
    };
    const undoTimer = world.clock.after(COMING_MS, end);
    const undoChange = hosts.onChange(() => {
      if (!hosts.all().some(isComing)) end();
    });
  });
}
