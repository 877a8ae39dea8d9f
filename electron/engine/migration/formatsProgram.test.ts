import { type ChildProcess, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import undoText from '../remote/programs/create-undo.sh?raw';
import disksText from '../remote/programs/move-disks.sh?raw';
import disksInText from '../remote/programs/move-disks-in.sh?raw';
import shownText from '../remote/programs/move-shown.sh?raw';
import watchText from '../remote/programs/move-watch-writes.sh?raw';
import { madeUpHost, removeFolder, shells } from '../remote/programTest.ts';
import { endPrograms } from './ends.ts';
import { runLinked } from './linkedTest.ts';
import { qcow2Program } from './qcow2.ts';

/**
 * A disk that becomes another kind of file on its way: both halves of the copying, in two folders of this machine. No kernel of a test
 * shows a qcow2 file as a device, so that is played: a file `dev/nbdN` that what is in the file is written into when it is shown, and
 * that is written back when it goes. A qcow2 file is a head of 64 KiB here, which says how big the disk is, and then the disk.
 */
const chunk = 1048576;
const head = 65_536;
/** No multiple of the chunk, but of the sector. */
const size = 5 * chunk + 512 * 3;
const uuid = 'd4acd2a9-350f-471e-9f2b-802ac4947aee';
const qcow2Of = (bytes: Buffer): Buffer => {
  const before = Buffer.alloc(head);
  before.write('QFI\xfb', 'latin1');
  before.writeBigUInt64BE(BigInt(bytes.length), 24);
  return Buffer.concat([before, bytes]);
};

describe.each(shells.map((words) => ({ name: words.join(' '), words })))(
  'a disk that becomes another kind of file under $name',
  ({ words }) => {
    let world = '';
    let children: ChildProcess[] = [];
    const at = (...path: string[]) => join(world, ...path);
    const job = (...path: string[]) => at('source/jobs/m1', ...path);
    const incoming = (...path: string[]) => at('target/incoming/m1', ...path);
    const shell = words[0] === 'dash' ? ['/bin/dash'] : ['/usr/bin/busybox', 'sh'];
    const here = (text: string) => text.replaceAll('/dev/nbd', at('dev/nbd')).replaceAll('/sys/block', at('sys'));
    const env = () => ({ ...process.env, PATH: `${at('bin')}:${process.env.PATH}`, XENFERRY_ROOT: at('target') });
    const standIn = (name: string, text: string) => {
      writeFileSync(at('bin', name), `#!/bin/sh\n${text}\n`);
      chmodSync(at('bin', name), 0o755);
    };
    const sizeOf = (device: string) => readFileSync(at('sys', device, 'size'), 'utf8').trim();
    beforeEach(() => {
      world = mkdtempSync(join(tmpdir(), 'formats-'));
      children = [];
      for (const folder of ['source/jobs/m1', 'target/incoming/m1', 'images', 'there', 'bin', 'dev', 'sys/nbd0', 'sys/nbd1'])
        mkdirSync(at(folder), { recursive: true });
      for (const device of ['nbd0', 'nbd1']) {
        writeFileSync(at('dev', device), '');
        writeFileSync(at('sys', device, 'size'), '0\n');
      }
      writeFileSync(job('disks'), disksText);
      writeFileSync(job('watch-writes'), watchText);
      writeFileSync(job('shown'), here(shownText));
      writeFileSync(incoming('disks-in'), here(disksInText));
      writeFileSync(incoming('undo'), undoText);
      writeFileSync(incoming('admit'), ':');
      standIn('modprobe', '');
      standIn('xl', `[ "$3" != 'info block' ] || printf 'xvda: %s (qcow2)\\n' '${at('images/a.qcow2')}'`);
      standIn(
        'qemu-img',
        `echo "$*" >>'${at('asked')}'
[ "$1 $2 $3 $4 $5 $6 $#" = 'create -q -f qcow2 -o preallocation=metadata 8' ] || exit 1
printf 'QFI\\373' >"$7"
truncate -s $((${head} + $8)) "$7"`,
      );
      standIn(
        'qemu-nbd',
        `echo "$*" >>'${at('asked')}'
off='' read='' device='' options=''
while [ $# -gt 0 ]; do
  case $1 in
    -d | --disconnect) off=1 device=$2; shift ;;
    -c) device=$2; shift ;;
    --connect=*) device=\${1#*=} ;;
    --read-only) read=1 ;;
    driver=*) options=$1 ;;
  esac
  shift
done
block='${at('sys')}'/\${device##*/}
if [ "$off" ]; then
  [ ! -e "$block/writes" ] || dd if="$device" of="$(cat "$block/writes")" bs=${head} seek=1 conv=notrunc 2>/dev/null
  rm -f "$block/writes"
  : >"$device"
  echo 0 >"$block/size"
else
  file=$(printf %s "\${options#*file.filename=}" | sed 's/,,/,/g')
  [ "$(head -c 3 "$file")" = QFI ] || exit 1
  tail -c +${head + 1} "$file" >"$device"
  echo $(($(stat -c %s "$device") / 512)) >"$block/size"
  [ "$read" ] || printf %s "$file" >"$block/writes"
fi`,
      );
    });
    afterEach(async () => {
      for (const one of children) if (one.pid && one.exitCode === null) process.kill(-one.pid, 'SIGKILL');
      await removeFolder(world);
    });
    const carry = (from: string, how: string, as: string, to: string) => {
      writeFileSync(job('disks.list'), `0\t${how}\t${size}\txvda\t${from}\n`);
      if (from.endsWith('.qcow2')) writeFileSync(job('qcow2'), `0\t${from}\n`);
      writeFileSync(incoming('disks'), `0\t${as}\t${to}\n`);
    };
    const run = (script: string) =>
      runLinked({ shell, job: job(), disksIn: incoming('disks-in'), errors: at('errors'), env: env(), children }, script);
    /** The guest writes. */
    const change = (path: string, where: number) => `printf hello | dd of='${path}' bs=1 seek=${where} conv=notrunc 2>/dev/null`;
    const asked = () => readFileSync(at('asked'), 'utf8');

    it('raw becomes qcow2: written through a device as what is in it, what changes meanwhile too, and no device stays', async () => {
      const [from, to] = [at('images/a.img'), at('there/a, b.qcow2')];
      writeFileSync(from, randomBytes(size));
      carry(from, 'traced', 'qcow2', to);
      const said = await run(
        `disks live 5; ${change(from, 3 * chunk + 7)}; ${change(from, size - 5)}; disks last && disks end && echo good`,
      );
      expect(said).toContain(`disks total ${size}\ndisks round 1 ${size}\n`);
      expect(said).toContain(`disks last ${chunk + 512 * 3}\n`);
      expect(said).toMatch(/disks same\ngood\nreceiver 0\n$/);
      const made = readFileSync(to);
      expect(made.subarray(0, 4).toString('latin1')).toBe('QFI\xfb');
      expect(made.subarray(head).equals(readFileSync(from))).toBe(true);
      expect(asked()).toMatch(new RegExp(`create -q -f qcow2 .*preallocation=metadata .*xenferry-m1-0.part ${size}\\n`));
      expect(asked()).toContain(`file.filename=${to.replace(',', ',,')}`);
      // only the target's half has to do with qcow2
      expect(asked()).not.toContain('--read-only');
      expect([sizeOf('nbd0'), sizeOf('nbd1')]).toEqual(['0', '0']);
    });

    it('qcow2 becomes raw: read through a device that is opened anew in the pause, and compared', async () => {
      const [from, to] = [at('images/a.qcow2'), at('there/a.img')];
      writeFileSync(from, qcow2Of(randomBytes(size)));
      carry(from, 'compared', 'raw', to);
      const said = await run(`disks live 5; ${change(from, head + 2 * chunk)}; disks last && disks end && echo good`);
      expect(said).toContain(`disks last ${chunk}\n`);
      expect(said).toMatch(/disks same\ngood\nreceiver 0\n$/);
      expect(readFileSync(to).equals(readFileSync(from).subarray(head))).toBe(true);
      expect(statSync(to).size).toBe(size);
      expect(asked()).not.toContain('create');
      expect([sizeOf('nbd0'), sizeOf('nbd1')]).toEqual(['0', '0']);
    });

    it('with a stop, a qcow2 file goes back to the raw file it once was: only what differs is sent', async () => {
      const [from, to] = [at('images/a.qcow2'), at('there/a.img')];
      const bytes = randomBytes(size);
      writeFileSync(from, qcow2Of(bytes));
      const lay = at('there/.xenferry-trash/a.img');
      mkdirSync(at('there/.xenferry-trash'));
      const before = Buffer.from(bytes);
      before.fill(1, chunk, chunk + 10);
      writeFileSync(lay, before);
      mkdirSync(at('target/trash/t1'), { recursive: true });
      writeFileSync(at('target/trash/t1/manifest'), `lock\t${uuid}\nfile\t${to}\t${lay}\n`);
      carry(from, 'still', 'raw', `${to}\tt1`);
      const said = await run('disks still && disks close && echo good');
      expect(said).toContain(`disks round 1 ${chunk}\n`);
      expect(said).toMatch(/disks same\n(.*\n)*good\nreceiver 0\n$/);
      expect(readFileSync(to).equals(bytes)).toBe(true);
      expect(sizeOf('nbd0')).toBe('0');
    });

    it('where the guest does not come, the qcow2 file that was made goes, and its device with it', async () => {
      const [from, to] = [at('images/a.img'), at('there/a.qcow2')];
      writeFileSync(from, randomBytes(size));
      carry(from, 'traced', 'qcow2', to);
      writeFileSync(incoming('boot'), readFileSync('/proc/sys/kernel/random/boot_id'));
      writeFileSync(incoming('unlock'), ':');
      await run('disks live 5; kill $cut');
      expect(existsSync(to)).toBe(true);
      expect(sizeOf('nbd0')).toBe('0');
      const dropped = spawnSync(shell[0] ?? '', [...shell.slice(1), '-c', endPrograms.unstage.text, 'move-unstage', 'm1', 'drop', uuid], {
        env: env(),
        timeout: 15_000,
        encoding: 'utf8',
      });
      expect(dropped.stdout).toBe('ok\n');
      expect(existsSync(to)).toBe(false);
    });

    it('a target that lost its tools since, or whose devices are all taken, says so', async () => {
      const [from, to] = [at('images/a.img'), at('there/a.qcow2')];
      writeFileSync(from, randomBytes(size));
      carry(from, 'traced', 'qcow2', to);
      standIn('qemu-nbd', 'echo "qemu-nbd: Failed to open /dev/nbd0: No such file or directory" >&2; exit 1');
      expect(await run('disks live 5 || echo bad')).toMatch(/disks failed qemu-nbd: Failed to open .*\nbad\nreceiver 1\n/);
      for (const one of [job('to'), job('from'), job('line'), to]) rmSync(one, { force: true });
      for (const device of ['nbd0', 'nbd1']) writeFileSync(at('sys', device, 'size'), '8\n');
      expect(await run('disks live 5 || echo bad')).toMatch(/disks failed no \S*nbd is free \nbad\nreceiver 1\n/);
    });
  },
);

describe.each(shells)('what a host lacks for qcow2 files, under %s %s', (...words) => {
  const shell = words.filter(Boolean).length > 1 ? shells[1] : shells[0];
  const tools = { 'qemu-img': '', 'qemu-nbd': '', modprobe: '[ "$*" = "-n nbd" ]' };
  const lacks = async (standIns: Record<string, string>, files: Record<string, string> = {}) => {
    const host = madeUpHost();
    try {
      return (await host.run(shell, qcow2Program, { standIns, files, inside: ['/sys'] })).stdout;
    } finally {
      await host.remove();
    }
  };
  it('is nothing where all is there, whether its kernel has the module, or has it loaded', async () => {
    expect(await lacks(tools)).toBe('ok\n');
    expect(await lacks({ ...tools, modprobe: 'exit 1', modinfo: '[ "$*" = nbd ]' })).toBe('ok\n');
    expect(await lacks({ 'qemu-img': '', 'qemu-nbd': '' }, { '/sys/block/nbd0/size': '0' })).toBe('ok\n');
  });
  it('is said by name', async () => {
    expect(await lacks({})).toBe('lacks qemu-img\nlacks qemu-nbd\nlacks nbd\nok\n');
    expect(await lacks({ ...tools, modprobe: 'exit 1', modinfo: 'exit 1' })).toBe('lacks nbd\nok\n');
  });
});
