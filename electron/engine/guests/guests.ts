import type { Guests } from '../parts.ts';
import { createMirror, type GuestsParts } from './mirror.ts';

/** What runs and what is stored, from the watch; and what can be done to one guest. */
export function createGuests(parts: GuestsParts): Guests {
  const mirror = createMirror(parts);
  return { ...mirror, handlers: { ...mirror.handlers } as Guests['handlers'] };
}
