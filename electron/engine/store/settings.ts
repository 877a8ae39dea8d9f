import type { Handlers } from '../../contract/api.ts';
import { type Settings, settings as shape } from '../../contract/app.ts';
import type { World } from '../world.ts';

/** The operator's own settings, in `settings.json`. */
export interface SettingsStore {
  handlers: Pick<Handlers, 'settings.read' | 'settings.write'>;
  now(): Settings;
}

export async function createSettings(world: World): Promise<SettingsStore> {
  let now = shape.parse({});
  const stored = await world.files.read('settings.json');
  if (stored !== null) {
    try {
      now = shape.parse(JSON.parse(stored));
    } catch {
      world.log('warn', 'settings.unreadable'); // the defaults serve; the file is written anew at the next change
    }
  }
  return {
    now: () => now,
    handlers: {
      'settings.read': async () => now,
      'settings.write': async (next) => {
        await world.files.write('settings.json', `${JSON.stringify(next, null, 2)}\n`);
        now = next;
        return now;
      },
    },
  };
}
