import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where this platform keeps a program's data: Electron's `appData`, of which it makes `userData`. */
export function appFolder(name: string): string {
  const home = homedir();
  if (process.platform === 'win32') return join(process.env.APPDATA ?? join(home, 'AppData', 'Roaming'), name);
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', name);
  return join(process.env.XDG_CONFIG_HOME ?? join(home, '.config'), name);
}
