import { createContext, type KeyboardEvent, type MouseEvent, useContext } from 'react';
import type { Guest, GuestKey } from '../../../../electron/contract/guest.ts';
import type { HostId } from '../../../../electron/contract/host.ts';

/** What a block needs of its rack; the same object while the rack stands. */
export interface Rack {
  matches(text: string, filter: string): boolean;
  hostMatches(hostId: HostId, filter: string): boolean;
  onBlockKey(event: KeyboardEvent<HTMLElement>, guest: Guest): void;
  /** On the what-if board: it is drawn where it would be. */
  isMarked(key: GuestKey): boolean;
  /** Nothing here is real: no commands. */
  whatIf: boolean;
  onBlockMenu(event: MouseEvent<HTMLElement>, guest: Guest): void;
}

export const RackContext = createContext<Rack | null>(null);

/** The rack around this block. */
export function useRack(): Rack {
  const rack = useContext(RackContext);
  if (!rack) throw new Error('no rack around this block');
  return rack;
}
