import { createContext, type KeyboardEvent, type MouseEvent, useContext } from 'react';
import type { Guest } from '../../../../electron/contract/guest.ts';
import type { HostId } from '../../../../electron/contract/host.ts';

/** What a block needs of its rack; the same object while the rack stands. */
export interface Rack {
  matches(text: string, filter: string): boolean;
  hostMatches(hostId: HostId, filter: string): boolean;
  onBlockKey(event: KeyboardEvent<HTMLElement>, guest: Guest): void;
  onBlockMenu(event: MouseEvent<HTMLElement>, guest: Guest): void;
}

export const RackContext = createContext<Rack | null>(null);

/** The rack around this block. */
export function useRack(): Rack {
  const rack = useContext(RackContext);
  if (!rack) throw new Error('no rack around this block');
  return rack;
}
