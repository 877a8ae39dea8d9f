import type { Guests, Hosts, Migration, Tasks } from '../parts.ts';
import type { World } from '../world.ts';

/** What this folder needs of the rest of the engine. */
export interface PlanParts {
  world: World;
  hosts: Hosts;
  guests: Guests;
  tasks: Tasks;
  migration: Migration;
}
