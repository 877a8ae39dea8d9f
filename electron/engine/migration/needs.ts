import type { Limits } from '../limits.ts';
import type { Guests, Hosts, Tasks } from '../parts.ts';
import type { World } from '../world.ts';

/** What this folder needs of the rest of the engine. */
export interface MigrationParts {
  world: World;
  limits: Limits;
  hosts: Hosts;
  guests: Guests;
  tasks: Tasks;
}
