import type { GuestKey } from '../../../../electron/contract/guest.ts';
import type { HostId } from '../../../../electron/contract/host.ts';

/** What a move will do, with one button. */
export function MoveSheet(_: { keys: readonly GuestKey[]; targetHostId: HostId | null; onClose: () => void }) {
  return null;
}
