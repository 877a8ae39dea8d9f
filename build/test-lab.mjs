// npm run test:lab [-- --set short|long] [--only KIND/PHASE/FAULT] [FILE…]: the engine against real Xen hosts in QEMU. Starts the lab, and stops it at the end.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { needNode, needPackages, root, say } from './ready.mjs';
import { finish, newCount, tests } from './steps.mjs';

needNode();
needPackages();
const words = process.argv.slice(2);
const at = words.indexOf('--set');
const set = at >= 0 ? words[at + 1] : 'short';
if (set !== 'short' && set !== 'long') {
  say('--set is short or long');
  process.exit(1);
}
if (at >= 0) words.splice(at, 2);
const onlyAt = words.indexOf('--only');
const only = onlyAt >= 0 ? (words.splice(onlyAt, 2)[1] ?? '') : '';
const files = only && words.length === 0 ? ['tests/lab/faults'] : words;

const lab = join(root, 'lab/xenlab');
const folder = process.env.XENLAB_DIR ?? join(homedir(), '.cache/xenlab');
const env = { ...process.env, XENLAB_DIR: folder };
const xenlab = (...how) => spawnSync(lab, how, { cwd: root, env, stdio: ['ignore', 2, 2] }).status === 0;

const running = isUp();
if (!running) {
  if (!existsSync(join(folder, 'base/built'))) say('building the lab (once, about 4 minutes)');
  if (!xenlab('build')) fail('lab/xenlab build failed');
  // In CI what an earlier run left on the hosts' disks has no say.
  if (process.env.CI && !xenlab('reset')) fail('lab/xenlab reset failed');
  say('starting two Xen hosts');
  if (!xenlab('up', '2')) fail('lab/xenlab up failed');
}
const count = newCount();
let stopped = running;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop() && process.exit(1));
await tests(count, `real Xen hosts (${set})`, ['lab'], {
  words: files,
  env: { XENLAB_DIR: folder, LAB: '1', LAB_SET: set, LAB_ONLY: only },
});
stop();
finish(count);

/** A lab that somebody else started stays up. */
function stop() {
  if (!stopped) xenlab('down');
  stopped = true;
  return true;
}

function isUp() {
  const said = spawnSync(lab, ['status'], { cwd: root, env, encoding: 'utf8' });
  return said.status === 0 && (said.stdout.match(/^host \d+ +running/gm) ?? []).length >= 2;
}

function fail(why) {
  say(why);
  process.stdout.write('0 passed, 1 failed\n');
  process.exit(1);
}
