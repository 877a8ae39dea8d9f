import type { Guest, GuestId } from './guest.ts';
import type { HostId } from './host.ts';
import type { Task } from './task.ts';

/**
 * Which guest is which, over moves. A guest with a `uuid` in its config keeps its GuestId; one without is named by host and file,
 * so that it has another GuestId on each host, and while its config is on the way the one of its running domain: the UUID.
 */

/** The GuestId this guest has after a move: a config goes to the same path. */
export function guestIdAfterMove(guestId: GuestId, from: HostId, to: HostId): GuestId {
  return guestId.startsWith(`${from}:`) ? `${to}:${guestId.slice(from.length + 1)}` : guestId;
}

/** Whether `now` is the guest that was seen as `before`, on whatever host. One whose UUID isn't known is told by the bytes of its config. */
export function isSameGuest(before: Guest, now: Guest): boolean {
  if (before.guestId === now.guestId) return true;
  if (before.uuid !== null && now.uuid !== null) return before.uuid === now.uuid;
  return before.name === now.name && before.config !== null && before.config.version === now.config?.version;
}

/** A guest that is no longer where it was seen: where it is now, rather whole than as the half of a move; null: nowhere. */
export function findAgain(before: Guest, all: Iterable<Guest>): Guest | null {
  const rank = (one: Guest) => (one.leftover ? (one.hostId === before.hostId ? 2 : 3) : one.state === 'halted' ? 1 : 0);
  let best: Guest | null = null;
  for (const one of all) if (isSameGuest(before, one) && (!best || rank(one) < rank(best))) best = one;
  return best;
}

/** Whether tasks of this kind bring a guest to another host. */
export const isMove = (kind: Task['kind']): boolean =>
  kind === 'guest.migrate' || kind === 'guest.moveStopped' || kind === 'guest.moveConfig';

/** Whether this task moves, or moved, this guest, by whichever of its names it is seen now (names are unique on a host). */
export function isMoveOf(task: Task, guest: Guest): boolean {
  if (!isMove(task.kind)) return false;
  if (task.guestId === guest.guestId) return true;
  const here = task.hostId === guest.hostId || task.targetHostId === guest.hostId;
  return here && guest.name.replace(/--(incoming|migratedaway)$/, '') === task.guestName;
}

/** Whether a task is about the guest of this id on this host, also at the end of a move to it. */
export function concernsGuest(task: Task, hostId: HostId, guestId: GuestId): boolean {
  if (task.guestId === null) return false;
  if (task.hostId === hostId && task.guestId === guestId) return true;
  return task.targetHostId === hostId && guestIdAfterMove(task.guestId, task.hostId, hostId) === guestId;
}

/** All GuestIds this guest had, by its moves. `tasks`: newest first. */
export function earlierGuestIds(guestId: GuestId, tasks: readonly Task[]): ReadonlySet<GuestId> {
  const ids = new Set([guestId]);
  for (const { kind, outcome, hostId, targetHostId, guestId: was } of tasks) {
    if (!isMove(kind) || outcome?.is !== 'done' || !was || !targetHostId) continue;
    if (ids.has(guestIdAfterMove(was, hostId, targetHostId))) ids.add(was);
  }
  return ids;
}
