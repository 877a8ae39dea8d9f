import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import filesText from '../remote/programs/move-files.sh?raw';
import shownText from '../remote/programs/move-shown.sh?raw';
import { removeFolder, shells } from '../remote/programTest.ts';

/** A qcow2 file shown as a device: /dev and /sys are folders, and qemu-nbd and xl are stand-ins that write down what they were asked. */
describe.each(shells.map((words) => ({ name: words.join(' '), words })))('a shown qcow2 file under $name', ({ words }) => {
  let world = '';
  const at = (...path: string[]) => join(world, ...path);
  const image = () => at('a,b $(x).qcow2');
  const standIn = (name: string, text: string) => {
    writeFileSync(at('bin', name), `#!/bin/sh\necho "${name} $*" >>'${at('asked')}'\n${text}\n`);
    chmodSync(at('bin', name), 0o755);
  };
  const asked = () => (existsSync(at('asked')) ? readFileSync(at('asked'), 'utf8').trim().split('\n') : []);
  const run = (text: string, name: string, ...args: string[]) => {
    const shell = words[0] === 'dash' ? ['/bin/dash'] : ['/usr/bin/busybox', 'sh'];
    const here = text.replaceAll('/dev/nbd', at('dev/nbd')).replaceAll('/sys/block', at('sys'));
    const file = at('job', name);
    writeFileSync(file, here);
    const env = { ...process.env, PATH: `${at('bin')}:${process.env.PATH}` };
    const [first = 'sh', ...rest] = [...shell, file, ...args];
    return spawnSync(first, rest, { encoding: 'utf8', env });
  };
  const sizeOf = (device: string) => join(at('sys', device), 'size');
  beforeEach(() => {
    world = mkdtempSync(join(tmpdir(), 'shown-'));
    for (const folder of ['bin', 'job', 'dev', 'sys/nbd0', 'sys/nbd1', 'sys/nbd2']) mkdirSync(at(folder), { recursive: true });
    for (const device of ['nbd0', 'nbd0p1', 'nbd1', 'nbd2']) writeFileSync(at('dev', device), '');
    writeFileSync(sizeOf('nbd0'), '2048\n'); // somebody else's
    for (const device of ['nbd1', 'nbd2']) writeFileSync(sizeOf(device), '0\n');
    writeFileSync(at('job/qcow2'), `0\t${image()}\n`);
    standIn('modprobe', '');
    standIn(
      'qemu-nbd',
      `for word; do case $word in
  --connect=*) echo 64 >'${at('sys')}'/"\${word##*/}"/size ;;
  --disconnect) off=1 ;;
  *) [ ! "\${off-}" ] || echo 0 >'${at('sys')}'/"\${word##*/}"/size ;;
esac; done`,
    );
    standIn(
      'xl',
      `case $3 in 'info block') printf 'floppy0: [not inserted]\\nxvda-qcow2: %s (qcow2)\\n    Cache mode: writeback\\n' '${image()}' ;; esac`,
    );
  });
  afterEach(() => removeFolder(world));

  it('is written out and opened afresh each time, read only, on a device that nobody has, and goes again', () => {
    expect(run(shownText, 'shown', 'open', '7').status).toBe(0);
    expect(readFileSync(at('job/at.0'), 'utf8')).toBe(`${at('dev/nbd1')}\n`);
    const open = asked().find((line) => line.startsWith('qemu-nbd'));
    expect(open).toContain('--read-only');
    expect(open).toContain(`file.filename=${image().replaceAll(',', ',,')}`);
    expect(asked().indexOf('xl qemu-monitor-command 7 qemu-io xvda-qcow2 flush')).toBeLessThan(asked().indexOf(open ?? ''));
    rmSync(at('asked'));
    expect(run(shownText, 'shown', 'anew', '7').status).toBe(0);
    expect(
      asked()
        .map((line) => line.split(' ').slice(0, 4).join(' '))
        .filter((line) => !line.startsWith('modprobe')),
    ).toMatchObject([
      'xl qemu-monitor-command 7 info',
      'xl qemu-monitor-command 7 qemu-io',
      `qemu-nbd --disconnect ${at('dev/nbd1')}`,
      expect.stringContaining('--connect='),
    ]);
    expect(run(shownText, 'shown', 'close').status).toBe(0);
    expect(run(shownText, 'shown', 'close').status).toBe(0);
    expect([existsSync(at('job/at.0')), readFileSync(sizeOf('nbd1'), 'utf8'), readFileSync(sizeOf('nbd0'), 'utf8')]).toEqual([
      false,
      '0\n',
      '2048\n',
    ]);
  });

  it('lets go of no device that is somebody else’s by now: after another start of its host, or of who served it', () => {
    writeFileSync(at('sys/nbd1/pid'), '41\n');
    expect(run(shownText, 'shown', 'open', '').status).toBe(0);
    const noted = readFileSync(at('job/nbd.0'), 'utf8');
    expect(noted).toMatch(/^[0-9a-f-]{36} 41\n$/);
    for (const [boot, pid] of [
      ['another-boot', '41'],
      [noted.split(' ')[0], '42'],
    ]) {
      writeFileSync(at('job/at.0'), `${at('dev/nbd1')}\n`);
      writeFileSync(at('job/nbd.0'), `${boot} ${pid}\n`);
      rmSync(at('asked'), { force: true });
      expect(run(shownText, 'shown', 'close').status).toBe(0);
      expect([asked(), existsSync(at('job/at.0'))]).toEqual([[], false]);
    }
  });

  it('leaves its server nothing of whoever called: no link that would stay open, no lock that would be held', () => {
    standIn('qemu-nbd', `ls -l /proc/self/fd >'${at('fds')}'`);
    const script = `exec 7>'${at('link')}' 9>'${at('lock')}'; sh '${at('job/shown')}' open ''`;
    writeFileSync(at('job/shown'), shownText.replaceAll('/dev/nbd', at('dev/nbd')).replaceAll('/sys/block', at('sys')));
    const env = { ...process.env, PATH: `${at('bin')}:${process.env.PATH}` };
    expect(spawnSync('sh', ['-c', script], { encoding: 'utf8', env }).status).toBe(0);
    expect(readFileSync(at('fds'), 'utf8')).not.toMatch(/\/(link|lock)$/m);
  });

  it('is not believed where the guest’s QEMU does not know it, or can’t write it out, or no device is free', () => {
    standIn('xl', "echo 'xvda: /other (qcow2)'");
    expect(run(shownText, 'shown', 'open', '7')).toMatchObject({ status: 1, stdout: `failed show ${image()}\n` });
    standIn('xl', `case $3 in 'info block') echo 'xvda: ${image()} (qcow2)' ;; *) echo "Error: Cannot find device" ;; esac`);
    expect(run(shownText, 'shown', 'open', '7')).toMatchObject({ status: 1, stdout: `failed flush ${image()}\n` });
    for (const device of ['nbd1', 'nbd2']) writeFileSync(sizeOf(device), '8\n');
    expect(run(shownText, 'shown', 'open')).toMatchObject({ status: 1, stdout: `failed show ${image()}\n` });
    expect(existsSync(at('job/at.0'))).toBe(false);
  });

  it('needs no QEMU where nobody writes, and nothing where there is no such file', () => {
    expect(run(shownText, 'shown', 'open', '').status).toBe(0);
    expect(asked().filter((line) => line.startsWith('xl '))).toEqual([]);
    rmSync(at('job/qcow2'));
    rmSync(at('asked'));
    expect(run(shownText, 'shown', 'close').status).toBe(0);
    expect(asked()).toEqual([]);
  });

  it('says how big the disk in it is', () => {
    const head = Buffer.alloc(72);
    head.write('QFI\xfb', 'latin1');
    head.writeBigUInt64BE(5_000_000_000_512n, 24);
    writeFileSync(image(), head);
    writeFileSync(at('raw.img'), Buffer.alloc(72));
    standIn('findmnt', 'echo "ext4 /dev/vda1"');
    expect(run(filesText, 'files', image(), at('raw.img')).stdout).toMatch(
      /^at 0 file \d+ 72\/5000000000512 ext4 \/dev\/vda1\nat 1 file \d+ 72 ext4 \/dev\/vda1\nok\n$/,
    );
  });
});
