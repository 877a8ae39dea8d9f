import { type ChildProcess, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import undoText from '../remote/programs/create-undo.sh?raw';
import disksText from '../remote/programs/move-disks.sh?raw';
import disksInText from '../remote/programs/move-disks-in.sh?raw';
import watchText from '../remote/programs/move-watch-writes.sh?raw';
import { removeFolder, shells } from '../remote/programTest.ts';
import { endPrograms } from './ends.ts';
import { runLinked } from './linkedTest.ts';

/**
 * Both halves of copying a guest's own disks, in two folders of this machine, on plain files: the real texts under a real shell, joined
 * by two pipes as the job joins them. Without a Xen host nobody says what was written, so everything is compared.
 */
const chunk = 1048576;
/** No multiple of the chunk, but of the sector. */
const size = 7 * chunk + 512 * 3;
const uuid = 'd4acd2a9-350f-471e-9f2b-802ac4947aee';

describe.each(shells.map((words) => ({ name: words.join(' '), words })))('disks on their way under $name', ({ words }) => {
  let world = '';
  let children: ChildProcess[] = [];
  const at = (...path: string[]) => join(world, ...path);
  const job = (...path: string[]) => at('source/jobs/m1', ...path);
  const incoming = (...path: string[]) => at('target/incoming/m1', ...path);
  const shell = words[0] === 'dash' ? ['/bin/dash'] : ['/usr/bin/busybox', 'sh'];
  const image = (name: string) => at('images', name);
  const copy = (name: string) => at('there', name);
  beforeEach(() => {
    world = mkdtempSync(join(tmpdir(), 'disks-'));
    children = [];
    for (const folder of ['source/jobs/m1', 'target/incoming/m1', 'images', 'there', 'bin']) mkdirSync(at(folder), { recursive: true });
    writeFileSync(job('disks'), disksText);
    writeFileSync(job('watch-writes'), watchText);
    writeFileSync(incoming('disks-in'), disksInText);
    writeFileSync(incoming('undo'), undoText);
    writeFileSync(incoming('admit'), `: >'${at('admitted')}'`);
    standIn('xl', 'exit 0');
    disks([
      ['a.img', randomBytes(size)],
      ['b.img', Buffer.alloc(2 * chunk)],
    ]);
  });
  afterEach(async () => {
    for (const one of children) if (one.pid && one.exitCode === null) killGroup(one.pid);
    await removeFolder(world);
  });
  const killGroup = (pid: number) => {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {} // gone already
  };
  const standIn = (name: string, text: string) => {
    writeFileSync(at('bin', name), `#!/bin/sh\n${text}\n`);
    chmodSync(at('bin', name), 0o755);
  };
  const disks = (those: [string, Buffer][], how = 'traced') => {
    for (const [name, bytes] of those) writeFileSync(image(name), bytes);
    writeFileSync(
      job('disks.list'),
      those.map(([name, bytes], n) => `${n}\t${how}\t${bytes.length}\txvd${'ab'[n]}\t${image(name)}\n`).join(''),
    );
    writeFileSync(incoming('disks'), those.map(([name], n) => `${n}\traw\t${copy(name)}\n`).join(''));
  };
  const env = () => ({ ...process.env, PATH: `${at('bin')}:${process.env.PATH}`, XENFERRY_ROOT: at('target') });
  /** The job's part: the link, and `script`, which has it as 7 and 8. */
  const run = (script: string) =>
    runLinked({ shell, job: job(), disksIn: incoming('disks-in'), errors: at('errors'), env: env(), children }, script);
  const same = (name: string) => readFileSync(image(name)).equals(readFileSync(copy(name)));
  /** A hand changes some bytes of an image. */
  const change = (name: string, where: number) => `printf hello | dd of='${image(name)}' bs=1 seek=${where} conv=notrunc 2>/dev/null`;
  const drop = () =>
    spawnSync(shell[0] ?? '', [...shell.slice(1), '-c', endPrograms.unstage.text, 'move-unstage', 'm1', 'drop', uuid], {
      env: env(),
      timeout: 15_000,
      encoding: 'utf8',
    }).stdout;
  const stageFor = () => {
    writeFileSync(incoming('boot'), readFileSync('/proc/sys/kernel/random/boot_id'));
    writeFileSync(incoming('unlock'), ':');
  };

  it('copies all of it, of any size, and says how far it came', async () => {
    const said = await run('disks live 5 && disks last && disks end && echo good');
    expect(said).toMatch(/good\nreceiver 0\n$/);
    expect([same('a.img'), same('b.img')]).toEqual([true, true]);
    expect(statSync(copy('a.img')).size).toBe(size);
    const lines = said.split('\n').filter((line) => !/^disks rate/.test(line));
    expect(lines.slice(0, 7)).toEqual([
      `disks total ${size + 2 * chunk}`,
      `disks round 1 ${size + 2 * chunk}`,
      `disks copied ${size}`,
      `disks copied ${size + 2 * chunk}`,
      'disks comparing',
      'disks different 0',
      'disks last 0',
    ]);
    expect(said).toContain('disks same');
    expect(existsSync(at('admitted'))).toBe(true);
    expect(readFileSync(incoming('made'), 'utf8').split('\n')[1]).toContain('.xenferry-m1-0.part');
  });

  it('a volume that is longer than its disk: the rest is wiped, nobody else’s bytes stay, and both ends compare equal', async () => {
    const whole = 12 * chunk + 1024; // rounded up to extents of a kibibyte; the disk ends within a chunk
    writeFileSync(incoming('disks-in'), disksInText.replaceAll('/dev/$dest', `${at('there')}/$dest`));
    writeFileSync(job('disks.list'), `0\ttraced\t${size}\txvda\t${image('a.img')}\n`);
    writeFileSync(incoming('disks'), '0\tvolume\tvg0/web\n');
    mkdirSync(copy('vg0'));
    standIn('lvcreate', `head -c ${whole} /dev/zero | tr '\\0' s >'${copy('vg0/web')}'`);
    standIn('blockdev', `stat -c %s "$2"`);
    const said = await run(`disks live 5; ${change('a.img', size - 5)}; disks last && echo good`);
    expect(said).toContain('disks different 0\n');
    expect(said).toContain('disks same\ngood\n');
    const made = readFileSync(copy('vg0/web'));
    expect(made.length).toBe(whole);
    expect(made.subarray(0, size).equals(readFileSync(image('a.img')))).toBe(true);
    expect(made.subarray(size).equals(Buffer.alloc(whole - size))).toBe(true);
  });

  it('takes along what was written after it was copied, where only comparing tells', async () => {
    const said = await run(`disks live 5; ${change('a.img', 2_000_000)}; ${change('a.img', size - 5)}; disks last && echo good`);
    expect(said).toContain(`disks last ${chunk + 512 * 3}\n`);
    expect(said).toContain('disks same\ngood\n');
    expect([same('a.img'), same('b.img')]).toEqual([true, true]);
  });

  it('a cancel in the final pause is heard at once, and nothing is the same then', async () => {
    const real = spawnSync('sh', ['-c', 'command -v sha256sum'], { encoding: 'utf8' }).stdout.trim();
    // only the source's half: it is cancelled while the first of its disks is compared in the pause
    standIn('sha256sum', `if [ ! -e undo ] && [ -e '${at('pause')}' ]; then echo >>'${at('pause')}'; : >cancel; fi; exec ${real}`);
    const said = await run(`disks live 5; : >'${at('pause')}'; disks last || echo stopped; echo '[' $(wc -l <'${at('pause')}') ']'`);
    expect(said).toContain('disks failed cancelled\nstopped\n[ 1 ]\n');
    expect(said).not.toContain('disks same');
    // what is to be sent is not begun either
    for (const one of ['to', 'from', 'line', 'cancel', 'enough']) rmSync(job(one), { force: true });
    for (const name of ['a.img', 'b.img']) rmSync(copy(name));
    const again = await run(`disks live 5; ${change('a.img', 5)}; : >cancel; disks last || echo stopped`);
    expect(again).toContain('disks failed cancelled\nstopped\n');
    expect(again).not.toContain('disks last');
  });

  it('sends again what differs when both ends are compared', async () => {
    // somebody writes to the target's disk behind our back, before it is compared
    const real = spawnSync('sh', ['-c', 'command -v dd'], { encoding: 'utf8' }).stdout.trim();
    standIn(
      'dd',
      `case "$*" in
  *of=${copy('a.img')}*fsync*) [ -e '${at('spoilt')}' ] || { : >'${at('spoilt')}'; printf x | ${real} of='${copy('a.img')}' bs=1 seek=3000000 conv=notrunc 2>/dev/null; } ;;
esac
exec ${real} "$@"`,
    );
    const said = await run('disks live 5 && disks last && echo good');
    expect(said).toContain('disks different 1\n');
    expect(said).toContain(`disks round 2 ${chunk}\n`);
    expect(said).toContain('good\n');
    expect(same('a.img')).toBe(true);
  });

  it('never says that both ends are the same when the target does not read back what was sent', async () => {
    const real = spawnSync('sh', ['-c', 'command -v sha256sum'], { encoding: 'utf8' }).stdout.trim();
    // only the target's half: its folder is the one with `undo`
    standIn('sha256sum', `if [ -e undo ] && [ -e '${at('lies')}' ]; then cat >/dev/null; echo "0 -"; else exec ${real}; fi`);
    const said = await run(`disks live 5; : >'${at('lies')}'; disks last && echo good`);
    expect(said).toContain('disks failed different\n');
    expect(said).not.toMatch(/disks same|good/);
  });

  it('does not touch a disk of that name, and says so', async () => {
    writeFileSync(copy('b.img'), 'of somebody else');
    stageFor();
    const said = await run('disks live 5 || echo bad');
    expect(said).toMatch(/disks failed .*File exists/);
    expect(said).toContain('bad\nreceiver 1\n');
    expect(drop()).toBe('ok\n');
    expect(readFileSync(copy('b.img'), 'utf8')).toBe('of somebody else');
    expect(existsSync(copy('a.img'))).toBe(false);
    expect(existsSync(incoming())).toBe(false);
  });

  it('a target without room: its words are told', async () => {
    const real = spawnSync('sh', ['-c', 'command -v dd'], { encoding: 'utf8' }).stdout.trim();
    standIn(
      'dd',
      `case "$*" in *of='${copy('a.img')}'*|*of=${copy('a.img')}*) echo "dd: error writing: No space left on device" >&2; exit 1 ;; esac; exec ${real} "$@"`,
    );
    const said = await run('disks live 5 || echo bad');
    expect(said).toMatch(/^disks failed .*No space left on device/m);
    expect(said).toContain('bad\n');
  });

  it('a place that lacks room by now is told before anything is made; files on one file system share it', async () => {
    standIn('df', 'echo head; echo "/dev/x 100000 1 8192 1% /there"'); // 8 MiB: enough for the first
    const said = await run('disks live 5; disks last && echo good');
    expect(said).toMatch(/^disks failed \S+there: [1-9]\d* MiB short/m);
    expect(said).not.toContain('good');
    expect(existsSync(copy('b.img'))).toBe(false);
  });

  it('what the disk there refuses only when it is written out is a failure', async () => {
    const real = spawnSync('sh', ['-c', 'command -v dd'], { encoding: 'utf8' }).stdout.trim();
    standIn('dd', `case "$*" in *fsync*) echo 'fsync failed: Input/output error' >&2; exit 1 ;; esac; exec ${real} "$@"`);
    const said = await run('disks live 5; disks last && echo good');
    expect(said).toContain('Input/output error');
    expect(said).not.toMatch(/disks comparing|good/);
  });

  it('disks that would have to be compared for too long while the guest stands still are told before it does', async () => {
    writeFileSync(job('disks'), disksText.replace('stands=900', 'stands=-3'));
    const said = await run('disks live 5 && echo good');
    expect(said).toMatch(/disks failed pause \d+\n/);
    expect([said.includes('good'), existsSync(at('admitted'))]).toEqual([false, false]);
  });

  it('a link that goes in the middle ends both halves, and drop takes away exactly what was made', async () => {
    stageFor();
    const real = spawnSync('sh', ['-c', 'command -v dd'], { encoding: 'utf8' }).stdout.trim();
    // the source's half reads a little and then hangs; the link is cut meanwhile
    standIn(
      'dd',
      `case "$*" in if=*b.img*) [ -e undo ] || { ${real} "$@" count=1 2>/dev/null; : >'${at('hangs')}'; exec sleep 1; } ;; esac; exec ${real} "$@"`,
    );
    const said = run('disks live 5 & d=$!; while [ ! -e ../../../hangs ]; do sleep 0.1; done; kill $cut; wait $d || echo bad');
    expect(await said).toContain('bad\n');
    expect(existsSync(copy('a.img'))).toBe(true);
    writeFileSync(copy('other.img'), 'stays');
    expect(drop()).toBe('ok\n');
    expect([existsSync(copy('a.img')), existsSync(copy('b.img')), existsSync(copy('other.img'))]).toEqual([false, false, true]);
  }, 60_000);

  it('drop leaves what has become something else, and all of it where the guest came', async () => {
    stageFor();
    await run('disks live 5 && disks last');
    renameSync(copy('a.img'), at('there/old')); // its inode stays taken
    writeFileSync(at('there/new'), 'another');
    symlinkSync(at('there/new'), copy('a.img'));
    writeFileSync(incoming('exit'), '0\n');
    expect(drop()).toBe('failed came\n');
    expect(existsSync(copy('b.img'))).toBe(true);
    rmSync(incoming('exit'));
    standIn('xl', `[ "$1" != vm-list ] || echo '${uuid} 5 x'`);
    expect(drop()).toBe('failed came\n');
    standIn('xl', 'exit 0');
    expect(drop()).toBe('ok\n');
    expect(existsSync(copy('b.img'))).toBe(false);
    expect(readFileSync(copy('a.img'), 'utf8')).toBe('another');
  });

  it('goes no faster than the limit', async () => {
    writeFileSync(job('limit'), '4\n');
    const before = Date.now();
    expect(await run('disks live 5 && echo good')).toContain('good');
    // 9 MiB, compared at full speed
    expect(Date.now() - before).toBeGreaterThan(1900);
  });

  it('a file that grew meanwhile is not torn apart, nor taken for all of it', async () => {
    for (const when of ['disks live 5;', '']) {
      const said = await run(
        `${when} truncate -s ${9 * chunk} '${image('a.img')}'; ${when ? '' : 'disks live 5;'} disks last && echo good`,
      );
      expect(said).toContain(`disks failed size ${image('a.img')}\n`);
      expect(said).not.toMatch(/disks same|good/);
      rmSync(job('to'));
      rmSync(job('from'));
      rmSync(job('line'));
      for (const name of ['a.img', 'b.img']) rmSync(copy(name), { force: true });
      writeFileSync(image('a.img'), randomBytes(size));
    }
  }, 60_000);

  it('the target takes nothing but figures for figures', async () => {
    const sum = `a[$(: >'${at('broken')}')]`;
    const text = ['chunk 512', 'disk 0 512', 'disk 1 512', 'make', `put 0 ${sum} 1`].join('\n');
    const bash = spawnSync('bash', [incoming('disks-in')], { env: env(), input: `${text}\n`, encoding: 'utf8', timeout: 15_000 });
    expect(bash.stdout).toBe('made\nfailed word put \n');
    expect(existsSync(at('broken'))).toBe(false);
    const here = spawnSync(shell[0] ?? '', [...shell.slice(1), incoming('disks-in')], {
      env: env(),
      input: 'chunk x=1\n',
      encoding: 'utf8',
    });
    expect(here.stdout).toBe('failed word chunk \n');
  });

  it('a file that is cut short meanwhile is not taken for all of it', async () => {
    const said = await run(`disks live 5; truncate -s ${2 * chunk} '${image('a.img')}'; disks last && echo good`);
    expect(said).not.toMatch(/disks same|good/);
  }, 60_000);
});
