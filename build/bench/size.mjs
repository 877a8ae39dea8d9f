// What is shipped beside Electron itself: the packed program and the licences.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { electronProgram } from '../electron.mjs';
import { root, say } from '../ready.mjs';

export async function measure(tell) {
  if (electronProgram({ fetch: false }) === null || process.platform !== 'linux') {
    say("size: Electron's program is not here; out/ is measured as it is packed");
    tell('install size beside Electron', size(join(root, 'out')) / 1e6, 'MB', 15);
    return;
  }
  const made = spawnSync(process.execPath, [join(root, 'build/dist.mjs'), '--dir'], { cwd: root, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  const folder = join(root, 'dist/linux-unpacked');
  const ours = ['resources', 'licences'].map((name) => join(folder, name)).filter((path) => existsSync(path));
  tell('install size beside Electron', ours.reduce((sum, path) => sum + size(path), 0) / 1e6, 'MB', 15);
}

function size(path) {
  const found = statSync(path);
  return found.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + size(join(path, name)), 0) : found.size;
}
