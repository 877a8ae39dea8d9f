import type { Handlers } from '../contract/api.ts';
import type { Port } from '../contract/port.ts';
import { fail } from '../contract/problem.ts';
import { createConsoles } from './console/consoles.ts';
import { createCreation } from './creation/creation.ts';
import { createDoctor } from './doctor/doctor.ts';
import { createGuests } from './guests/guests.ts';
import { createHosts } from './hosts/hosts.ts';
import { limits } from './limits.ts';
import { createMigration } from './migration/migration.ts';
import { createPlans } from './plans/plans.ts';
import { createSettings } from './store/settings.ts';
import { keepPings } from './tasks/keptPings.ts';
import { createTasks } from './tasks/tasks.ts';
import { createTwins } from './twins/twins.ts';
import type { World } from './world.ts';

/** The program without a face. */
export interface Engine {
  handlers: Handlers;
  /** Joins a byte stream that a call named to its port. False: no such stream. */
  join(stream: string, port: Port): boolean;
  close(): void;
}

/** Builds the engine in its world. Reads as a table of contents. */
export async function createEngine(world: World, within = limits): Promise<Engine> {
  const settings = await createSettings(world);
  const tasks = await createTasks({ world });
  const hosts = await createHosts({ world, limits: within, settings });
  const guests = createGuests({ world, limits: within, hosts, tasks });
  const creation = createCreation({ world, limits: within, hosts, guests, tasks });
  const migration = createMigration({ world, limits: within, hosts, guests, tasks });
  const stopKeeping = keepPings(tasks, migration.handlers['migration.pings']);
  const twins = createTwins({ world, hosts, guests });
  const plans = await createPlans({ world, hosts, guests, tasks, migration });
  const doctor = createDoctor({ world, hosts, guests, tasks });
  const consoles = createConsoles({ world, limits: within, hosts, guests });
  return {
    handlers: {
      ...settings.handlers,
      ...tasks.handlers,
      ...hosts.handlers,
      ...guests.handlers,
      ...creation.handlers,
      ...migration.handlers,
      ...twins.handlers,
      ...plans.handlers,
      ...doctor.handlers,
      ...consoles.handlers,
      'app.openDemo': async () => {
        if (!world.openDemo) fail('call.unknown', { name: 'app.openDemo' });
        await world.openDemo();
        return null;
      },
      'app.info': async () => ({
        version: world.version,
        shell: world.shell,
        demo: world.demo,
        secrets: world.secrets.kept,
        platform: world.platform,
      }),
    },
    join: (stream, port) => consoles.join(stream, port),
    close() {
      stopKeeping();
      for (const part of [consoles, doctor, plans, twins, migration, creation, guests, hosts, tasks]) part.close();
    },
  };
}
