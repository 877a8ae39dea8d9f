// What every script needs first: packages installed as the lock file says, and out/ built from what lies here now.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..');
const stamp = join(root, 'out', 'built-from');
/** All that out/ is made of. */
const sources = [
  'electron',
  'renderer',
  'assets',
  'build/electron.vite.config.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
];

/** One line to the person; standard output belongs to what the script prints for programs. */
export function say(line) {
  process.stderr.write(`xenferry: ${line}\n`);
}

/** Ends with a sentence where Node is too old to go on. */
export function needNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  say(`Node 20.19 or newer is needed; this is ${process.versions.node}. / Node 20.19 以降が必要です（いまは ${process.versions.node}）。`);
  process.exit(1);
}

/** Installs packages where they are missing or not those of the lock file. */
export function needPackages() {
  if (installedAsLocked()) return;
  say('installing packages (npm ci); this takes a minute the first time');
  const npm = process.env.npm_execpath;
  const ran = npm?.endsWith('js')
    ? spawnSync(process.execPath, [npm, 'ci', '--no-audit', '--no-fund'], { cwd: root, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (ran.status !== 0) {
    say('npm ci failed: see above');
    process.exit(1);
  }
}

function installedAsLocked() {
  const read = (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  try {
    const wanted = read('package-lock.json');
    const here = read('node_modules/.package-lock.json');
    // Packages of other platforms are locked and not installed.
    return Object.entries(wanted).every(([path, one]) => path === '' || one.optional || one.peer || here[path]?.version === one.version);
  } catch {
    return false;
  }
}

/** Builds out/ where it is missing or stale. */
export function needBuild() {
  const now = digestOfSources();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return;
  say('building');
  const ran = spawnSync(
    process.execPath,
    ['node_modules/electron-vite/bin/electron-vite.js', 'build', '--config', 'build/electron.vite.config.ts', '--logLevel', 'warn'],
    { cwd: root, stdio: ['ignore', 2, 2] },
  );
  if (ran.status !== 0) {
    say('the build failed: see above');
    process.exit(1);
  }
  writeFileSync(stamp, now);
}

function digestOfSources() {
  const hash = createHash('sha256');
  const add = (path) => {
    const full = join(root, path);
    if (!existsSync(full)) return;
    const entries = path.includes('.') ? null : readdirSync(full, { withFileTypes: true, recursive: true });
    const files = entries ? entries.filter((one) => one.isFile()).map((one) => join(one.parentPath ?? one.path, one.name)) : [full];
    for (const file of files.sort()) if (!/\.test\.tsx?$/.test(file)) hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  };
  for (const path of sources) add(path);
  return hash.digest('hex');
}

/** Runs a program with our own standard streams until it ends, and ends as it did. */
export function become(command, words, more = {}) {
  const child = spawn(command, words, { cwd: root, stdio: 'inherit', ...more });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    say(`${command}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code) => process.exit(code ?? 1));
}
