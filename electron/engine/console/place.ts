import type { Guest } from '../../contract/guest.ts';

/** Where a guest runs: a console belongs to one domain of one host. */
export interface Place {
  hostId: string;
  domid: number;
}

/**
 * Where the guest runs now; null: nowhere. The halves of a migration don't count, so a console stays at the source until the
 * guest has arrived; while two hosts still list it, where it was before counts.
 */
export function placeOf(guests: readonly Guest[], guestId: string, before: Place | null): Place | null {
  const places = guests.flatMap((one) => {
    const { hostId, domid, state, leftover } = one;
    if (one.guestId !== guestId || domid === null || leftover !== null) return [];
    return state === 'halted' || state === 'dying' ? [] : [{ hostId, domid }];
  });
  return places.find((one) => samePlace(one, before)) ?? places[0] ?? null;
}

export const samePlace = (a: Place | null, b: Place | null): boolean => a?.hostId === b?.hostId && a?.domid === b?.domid;
