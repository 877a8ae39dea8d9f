import type { Guest } from '../../../electron/contract/guest.ts';
import type { Host, HostId } from '../../../electron/contract/host.ts';
import { memoryNeededMiB } from '../../../electron/contract/rules.ts';

/** If this host fails: do its running guests fit elsewhere? By memory alone, largest first. */
export type Spare = { is: 'fits' } | { is: 'short'; names: string[] } | { is: 'alone' };

/** Whether the guests of `failed` find room on the other connected hosts. */
export function spareFor(failed: HostId, hosts: readonly Host[], guestsOf: (id: HostId) => readonly Guest[]): Spare {
  const rooms = hosts
    .filter((one) => one.id !== failed && one.link.is === 'open' && one.facts?.toolstack === 'xl')
    .map((one) => one.freeMemoryMiB ?? one.facts?.freeMemoryMiB ?? 0);
  if (rooms.length === 0) return { is: 'alone' };
  const names: string[] = [];
  const running = guestsOf(failed).filter((one) => one.state !== 'halted' && one.leftover === null);
  for (const guest of [...running].sort((a, b) => b.memoryMiB - a.memoryMiB)) {
    const need = memoryNeededMiB(guest);
    const at = rooms.findIndex((free) => free >= need);
    if (at < 0) names.push(guest.name);
    else rooms[at] = (rooms[at] ?? 0) - need;
  }
  return names.length > 0 ? { is: 'short', names } : { is: 'fits' };
}
