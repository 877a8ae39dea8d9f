import type { GuestKey } from '../../../../electron/contract/guest.ts';

/** Console of a guest, in the inspector. */
export function ConsoleTab({ guestKey }: { guestKey: GuestKey }) {
  return <div data-guest={guestKey} />;
}
