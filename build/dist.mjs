// npm run dist [-- --dir]: packages for this system with electron-builder; --dir: the unpacked folder only.
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needBuild, needNode, needPackages, root, say } from './ready.mjs';

needNode();
needPackages();
needBuild();
const { build, Platform } = await import('electron-builder');
const { configuration } = await import('./electron-builder.mjs');

gatherLicences();
const runtime = process.env.ELECTRON_OVERRIDE_DIST_PATH;
const copy = runtime ? bareCopy(runtime) : null;
try {
  const made = await build({
    projectDir: root,
    targets: Platform.current().createTarget(process.argv.includes('--dir') ? 'dir' : null),
    config: {
      ...configuration,
      ...(copy ? { electronDist: copy, electronVersion: readFileSync(join(copy, 'version'), 'utf8').trim() } : {}),
    },
    publish: 'never',
  });
  for (const file of made) say(file);
} finally {
  if (copy) rmSync(copy, { recursive: true, force: true });
}

/** The licence of every package that is bundled, by the build's own word of what it is made of. */
function gatherLicences() {
  const to = join(root, 'out/licences');
  mkdirSync(to, { recursive: true });
  for (const name of shipped()) {
    const folder = join(root, 'node_modules', name);
    const licence = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
    if (licence) copyFileSync(join(folder, licence), join(to, `${name.replaceAll('/', '-').replace('@', '')}.txt`));
  }
}

/** What the sources import, and what those import in turn. */
function shipped() {
  const { devDependencies } = manifest(root);
  const tools =
    /^(@types|@biomejs|@testing-library|@typescript|@vitejs|electron)|^(axe-core|dependency-cruiser|fast-check|jsdom|knip|playwright-core|typescript|vite|vitest)$/;
  const found = new Set();
  const add = (name) => {
    const folder = join(root, 'node_modules', name);
    if (found.has(name) || !existsSync(folder)) return;
    found.add(name);
    for (const inner of Object.keys(manifest(folder).dependencies ?? {})) add(inner);
  };
  for (const name of Object.keys(devDependencies)) if (!tools.test(name)) add(name);
  return found;
}

function manifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** A runtime may have a loader in resources/app, which must not end up in what is shipped; and fuses are set in what is packed. */
function bareCopy(from) {
  if (!existsSync(join(from, 'version'))) {
    say(`no Electron in ${from}`);
    process.exit(1);
  }
  const to = mkdtempSync(join(tmpdir(), 'xenferry-dist-'));
  cpSync(from, to, { recursive: true, filter: (path) => path !== join(from, 'resources/app') });
  return to;
}
