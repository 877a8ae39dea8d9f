import type { Guest } from '../../contract/guest.ts';

/** Whose console it is: its name, and the UUID its domain runs with, by which it is known again on another host. */
export interface Whose {
  guestId: string;
  uuid: string | null;
}

/** Where a guest runs: a console belongs to one domain of one host. */
export interface Place {
  hostId: string;
  domid: number;
}

/** Whether both mean the same guest: without a `uuid` in its config, it is called otherwise on each host. */
export const isWhose = (a: Whose, b: Whose): boolean => a.guestId === b.guestId || (a.uuid !== null && a.uuid === b.uuid);

/**
 * Where the guest runs now, and as whom; null: nowhere. The halves of a migration don't count, so a console stays at the source
 * until the guest has arrived; while two hosts still list it, where it was before counts.
 */
export function placeOf(guests: readonly Guest[], whose: Whose, before: Place | null): (Place & Whose) | null {
  const places = guests.flatMap((one) => {
    const { hostId, domid, state, leftover, guestId, uuid } = one;
    if (!isWhose(one, whose) || domid === null || leftover !== null) return [];
    return state === 'halted' || state === 'dying' ? [] : [{ hostId, domid, guestId, uuid }];
  });
  return places.find((one) => samePlace(one, before)) ?? places[0] ?? null;
}

export const samePlace = (a: Place | null, b: Place | null): boolean => a?.hostId === b?.hostId && a?.domid === b?.domid;
