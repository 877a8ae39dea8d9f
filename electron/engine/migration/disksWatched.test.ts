import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import undoText from '../remote/programs/create-undo.sh?raw';
import disksText from '../remote/programs/move-disks.sh?raw';
import disksInText from '../remote/programs/move-disks-in.sh?raw';
import watchText from '../remote/programs/move-watch-writes.sh?raw';
import { removeFolder, shells } from '../remote/programTest.ts';

/**
 * Copying a disk that is watched: the kernel's side (tracefs, the backend in xenstore) is a folder of files, and `dd` on its pipe gives
 * what a guest's write would be told as, and the mark that went in before. Told in the words of real kernels.
 */
const chunk = 1048576;
const size = 8 * chunk;

describe.each(shells.map((words) => ({ name: words.join(' '), words })))('a watched disk under $name', ({ words }) => {
  let world = '';
  let children: ChildProcess[] = [];
  const at = (...path: string[]) => join(world, ...path);
  const job = (...path: string[]) => at('source/jobs/m1', ...path);
  const incoming = (...path: string[]) => at('target/incoming/m1', ...path);
  const shell = words[0] === 'dash' ? ['/bin/dash'] : ['/usr/bin/busybox', 'sh'];
  const image = () => at('a.img');
  const standIn = (name: string, text: string) => {
    writeFileSync(at('bin', name), `#!/bin/sh\n${text}\n`);
    chmodSync(at('bin', name), 0o755);
  };
  const real = (name: string) => spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
  const instance = () => at('tracing/instances/xenferry-m1');
  beforeEach(() => {
    world = mkdtempSync(join(tmpdir(), 'watched-'));
    children = [];
    for (const folder of ['source/jobs/m1', 'target/incoming/m1', 'there', 'bin', 'tracing/instances', 'devs/253:3/dm', 'nodes'])
      mkdirSync(at(folder), { recursive: true });
    const here = (text: string) =>
      text.replaceAll('/sys/kernel/tracing', at('tracing')).replaceAll('/sys/dev/block', at('devs')).replaceAll('/dev/block', at('nodes'));
    writeFileSync(job('disks'), here(disksText));
    writeFileSync(job('watch-writes'), here(watchText));
    writeFileSync(image(), randomBytes(size));
    writeFileSync(job('disks.list'), `0\ttraced\t${size}\txvda\t${image()}\n`);
    writeFileSync(incoming('disks'), `0\traw\t${at('there/a.img')}\n`);
    writeFileSync(incoming('disks-in'), disksInText);
    writeFileSync(incoming('undo'), undoText);
    writeFileSync(incoming('admit'), ':');
    standIn('xenstore-list', 'echo 51712');
    standIn('xenstore-read', 'case $1 in */dev) echo xvda ;; */physical-device) echo fd:3 ;; esac');
    standIn('mknod', ': >"$1"');
    standIn(
      'mkdir',
      `${real('mkdir')} "$@" || exit 1
case $1 in */instances/*) cd "$1" && ${real('mkdir')} -p options per_cpu/cpu0 events/block/block_rq_complete events/block/block_bio_complete events/block/block_bio_queue && : >trace_pipe ;; esac`,
    );
    standIn('rmdir', 'rm -r "$1"');
    kernel();
  });
  afterEach(async () => {
    for (const one of children) if (one.pid && one.exitCode === null) process.kill(-one.pid, 'SIGKILL');
    await removeFolder(world);
  });
  /** What the kernel does; `tells`: reads of the device are told, `nonblock`: dd can ask for what is there. */
  const kernel = ({ tells = true, nonblock = true } = {}) =>
    standIn(
      'dd',
      `case "$*" in
  if=*trace_pipe*)
    ${nonblock ? ':' : 'exit 1'}
    cd '${instance()}' || exit 1
    cat trace_pipe
    : >trace_pipe
    [ ! -e trace_marker ] || sed 's/^/ sh-1 [000] ..... 9.9: tracing_mark_write: /' trace_marker
    rm -f trace_marker ;;
  if=*node*) ${tells ? `echo ' dd-1 [000] d.h.. 1.0: block_bio_complete: 253,3 R 0 + 8 [0]' >>'${instance()}/trace_pipe'` : ':'} ;;
  *) exec ${real('dd')} "$@" ;;
esac`,
    );
  const run = (script: string): Promise<string> =>
    new Promise((resolve) => {
      const sh = shell.join(' ');
      const text = `cd '${job()}' || exit 1
mkfifo to from
${sh} '${incoming('disks-in')}' <to >from 2>>'${at('errors')}' &
link=$!
exec 7>to 8<from
disks() { ${sh} ./disks "$@"; }
tells() { printf ' swapper/0-0 [000] d.h.. 742.4: %s\\n' "$1" >>'${instance()}/trace_pipe'; }
changes() { printf hello | ${real('dd')} of='${image()}' bs=1 seek=$1 conv=notrunc 2>/dev/null; }
${script}
exec 7>&- 8<&-
wait $link`;
      const env = { ...process.env, PATH: `${at('bin')}:${process.env.PATH}` };
      const child = spawn(shell[0] ?? '', [...shell.slice(1), '-c', text], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
      children.push(child);
      let said = '';
      child.stdout.on('data', (bytes) => (said += bytes));
      child.stderr.on('data', (bytes) => (said += bytes));
      child.on('close', () => resolve(said));
    });
  const same = () => readFileSync(image()).equals(readFileSync(at('there/a.img')));

  it.each([
    ['before 6.11', '[0]'],
    ['with a priority', 'none,0,0 [0]'],
  ])('takes along exactly what was told (%s)', async (_name, end) => {
    const said = await run(
      `disks live 5; changes 3145729; tells 'block_rq_complete: 253,3 WS () 6144 + 8 ${end}'; disks last && echo good`,
    );
    expect(said).toContain(`disks last ${chunk}\n`);
    expect(said).toContain('disks same\ngood\n');
    expect(same()).toBe(true);
  });

  it('a write that device-mapper cut in two is told by its last part: the first part goes too', async () => {
    // chunks 2 and 3; told complete: only what is in chunk 3. It began before the copy, and another with the same end is under way
    const said = await run(`mkdir -p '${at('x')}'
disks live 5
tells 'block_bio_queue: 253,3 WS 6016 + 256 [4.xvda-0]'
changes 3145000; changes 3145729
tells 'block_bio_complete: 253,3 WS 6144 + 128 [0]'
disks last && echo good`);
    expect(said).toContain(`disks last ${2 * chunk}\n`);
    expect(said).toContain('good\n');
    expect(same()).toBe(true);
  });

  it('of a disk of more than a terabyte it is known to the sector where such a write began', async () => {
    const said = await run(`id=m1 tab='	' chunk=${chunk}
failed() { echo "failed $*"; }
. ./watch-writes
mkdir '${instance()}'
echo '253,3 0' >devices
: >dirty
: >begun
tells 'block_bio_queue: 253,3 WS 2147486600 + 2048 [4.xvda-0]'
drain
tells 'block_bio_complete: 253,3 WS 2147488136 + 512 [0]'
drain
grep '^0 ' dirty`);
    expect(said).toBe('0 1048577\n0 1048578\n');
  });

  it('compares all of it where the disk was taken away and brought again: it has another device', async () => {
    standIn('xenstore-read', `case $1 in */dev) echo xvda ;; */physical-device) cat '${at('device')}' ;; esac`);
    writeFileSync(at('device'), 'fd:3\n');
    const said = await run(`disks live 5; echo fd:4 >'${at('device')}'; changes 3145729; disks last && echo good`);
    expect(said).toContain('good\n');
    expect(same()).toBe(true);
  });

  it.each([
    ['this dd can not read what is there', { nonblock: false }],
    ['the device is not told of', { tells: false }],
  ])('compares all of it where %s', async (_why, how) => {
    kernel(how);
    const said = await run('disks live 5; changes 3145729; disks last && echo good');
    expect(said).toContain('good\n');
    expect(same()).toBe(true);
  });

  it('compares all of it when a mark does not come out again', async () => {
    const said = await run(`disks live 5; changes 3145729; : >'${at('deaf')}'; mv '${at('bin/dd')}' '${at('bin/dd2')}'
printf '#!/bin/sh\\ncase $1 in *trace_pipe*) exit 0 ;; esac; exec ${at('bin/dd2')} "$@"\\n' >'${at('bin/dd')}'; chmod 755 '${at('bin/dd')}'
disks last && echo good`);
    expect(said).toContain('good\n');
    expect(same()).toBe(true);
  });

  it('takes what the kernel says while nothing is sent, once there is much of it', async () => {
    const taken = `tries=0; while [ -s '${instance()}/trace_pipe' ] && [ $tries -lt 40 ]; do sleep 0.1; tries=$((tries + 1)); done
[ -s '${instance()}/trace_pipe' ] && echo left || echo taken`;
    const stats = (entries: number) => `printf 'entries: ${entries}\noverrun: 0\n' >'${instance()}/per_cpu/cpu0/stats'`;
    const said = await run(`disks live 5; ${stats(3)}; disks gather $$ 7>&- 8<&- &
sleep 0.5
${stats(3)}; changes 3145729; tells 'block_rq_complete: 253,3 W () 6144 + 8 [0]'
${taken}; ${stats(1000)}; ${taken}
disks last && echo good
wait $!; disks end; [ ! -e '${instance()}' ] && echo gone`);
    expect(said).toContain('left\ntaken\n');
    expect(said).toContain(`disks last ${chunk}\n`);
    expect(said).toContain('good\ngone\n');
    expect(same()).toBe(true);
  });

  it('looks again at what it sent because it differed', async () => {
    renameSync(at('bin/dd'), at('bin/dd2'));
    standIn(
      'dd',
      `case "$*" in
  *of=${at('there/a.img')}*fsync*)
    if [ "$(wc -l <'${at('times')}' 2>/dev/null || echo 0)" -lt 2 ]; then echo >>'${at('times')}'; printf x | ${real('dd')} of='${at('there/a.img')}' bs=1 seek=3000000 conv=notrunc 2>/dev/null; fi ;;
esac
exec '${at('bin/dd2')}' "$@"`,
    );
    const said = await run('disks live 5; disks last && echo good');
    expect(said).toContain('disks different 1\n');
    expect(said).toContain('good\n');
    expect(same()).toBe(true);
  });

  it('events that are lost while another disk is compared are not taken for none', async () => {
    writeFileSync(at('b.img'), Buffer.alloc(chunk));
    writeFileSync(job('disks.list'), `0\ttraced\t${size}\txvda\t${image()}\n1\tcompared\t${chunk}\txvdb\t${at('b.img')}\n`);
    writeFileSync(incoming('disks'), `0\traw\t${at('there/a.img')}\n1\traw\t${at('there/b.img')}\n`);
    const said = await run(`disks live 5; mv '${at('bin/dd')}' '${at('bin/dd2')}'
printf '#!/bin/sh\ncase $1 in *b.img) echo "overrun: 3" >"${instance()}/per_cpu/cpu0/stats" ;; esac; exec ${at('bin/dd2')} "$@"\n' >'${at('bin/dd')}'; chmod 755 '${at('bin/dd')}'
changes 3145729; disks last && echo good`);
    expect(said).toContain('disks failed lost\n');
    expect(said).not.toMatch(/disks same|good/);
  });

  it('a disk that comes back is compared whole once: then only what was sent, and what was written meanwhile', async () => {
    const bin = at('target/trash/m0');
    for (const folder of [bin, at('there/.xenferry-trash')]) mkdirSync(folder, { recursive: true });
    const [from, lay] = [at('there/a.img'), at('there/.xenferry-trash/m0-a.img')];
    copyFileSync(image(), lay);
    writeFileSync(join(bin, 'manifest'), `lock\tu\t\nfile\t${from}\t${lay}\n`);
    writeFileSync(incoming('disks'), `0\traw\t${from}\tm0\n`);
    // chunk 5 differs from before; chunk 2 is written while both ends are compared, after it was
    standIn(
      'sha256sum',
      `if [ ! -e undo ]; then
  echo >>'${at('sums')}'
  if [ "$(wc -l <'${at('sums')}')" = 5 ]; then
    printf hello | ${real('dd')} of='${image()}' bs=1 seek=2097152 conv=notrunc 2>/dev/null
    echo ' swapper/0-0 [000] d.h.. 742.4: block_rq_complete: 253,3 WS () 4096 + 8 [0]' >>'${instance()}/trace_pipe'
  fi
fi
exec ${real('sha256sum')}`,
    );
    const said = await run(`changes 5242880; disks live 5; echo "sums $(wc -l <'${at('sums')}')"; disks last && echo good`);
    expect(said).toContain(`disks round 1 ${chunk}\n`);
    expect(said).toContain('disks different 0\n');
    // the whole in one sum, and as that differs each chunk; then what was sent, and what was written
    expect(said).toMatch(new RegExp(`sums ${size / chunk + 1 + 1 + 1}\n`));
    expect(said).toContain('good\n');
    expect(same()).toBe(true);
  });

  it('a source without room for its notes never says that both ends are the same', async () => {
    standIn('sort', `[ ! -e '${at('full')}' ] || exit 2; exec ${real('sort')} "$@"`);
    const said = await run(
      `disks live 5; changes 3145729; tells 'block_rq_complete: 253,3 W () 6144 + 8 [0]'; : >'${at('full')}'; disks last && echo good`,
    );
    expect(said).not.toMatch(/disks same|good/);
  });
});
