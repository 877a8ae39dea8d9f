import type { HostId } from '../../contract/host.ts';
import type { Task } from '../../contract/task.ts';

/** How long a move may take, seconds, by earlier moves between these two hosts (median of time per memory); null: never tried. */
export function expectedSeconds(history: readonly Task[], memoryMiB: number, from: HostId, to: HostId): number | null {
  const rates = history
    .flatMap(({ kind, hostId, targetHostId, outcome, migration }) => {
      const between = (hostId === from && targetHostId === to) || (hostId === to && targetHostId === from);
      const moved = kind === 'guest.migrate' && between && outcome?.is === 'done';
      return moved && migration?.wallMs && migration.memoryBytes > 0 ? [migration.wallMs / migration.memoryBytes] : [];
    })
    .sort((a, b) => a - b);
  const middle = rates[Math.floor(rates.length / 2)];
  return middle === undefined ? null : Math.max(1, Math.round((middle * memoryMiB * 1024 * 1024) / 1000));
}
