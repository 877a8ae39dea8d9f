import { type ChildProcess, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configProgram } from '../guests/configFiles.ts';
import undoText from '../remote/programs/create-undo.sh?raw';
import mendText from '../remote/programs/doctor-mend.sh?raw';
import disksText from '../remote/programs/move-disks.sh?raw';
import disksInText from '../remote/programs/move-disks-in.sh?raw';
import watchText from '../remote/programs/move-watch-writes.sh?raw';
import { holdLock, removeFolder, shells } from '../remote/programTest.ts';
import { endPrograms } from './ends.ts';
import { runLinked } from './linkedTest.ts';

/**
 * A guest goes back to a host where its old disks lie in the trash: they become the beginning of its new ones. Both halves as in
 * disksPrograms.test.ts, on plain files; LVM is a folder whose files are renamed and tagged.
 */
const chunk = 1048576;
const size = 7 * chunk + 512 * 3;
const uuid = 'd4acd2a9-350f-471e-9f2b-802ac4947aee';

describe.each(shells.map((words) => ({ name: words.join(' '), words })))('disks on their way back under $name', ({ words }) => {
  let world = '';
  let children: ChildProcess[] = [];
  const at = (...path: string[]) => join(world, ...path);
  const job = (...path: string[]) => at('source/jobs/m2', ...path);
  const incoming = (...path: string[]) => at('target/incoming/m2', ...path);
  const bin = (...path: string[]) => at('target/trash/m1', ...path);
  const shell = words[0] === 'dash' ? ['/bin/dash'] : ['/usr/bin/busybox', 'sh'];
  const here = (name: string) => at('here', name);
  const there = (name: string) => at('there', name);
  const aside = (name: string) => at('there/.xenferry-trash', `m1-${name}`);
  const bytes: Record<string, Buffer> = {};
  const env = () => ({ ...process.env, PATH: `${at('bin')}:${process.env.PATH}`, XENFERRY_ROOT: at('target') });
  const standIn = (name: string, text: string) => {
    writeFileSync(at('bin', name), `#!/bin/sh\n${text}\n`);
    chmodSync(at('bin', name), 0o755);
  };
  const manifest = () => readFileSync(bin('manifest'), 'utf8');
  const program = (text: string, name: string, args: string[], input = '') =>
    spawnSync(shell[0] ?? '', [...shell.slice(1), '-c', text, name, ...args], {
      env: env(),
      input,
      timeout: 20_000,
      encoding: 'utf8',
    }).stdout;
  const putBack = () => program(configProgram.text, 'config', ['putback', 'm1']);
  const unstage = (...more: string[]) => program(endPrograms.unstage.text, 'move-unstage', ['m2', ...more]);
  const drop = () => unstage('drop', uuid);
  /** What `config` itself does when the guest leaves. */
  const shelve = (...disks: string[]) =>
    program(configProgram.text, 'config', ['shelve', 'm1', uuid, 'web', at('web.cfg'), '/etc/xen/web.cfg', 'host2', ...disks]);

  beforeEach(() => {
    world = mkdtempSync(join(tmpdir(), 'back-'));
    children = [];
    for (const folder of ['source/jobs/m2', 'target/incoming/m2', 'here', 'there', 'bin']) mkdirSync(at(folder), { recursive: true });
    writeFileSync(job('disks'), disksText);
    writeFileSync(job('watch-writes'), watchText);
    writeFileSync(incoming('disks-in'), disksInText);
    writeFileSync(incoming('undo'), undoText);
    writeFileSync(incoming('admit'), ':');
    writeFileSync(incoming('unlock'), ':');
    writeFileSync(incoming('guest'), `${uuid}\n`);
    writeFileSync(incoming('boot'), readFileSync('/proc/sys/kernel/random/boot_id'));
    writeFileSync(at('web.cfg'), 'name = "web"\n');
    standIn('xl', 'exit 0');
    standIn('losetup', 'exit 0');
    standIn('xenstore-list', 'exit 0');
    for (const name of ['a.img', 'b.img']) {
      bytes[name] = randomBytes(name === 'a.img' ? size : 2 * chunk);
      writeFileSync(there(name), bytes[name]);
    }
    expect(shelve(`xvda=${there('a.img')}`, `xvdb=${there('b.img')}`)).toBe('ok\n');
    for (const name of ['a.img', 'b.img']) writeFileSync(here(name), bytes[name] ?? '');
    list(['a.img', 'b.img']);
  });
  afterEach(async () => {
    for (const one of children) {
      try {
        if (one.pid && one.exitCode === null) process.kill(-one.pid, 'SIGKILL');
      } catch {} // gone already
    }
    await removeFolder(world);
  });
  /** Both disks; those of `olds` begin as what lies in the trash. */
  const list = (olds: string[]) => {
    const names = ['a.img', 'b.img'];
    writeFileSync(
      job('disks.list'),
      names.map((name, n) => `${n}\ttraced\t${statSync(here(name)).size}\txvd${'ab'[n]}\t${here(name)}\n`).join(''),
    );
    writeFileSync(incoming('disks'), names.map((name, n) => `${n}\traw\t${there(name)}${olds.includes(name) ? '\tm1' : ''}\n`).join(''));
  };
  const run = async (script: string): Promise<string> => {
    const said = await runLinked({ shell, job: job(), disksIn: incoming('disks-in'), errors: at('errors'), env: env(), children }, script);
    for (const one of ['to', 'from', 'line', 'enough']) rmSync(job(one), { force: true });
    return said;
  };
  const write = (path: string, where: number) => {
    const file = readFileSync(path);
    file.write('hello', where);
    writeFileSync(path, file);
  };
  const same = (name: string) => readFileSync(here(name)).equals(readFileSync(there(name)));
  /** As when the guest has come: the folder goes. */
  const came = () => {
    writeFileSync(incoming('exit'), '0\n');
    return unstage();
  };

  it('sends only the chunks that differ; then nothing of the trash’s entry is left', async () => {
    expect(manifest()).toContain(`vdev\t${there('a.img')}\txvda\n`);
    for (const where of [5, chunk + 7, size - 9]) write(here('a.img'), where);
    const inode = statSync(aside('a.img')).ino;
    const said = await run('disks live 5 && disks last && echo good');
    expect(said).toMatch(/good\nreceiver 0\n$/);
    const sent = 2 * chunk + 512 * 3;
    expect(said.split('\n').filter((line) => !/^disks rate/.test(line))).toEqual(
      expect.arrayContaining([
        `disks total ${size + 2 * chunk}`,
        `disks round 1 ${sent}`,
        'disks different 0',
        'disks last 0',
        'disks same',
      ]),
    );
    expect(said.indexOf('disks comparing')).toBeLessThan(said.indexOf('disks round 1'));
    expect([same('a.img'), same('b.img')]).toEqual([true, true]);
    expect(statSync(there('a.img')).ino).toBe(inode);
    expect(existsSync(aside('a.img'))).toBe(false);
    expect(came()).toBe('ok\n');
    expect([existsSync(bin()), existsSync(incoming()), existsSync(at('target/locks', uuid))]).toEqual([false, false, false]);
    expect([same('a.img'), same('b.img')]).toEqual([true, true]);
  });

  it('one old disk and one new: the new one goes whole, and an old one that was not used keeps its entry, which is whole no more', async () => {
    list(['a.img']);
    write(here('a.img'), chunk);
    const said = await run('disks live 5 && disks last && echo good');
    expect(said).toContain(`disks round 1 ${3 * chunk}\n`);
    expect([same('a.img'), same('b.img')]).toEqual([true, true]);
    expect(came()).toBe('ok\n');
    expect(existsSync(aside('b.img'))).toBe(true);
    expect(putBack()).toBe(`failed partly\t${there('a.img')}\n`);
  });

  it('while it runs nowhere: what differs goes, and only that is compared again', async () => {
    const still = () => writeFileSync(job('disks.list'), readFileSync(job('disks.list'), 'utf8').replaceAll('\ttraced\t', '\tstill\t'));
    write(here('a.img'), chunk + 7);
    write(here('b.img'), 5);
    list(['a.img']);
    still();
    const asked = at('digests');
    const there = disksInText.replace('digest() {', `digest() { echo "$*" >>'${asked}'`);
    expect(there).not.toBe(disksInText);
    writeFileSync(incoming('disks-in'), there);
    const said = await run('disks still && disks close && echo good');
    expect(said).toContain(`disks round 1 ${3 * chunk}\n`);
    expect(said).toMatch(/disks different 0\ndisks same\ngood\nreceiver 0\n$/);
    // the old one before, in one sum, and as they differ each chunk; its one chunk after; the new one after
    const each = Array.from({ length: 8 }, (_, nth) => `0 ${nth} 1\n`).join('');
    expect(readFileSync(asked, 'utf8')).toBe(`0 0 8\n${each}0 1 1\n1 0 2\n`);
    expect([same('a.img'), same('b.img')]).toEqual([true, true]);
    expect(drop()).toBe('ok\n');
    expect([existsSync(aside('a.img')), existsSync(aside('b.img'))]).toEqual([true, true]);
  });

  it('what is written there while the ends are compared goes too', async () => {
    const real = spawnSync('sh', ['-c', 'command -v sha256sum'], { encoding: 'utf8' }).stdout.trim();
    standIn(
      'sha256sum',
      `if [ ! -e undo ] && [ ! -e '${at('once')}' ]; then : >'${at('once')}'; ${real}; printf hello | dd of='${here('a.img')}' bs=1 conv=notrunc 2>/dev/null; else exec ${real}; fi`,
    );
    const said = await run('disks live 5 && disks last && echo good');
    expect(said).toContain('disks round 1 0\n');
    expect(said).toContain('good\n');
    expect([same('a.img'), same('b.img')]).toEqual([true, true]);
  });

  it('the entry says that a disk is no whole one before anything is written; a failed move lays it down again, and it serves the next', async () => {
    for (const where of [5, 3 * chunk]) write(here('a.img'), where);
    const real = spawnSync('sh', ['-c', 'command -v dd'], { encoding: 'utf8' }).stdout.trim();
    standIn(
      'dd',
      `case "$*" in *seek=*of='${there('a.img')}'*|*seek=*of=${there('a.img')}*) cp '${bin('manifest')}' '${at('then')}'; [ ! -e '${at('full')}' ] || { echo "No space left on device" >&2; exit 1; } ;; esac; exec ${real} "$@"`,
    );
    writeFileSync(at('full'), '');
    expect(await run('disks live 5 || echo bad')).toMatch(/disks failed .*No space left[\s\S]*bad\n/);
    expect(readFileSync(at('then'), 'utf8')).toContain(`base\t${there('a.img')}\t${aside('a.img')}\n`);
    expect(existsSync(there('a.img'))).toBe(true);
    expect(putBack()).toBe(`failed partly\t${there('a.img')}\n`);
    expect(drop()).toBe('ok\n');
    expect([existsSync(there('a.img')), existsSync(aside('a.img')), existsSync(aside('b.img'))]).toEqual([false, true, true]);
    expect(putBack()).toBe(`failed partly\t${there('a.img')}\n`);
    // the next attempt
    rmSync(at('full'));
    mkdirSync(incoming());
    writeFileSync(incoming('disks-in'), disksInText);
    for (const [name, text] of [
      ['undo', undoText],
      ['admit', ':'],
      ['guest', `${uuid}\n`],
    ] as const)
      writeFileSync(incoming(name), text);
    list(['a.img', 'b.img']);
    expect(await run('disks live 5 && disks last && echo good')).toContain('good\n');
    expect([same('a.img'), same('b.img')]).toEqual([true, true]);
    writeFileSync(incoming('boot'), readFileSync('/proc/sys/kernel/random/boot_id'));
    expect(came()).toBe('ok\n');
    expect(existsSync(bin())).toBe(false);
  });

  it('cut between its two names it goes back as one', async () => {
    await run('disks live 5');
    spawnSync('ln', [there('a.img'), aside('a.img')]);
    expect(drop()).toBe('ok\n');
    expect([existsSync(there('a.img')), existsSync(aside('a.img'))]).toEqual([false, true]);
  });

  it('never takes one of another size, one that is open, or one whose name is taken; and says so', async () => {
    const before = manifest();
    standIn('losetup', 'echo /dev/loop0');
    expect(await run('disks live 5 || echo bad')).toContain(`disks failed ${aside('a.img')}: in use`);
    standIn('losetup', 'exit 0');
    writeFileSync(there('a.img'), 'of somebody else');
    expect(await run('disks live 5 || echo bad')).toMatch(/disks failed .*a\.img: File exists/);
    rmSync(there('a.img'));
    writeFileSync(aside('a.img'), 'short');
    expect(await run('disks live 5 || echo bad')).toContain(`disks failed ${there('a.img')}: what was set aside is not there as it was`);
    expect(manifest()).toBe(before);
    expect(existsSync(at('target/locks', uuid))).toBe(false);
  });

  it('not while somebody puts it back', async () => {
    const before = manifest();
    const letGo = await holdLock(at('target/locks', uuid));
    expect(await run('disks live 5 || echo bad')).toContain(`disks failed ${there('a.img')}: the trash is in use`);
    await letGo();
    expect(manifest()).toBe(before);
  });

  it('unstage without drop: lets the entry go only where the guest came, lays it down where it did not, and nothing where nobody can tell', async () => {
    await run('disks live 5');
    standIn('xl', 'exit 1');
    expect(unstage()).toBe('failed domains\n');
    expect([existsSync(there('a.img')), existsSync(bin())]).toEqual([true, true]);
    standIn('xl', 'exit 0');
    expect(unstage()).toBe('ok\n');
    expect([existsSync(there('a.img')), existsSync(aside('a.img')), existsSync(bin())]).toEqual([false, true, true]);
  });

  it('the doctor lays them down in their own entry, never in a new one', async () => {
    await run('disks live 5');
    const files = { config: configProgram.text, unstage: endPrograms.unstage.text };
    const input = Object.entries(files)
      .map(([name, text]) => `file ${name} ${Buffer.from(text).toString('base64')}\n`)
      .join('');
    const said = program(mendText, 'doctor-mend', ['unstage', uuid, uuid, 'web', 'm2', 't9', there('a.img'), there('b.img')], input);
    expect(said).toBe('ok\n');
    expect([existsSync(aside('a.img')), existsSync(aside('b.img')), existsSync(incoming())]).toEqual([true, true, false]);
    expect(existsSync(at('target/trash/t9'))).toBe(false);
    expect(putBack()).toBe(`failed partly\t${there('a.img')}\n`);
  });

  it('a volume gets its old name and our tag, and loses both when the move fails, the tag alone when the guest came', async () => {
    const text = disksInText.replaceAll('path=/dev/$3', `path=${at('dev')}/$3`);
    const undo = undoText.replaceAll('cut -d / -f 3', 'sed s,.*,vg0,').replaceAll('/dev/*)', `${at('dev')}/*)`);
    mkdirSync(at('dev/vg0'), { recursive: true });
    const [lv, old] = [at('dev/vg0/web'), at('dev/vg0/xenferry-trash-m1-web')];
    standIn('lvchange', `case $1 in --addtag) : >"$3.tag-$2" ;; --deltag) rm -f "$3.tag-$2" ;; esac`);
    standIn(
      'lvrename',
      `cd '${at('dev/vg0')}' && [ ! -e "$3" ] && mv "$2" "$3" && for t in "$2".tag-*; do [ ! -e "$t" ] || mv "$t" "$3.tag-\${t#*.tag-}"; done`,
    );
    standIn(
      'lvs',
      `for v; do :; done; [ -e "$v" ] || exit 5; case "$*" in *lv_tags*) for t in "$v".tag-*; do [ ! -e "$t" ] || echo "  \${t#*.tag-}"; done ;; esac`,
    );
    standIn('blockdev', 'stat -c %s "$2"');
    const stage = () => {
      mkdirSync(incoming(), { recursive: true });
      writeFileSync(incoming('disks-in'), text);
      writeFileSync(incoming('undo'), undo);
      for (const name of ['admit', 'unlock']) writeFileSync(incoming(name), ':');
      writeFileSync(incoming('guest'), `${uuid}\n`);
      writeFileSync(incoming('boot'), readFileSync('/proc/sys/kernel/random/boot_id'));
      writeFileSync(job('disks.list'), `0\ttraced\t${size}\txvda\t${here('a.img')}\n`);
      writeFileSync(incoming('disks'), '0\tvolume\tvg0/web\tm1\n');
    };
    stage();
    writeFileSync(old, bytes['a.img'] ?? '');
    writeFileSync(bin('manifest'), `lock\t${uuid}\t\nname\tweb\t\nvolume\t${lv}\t${old}\n`);
    write(here('a.img'), 2 * chunk);
    // `at` is the device, under /dev there
    const said = await run(`disks live 5 && disks last && echo good`);
    expect(said).toContain(`disks round 1 ${chunk}\n`);
    expect(said).toContain('good\n');
    expect(readFileSync(lv).equals(readFileSync(here('a.img')))).toBe(true);
    expect([existsSync(old), existsSync(`${lv}.tag-xenferry-m2`)]).toEqual([false, true]);
    expect(drop()).toBe('ok\n');
    expect([existsSync(lv), existsSync(old), existsSync(`${old}.tag-xenferry-m2`)]).toEqual([false, true, false]);
    expect(manifest()).toContain(`base\t${lv}\t${old}\n`);
    stage();
    expect(await run('disks live 5 && disks last && echo good')).toContain('disks round 1 0\n');
    expect(came()).toBe('ok\n');
    expect([existsSync(lv), existsSync(`${lv}.tag-xenferry-m2`), existsSync(bin())]).toEqual([true, false, false]);
  });
});
