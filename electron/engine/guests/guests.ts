import type { Guests } from '../parts.ts';
import { createLifecycle } from './lifecycle.ts';
import { createMirror, type GuestsParts } from './mirror.ts';
import { storedHandlers } from './stored.ts';

/** What runs and what is stored, from the watch; and what can be done to one guest. */
export function createGuests(parts: GuestsParts): Guests {
  const mirror = createMirror(parts);
  const lifecycle = createLifecycle(parts, mirror);
  return {
    ...mirror,
    handlers: { ...mirror.handlers, ...lifecycle.handlers, ...storedHandlers(parts, mirror) },
    close() {
      lifecycle.close();
      mirror.close();
    },
  };
}
