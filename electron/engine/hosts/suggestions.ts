import { join } from 'node:path';
import type { HostSuggestion } from '../../contract/host.ts';
import { readSshConfig } from '../ssh/config.ts';
import type { Desktop } from '../world.ts';

/** Hosts named in the operator's ~/.ssh/config and the files it includes. Nothing of it is run. */
export async function readSuggestions(desktop: Desktop): Promise<HostSuggestion[]> {
  try {
    const text = await desktop.readFile(join(desktop.home, '.ssh', 'config'));
    return text === null ? [] : await readSshConfig(text, desktop);
  } catch {
    return []; // not ours to read, or not to be understood: no suggestions
  }
}
