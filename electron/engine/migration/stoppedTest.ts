import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { configText as keepText } from '../remote/configText.ts';
import undoText from '../remote/programs/create-undo.sh?raw';
import backText from '../remote/programs/move-back.sh?raw';
import disksText from '../remote/programs/move-disks.sh?raw';
import disksInText from '../remote/programs/move-disks-in.sh?raw';
import stoppedText from '../remote/programs/move-stopped.sh?raw';
import watchText from '../remote/programs/move-watch-writes.sh?raw';
import { removeFolder, type shells } from '../remote/programTest.ts';
import { endPrograms } from './ends.ts';

/**
 * The job of a move with a stop, and what receives it, in two folders of this machine: the real texts under a real shell. Stand-ins: xl
 * and xenstore over a file that says whether the guest has a domain, and the link, which runs the other half without ssh.
 */
export const uuid = 'd4acd2a9-350f-471e-9f2b-802ac4947aee';
const size = 3 * 1048576 + 512;
export const text = 'name = "web"\n';

/** Makes and removes it around each test of the suite that calls this. */
export function stoppedWorld(words: (typeof shells)[number]) {
  let world = '';
  const shell = words[0] === 'dash' ? ['/bin/dash'] : ['/usr/bin/busybox', 'sh'];
  const at = (...path: string[]) => join(world, ...path);
  const job = (...path: string[]) => at('source/jobs/m1', ...path);
  const incoming = (...path: string[]) => at('target/incoming/m1', ...path);
  const config = () => at('xen/web.cfg');
  const there = () => at('xen-there/web.cfg');
  const standIn = (name: string, script: string) => {
    writeFileSync(at('bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(at('bin', name), 0o755);
  };
  beforeEach(() => {
    world = mkdtempSync(join(tmpdir(), 'stopped-'));
    for (const folder of ['source/jobs/m1/aside', 'target/incoming/m1', 'images', 'there', 'bin', 'xen/auto'])
      mkdirSync(at(folder), { recursive: true });
    writeFileSync(at('images/a.img'), randomBytes(size));
    writeFileSync(config(), text);
    symlinkSync(config(), at('xen/auto/web.cfg'));
    symlinkSync(config(), job('aside/auto'));
    const here: Record<string, string> = {
      program: stoppedText,
      back: backText,
      disks: disksText,
      'watch-writes': watchText,
      keep: keepText,
      'disks.list': `0\tstill\t${size}\txvda\t${at('images/a.img')}\n`,
      'aside/config': text,
      'where-config': `${config()}\n`,
      'where-auto': `${at('xen/auto/web.cfg')}\n`,
      guest: `${uuid}\n`,
      target: 'osaka\n',
      name: 'web\n',
      link: `read -r stat </proc/$$/stat; set -- \${stat##*) }; echo "$$ \${20}" >stop; XENFERRY_ROOT='${at('target')}' exec ${shell.join(' ')} '${incoming('disks-in')}'`,
    };
    for (const [name, said] of Object.entries(here)) writeFileSync(job(name), said);
    const target: Record<string, string> = {
      guest: `${uuid}\n`,
      'disks-in': disksInText,
      undo: undoText,
      install: endPrograms.install.text,
      disks: `0\traw\t${at('there/a.img')}\n`,
      config: text,
      'where-config': `${there()}\n`,
      mode: '644\n',
      unlock: ':',
      boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'),
    };
    for (const [name, said] of Object.entries(target)) writeFileSync(incoming(name), said);
    standIn('losetup', 'exit 0');
    // its seconds are tenths here; who watches for a domain that appears outlives the job by one of its sleeps
    standIn('sleep', 'exec /bin/sleep 0.1');
    standIn('xenstore-list', `echo 0; [ ! -e '${at('domain')}' ] || echo 5`);
    standIn('xenstore-read', `case $1 in */5/vm) echo /vm/${uuid} ;; */5/name) echo web ;; *) exit 1 ;; esac`);
    standIn('xl', `echo "$@" >>'${at('xl')}'; case $1 in shutdown) rm '${at('domain')}' ;; esac`);
  });
  afterEach(() => removeFolder(world));
  const run = (domid = '', seconds = '2', ...more: string[]) =>
    spawnSync('/bin/sh', ['-c', 'echo $$ >shell; exec "$@"', 'run', ...shell, './program', 'web', uuid, domid, seconds, ...more], {
      cwd: job(),
      env: { ...process.env, PATH: `${at('bin')}:${process.env.PATH}`, XENFERRY_ROOT: at('source') },
      encoding: 'utf8',
      timeout: 60_000,
    });
  const phase = () => readFileSync(job('phase'), 'utf8').trim();
  const asked = () => (existsSync(at('xl')) ? readFileSync(at('xl'), 'utf8').split('\n').filter(Boolean) : []);
  const end = (host: 'source' | 'target', what: keyof typeof endPrograms, ...args: string[]) =>
    spawnSync(shell[0] ?? '', [...shell.slice(1), '-c', endPrograms[what].text, endPrograms[what].name, 'm1', ...args], {
      env: { ...process.env, PATH: `${at('bin')}:${process.env.PATH}`, XENFERRY_ROOT: at(host) },
      encoding: 'utf8',
    }).stdout;
  const drop = () => end('target', 'unstage', 'drop', uuid);
  /** Whoever calls this command first takes the job's shell, and the link, with it: a loss of power in that moment. */
  const dieAt = (command: string, when = 'true') => {
    const real = spawnSync('sh', ['-c', `command -v ${command}`], { encoding: 'utf8' }).stdout.trim();
    const pids = `cat '${job('shell')}' '${job('stop')}' 2>/dev/null | cut -d ' ' -f 1`;
    standIn(command, `if ${when}; then for pid in $(${pids}); do [ "$pid" -lt 2 ] || kill -9 "$pid"; done; fi\nexec ${real} "$@"`);
  };
  /** All of it is here, and once the rests are dropped nothing is there. */
  const staysHere = () => {
    expect(readFileSync(config(), 'utf8')).toBe(text);
    expect(existsSync(at('xen/auto/web.cfg'))).toBe(true);
    expect(existsSync(at('images/a.img'))).toBe(true);
    expect(existsSync(at('source/trash'))).toBe(false);
    expect(drop()).toBe('ok\n');
    expect([existsSync(at('there/a.img')), existsSync(there())]).toEqual([false, false]);
  };
  return { at, job, incoming, config, there, standIn, run, phase, asked, end, drop, dieAt, staysHere };
}
