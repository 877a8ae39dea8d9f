import type { Guest, GuestKey } from '../../../electron/contract/guest.ts';
import { findAgain } from '../../../electron/contract/guestIdentity.ts';
import type { GuestEntities, Mirror } from './mirror.ts';
import type { Ui } from './ui.ts';

/** The chosen guest stays chosen when it moves to another host, or is called otherwise there (no `uuid` in its config). Returns the undo. */
export function followChosen(mirror: Pick<Mirror, 'guests'>, ui: Ui): () => void {
  let seen: Guest | null = null;
  const look = () => {
    const { chosen } = ui.getState();
    if (chosen?.is !== 'guest') return;
    const all = mirror.guests.getState();
    if (seen?.key !== chosen.key) seen = null;
    const here = all.byId.get(chosen.key);
    if (here) {
      // its domain goes a moment before its config: what it ran as is remembered
      seen = { ...here, uuid: here.uuid ?? seen?.uuid ?? null };
      return;
    }
    const found = seen ? findAgain(seen, all.byId.values()) : sameId(chosen.key, all);
    if (!found) return;
    seen = found;
    ui.setState({ chosen: { ...chosen, key: found.key } });
  };
  const undo = [mirror.guests.subscribe(look), ui.subscribe(look)];
  return () => {
    for (const one of undo) one();
  };
}

/** A guest that was chosen where it has not been seen. */
function sameId(key: GuestKey, all: GuestEntities): Guest | null {
  const guestId = key.slice(key.indexOf('/') + 1);
  for (const guest of all.byId.values()) if (guest.guestId === guestId) return guest;
  return null;
}
