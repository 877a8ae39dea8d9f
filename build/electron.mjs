// Where Electron's program is, and whether its window can be opened here.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, say } from './ready.mjs';

const binary = { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }[process.platform] ?? 'electron';

/** The path of Electron's program, or null. `fetch`: tries to download it where it is missing. */
export function electronProgram({ fetch }) {
  const found = look();
  if (found || !fetch) return found;
  say("fetching Electron's program (about 100 MB, once)");
  const ran = spawnSync(process.execPath, [join(root, 'node_modules/electron/install.js')], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: 600_000,
  });
  return ran.status === 0 ? look() : null;
}

function look() {
  const places = [process.env.ELECTRON_OVERRIDE_DIST_PATH, join(root, 'node_modules/electron/dist')];
  const found = places.filter(Boolean).find((place) => existsSync(join(place, binary)));
  return found ? join(withOwnLoader(found), binary) : null;
}

/**
 * A runtime without Electron's default app has a loader of its own in resources/app. Such a loader may start us after the app is
 * ready, too late to register a scheme: then this is a linked copy of the runtime with a loader that doesn't.
 */
function withOwnLoader(place) {
  const loader = join(place, 'resources/app');
  if (!existsSync(loader) || existsSync(join(place, 'resources/default_app.asar'))) return place;
  const copy = join(root, 'node_modules/.cache/electron');
  const made = `${readFileSync(join(place, 'version'), 'utf8')} ${statSync(join(place, binary)).mtimeMs}`;
  const mark = join(copy, 'made-from');
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== made) {
    rmSync(copy, { recursive: true, force: true });
    linkTree(place, copy, (path) => path !== loader);
    writeFileSync(mark, made);
  }
  cpSync(join(root, 'build/electron-loader'), join(copy, 'resources/app'), { recursive: true });
  return copy;
}

/** The same files under another folder; copied where they can't be linked. */
export function linkTree(from, to, wanted) {
  mkdirSync(to, { recursive: true });
  for (const one of readdirSync(from, { withFileTypes: true })) {
    const [here, there] = [join(from, one.name), join(to, one.name)];
    if (!wanted(here)) continue;
    if (one.isDirectory()) linkTree(here, there, wanted);
    else {
      try {
        linkSync(here, there);
      } catch {
        copyFileSync(here, there);
      }
    }
  }
}

/** Whether there is a screen for a window. */
export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/** What Chromium's own sandbox needs on Linux: 'ready'; 'root' (it refuses root); or 'blocked' (neither user namespaces nor its helper). */
export function sandboxState(program) {
  if (process.platform !== 'linux') return 'ready';
  if (process.getuid?.() === 0) return 'root';
  const helper = statSync(join(program, '..', 'chrome-sandbox'), { throwIfNoEntry: false });
  if (helper && helper.uid === 0 && helper.mode & 0o4000) return 'ready';
  const setting = (name) => {
    try {
      return readFileSync(`/proc/sys/kernel/${name}`, 'utf8').trim();
    } catch {
      return null;
    }
  };
  const closed = setting('unprivileged_userns_clone') === '0' || setting('apparmor_restrict_unprivileged_userns') === '1';
  return closed ? 'blocked' : 'ready';
}
