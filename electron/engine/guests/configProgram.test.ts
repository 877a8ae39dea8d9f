import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdLock, type MadeUpHost, madeUpHost, shells } from '../remote/programTest.ts';
import { readConfigAnswer, readTrash } from './configAnswers.ts';
import { configProgram } from './configFiles.ts';

const lock = 'd4acd2a9-350f-471e-9f2b-802ac4947aee';
const noDomain = { 'xenstore-list': 'echo 0', 'xenstore-read': 'exit 1' };
/** One domain, as xenstore tells it. */
const domain = (name: string, uuid: string) => ({
  'xenstore-list': 'echo 0; echo 7',
  'xenstore-read': `case $1 in /local/domain/7/vm) echo '/vm/${uuid}' ;; /local/domain/7/name) echo '${name}' ;; *) exit 1 ;; esac`,
});
const sum = (text: string) => createHash('sha256').update(text).digest('hex');

describe.each(shells.map((words) => ({ name: words.join(' '), words })))('config under $name', ({ words }) => {
  let host: MadeUpHost;
  beforeEach(() => {
    host = madeUpHost();
    for (const folder of ['etc/xen/vm', 'images']) mkdirSync(join(host.root, folder), { recursive: true });
  });
  afterEach(() => host.remove());
  const at = (path: string) => join(host.root, path);
  const run = async (args: string[], stdin = '', standIns: Record<string, string> = {}) => {
    const env = { XENFERRY_ROOT: at('var') };
    return (
      await host.run(words, configProgram, { args, stdin, env, standIns: { ...noDomain, losetup: 'exit 0', lvs: 'exit 5', ...standIns } })
    ).stdout;
  };
  const write = (path: string, version: string, text: string) => run(['write', path, version, sum(text), lock], text);
  const put = (path: string, text: string) => writeFileSync(at(path), text);

  it('reads any bytes back', async () => {
    for (const text of [
      '',
      'no newline',
      'a\n\n|b\r\nend base64\n',
      '日本\x00\x01',
      fc.sample(fc.string({ unit: 'binary' }), 1)[0] ?? '',
    ]) {
      put('etc/xen/a.cfg', text);
      const bytes = Buffer.from(text);
      const answer = readConfigAnswer(await run(['read', at('etc/xen/a.cfg')]));
      expect(Buffer.compare(answer.bytes, bytes)).toBe(0);
      expect(answer.version).toBe(createHash('sha256').update(bytes).digest('hex'));
    }
    expect(await run(['read', at('etc/xen/none.cfg')])).toContain('failed missing\t');
  });

  it('writes only over what was read, keeping mode, and leaves nothing beside it', async () => {
    put('etc/xen/vm/a', 'one');
    symlinkSync(at('etc/xen/vm/a'), at('etc/xen/a.cfg'));
    const mode = statSync(at('etc/xen/vm/a')).mode;
    expect(await write(at('etc/xen/a.cfg'), sum('zero'), 'two')).toContain('failed changed\t');
    expect(host.read('/etc/xen/vm/a')).toBe('one');
    expect(await write(at('etc/xen/a.cfg'), sum('one'), 'two\n')).toBe(`sum ${sum('two\n')}\nok\n`);
    expect(host.read('/etc/xen/vm/a')).toBe('two\n');
    expect(readlinkSync(at('etc/xen/a.cfg'))).toBe(at('etc/xen/vm/a'));
    expect(statSync(at('etc/xen/vm/a')).mode).toBe(mode);
    expect(await write(at('etc/xen/a.cfg'), 'new', 'three')).toContain('failed exists\t');
    expect(await write(at('etc/xen/b.cfg'), 'new', 'three')).toBe(`sum ${sum('three')}\nok\n`);
    expect(await write(at('etc/xen/none.cfg'), sum(''), '')).toContain('failed missing\t');
    expect(readdirSync(at('etc/xen/vm'))).toEqual(['a']);
    expect(readdirSync(at('etc/xen')).sort()).toEqual(['a.cfg', 'b.cfg', 'vm']);
  });

  it('writes nothing of a text that was cut by a lost link', async () => {
    put('etc/xen/a.cfg', 'one');
    for (const cut of ['', 'tw']) {
      expect(await run(['write', at('etc/xen/a.cfg'), sum('one'), sum('two'), lock], cut)).toContain('failed cut\t');
      expect(await run(['write', at('etc/xen/b.cfg'), 'new', sum('two'), lock], cut)).toContain('failed cut\t');
    }
    expect(host.read('/etc/xen/a.cfg')).toBe('one');
    expect(readdirSync(at('etc/xen')).sort()).toEqual(['a.cfg', 'vm']);
  });

  it('sets and takes the autostart link, whatever it is called', async () => {
    put('etc/xen/a.cfg', 'a');
    put('etc/xen/b.cfg', 'b');
    const [file, auto] = [at('etc/xen/a.cfg'), at('etc/xen/auto')];
    expect(await run(['autostart', file, 'on', auto, lock])).toBe('ok\n');
    expect(await run(['autostart', file, 'on', auto, lock])).toBe('ok\n');
    expect(readlinkSync(join(auto, 'a.cfg'))).toBe(file);
    symlinkSync('../a.cfg', join(auto, '10-a'));
    symlinkSync('../b.cfg', join(auto, 'b.cfg'));
    expect(await run(['autostart', file, 'off', auto, lock])).toBe('ok\n');
    expect(readdirSync(auto)).toEqual(['b.cfg']);
    writeFileSync(join(auto, 'a.cfg'), 'another');
    expect(await run(['autostart', file, 'on', auto, lock])).toContain('failed exists\t');
  });

  it('takes config, links and disks to the trash, and all of them back', async () => {
    put('etc/xen/a b.cfg', 'name="a b"');
    put('images/a.img', 'disk');
    const [file, auto, disk] = [at('etc/xen/a b.cfg'), at('etc/xen/auto'), at('images/a.img')];
    await run(['autostart', file, 'on', auto, lock]);
    expect(await run(['trash', 'id1', lock, lock, 'a b', file, auto, disk])).toBe('ok\n');
    expect([existsSync(file), existsSync(disk), readdirSync(auto)]).toEqual([false, false, []]);
    const [entry] = readTrash(await run(['trashlist']));
    expect(entry).toMatchObject({
      trashId: 'id1',
      name: 'a b',
      configFile: file,
      configAt: expect.stringMatching(/\/trash\/id1\/config$/),
      disks: [{ from: disk, sizeMiB: 1 }],
    });
    put('etc/xen/a b.cfg', 'in the way');
    expect(await run(['putback', 'id1'])).toBe(`failed exists\t${file}\n`);
    expect(host.read('/etc/xen/a b.cfg')).toBe('in the way');
    await run(['trash', 'id2', lock, lock, 'other', file, auto]);
    expect(await run(['putback', 'id1'])).toBe('ok\n');
    expect([host.read('/etc/xen/a b.cfg'), host.read('/images/a.img'), readlinkSync(join(auto, 'a b.cfg'))]).toEqual([
      'name="a b"',
      'disk',
      file,
    ]);
    expect(readTrash(await run(['trashlist'])).map((one) => one.trashId)).toEqual(['id2']);
    expect(await run(['putback', 'id1'])).toContain('failed gone\t');
    expect(await run(['putback', '../id2'])).toContain('failed name\t');
  });

  it('lets an entry go for good, volumes and files, and nothing while one of its disks is in use', async () => {
    put('etc/xen/a.cfg', 'a');
    put('images/a.img', 'disk');
    const [file, auto, disk] = [at('etc/xen/a.cfg'), at('etc/xen/auto'), at('images/a.img')];
    expect(await run(['trash', 'id1', lock, lock, 'a', file, auto, disk])).toBe('ok\n');
    const manifest = at('var/trash/id1/manifest');
    const volume = '/dev/vg0/xenferry-trash-id1-data';
    appendFileSync(manifest, `base\t/dev/vg0/data\t${volume}\n`);
    const lvm = (open: string) => ({ lvs: `echo ' vg0 xenferry-trash-id1-data${open}'`, lvremove: `echo "$*" >>'${at('removed')}'` });
    expect(await run(['letgo', 'id1'], '', lvm(' open'))).toBe(`failed inuse\t${volume}\n`);
    expect(await run(['letgo', 'id1'], '', { ...lvm(''), losetup: 'echo /dev/loop0' })).toContain('failed inuse\t');
    expect([readdirSync(at('images/.xenferry-trash')), existsSync(at('removed')), existsSync(manifest)]).toEqual([
      ['id1-a.img'],
      false,
      true,
    ]);
    // another line is no way to somebody else's disk
    const whole = host.read('/var/trash/id1/manifest') ?? '';
    appendFileSync(manifest, `file\t/x\t${at('images/other.img')}\n`);
    put('images/other.img', 'other');
    expect(await run(['letgo', 'id1'], '', lvm(''))).toBe('failed disk\t/x\n');
    expect([host.read('/images/other.img'), readdirSync(at('images/.xenferry-trash'))]).toEqual(['other', ['id1-a.img']]);
    writeFileSync(manifest, whole);
    expect(await run(['letgo', 'id1'], '', { ...lvm(''), lvremove: 'exit 5' })).toContain('failed disk\t');
    // cut in the middle, it goes on where it was
    expect(await run(['letgo', 'id1'], '', lvm(''))).toBe('ok\n');
    expect(host.read('/removed')).toBe('-f -y vg0/xenferry-trash-id1-data\n');
    expect([readdirSync(at('images')), readdirSync(at('var/trash'))]).toEqual([['other.img'], []]);
    expect(await run(['letgo', 'id1'])).toContain('failed gone\t');
    expect(await run(['letgo', '..'])).toContain('failed name\t');
  });

  it.each(['trash', 'shelve'])('%s: a disk that is a link goes with what it leads to, and both come back', async (verb) => {
    mkdirSync(at('pool'));
    put('pool/real.img', 'disk');
    symlinkSync('../pool/real.img', at('images/a.img'));
    put('etc/xen/a.cfg', 'a');
    const [file, disk] = [at('etc/xen/a.cfg'), at('images/a.img')];
    const words = verb === 'trash' ? [lock, lock, 'a', file, at('auto')] : [lock, 'a', file, file, 'host2'];
    expect(await run([verb, 'id1', ...words, verb === 'shelve' ? `xvda=${disk}` : disk])).toBe('ok\n');
    expect([readdirSync(at('pool')), readdirSync(at('images')), readdirSync(at('pool/.xenferry-trash'))]).toEqual([
      ['.xenferry-trash'],
      [],
      ['id1-real.img'],
    ]);
    expect(readTrash(await run(['trashlist']))[0]?.disks).toEqual([
      {
        from: at('pool/real.img'),
        at: at('pool/.xenferry-trash/id1-real.img'),
        vdev: verb === 'shelve' ? 'xvda' : null,
        sizeMiB: 1,
        whole: true,
      },
    ]);
    if (verb === 'shelve') rmSync(file);
    expect(await run(['putback', 'id1'])).toBe('ok\n');
    expect([readlinkSync(disk), host.read('/images/a.img'), host.read('/etc/xen/a.cfg')]).toEqual(['../pool/real.img', 'disk', 'a']);
    expect(lstatSync(at('pool/real.img')).isFile()).toBe(true);
  });

  it('puts a config back without touching what stands beside it', async () => {
    put('etc/xen/vm/a', 'a');
    put('etc/xen/vm/a.new', 'a draft of somebody');
    const file = at('etc/xen/vm/a');
    expect(await run(['trash', 'id', lock, lock, 'a', file, at('etc/xen/auto')])).toBe('ok\n');
    expect(await run(['putback', 'id'])).toBe('ok\n');
    expect([host.read('/etc/xen/vm/a'), host.read('/etc/xen/vm/a.new')]).toEqual(['a', 'a draft of somebody']);
    expect(readdirSync(at('etc/xen/vm')).sort()).toEqual(['a', 'a.new']);
  });

  it('undoes what it began when a later disk can not go', async () => {
    put('etc/xen/a.cfg', 'a');
    put('images/1.img', '1');
    put('images/2.img', '2');
    const file = at('etc/xen/a.cfg');
    const busy = { losetup: `case "$*" in *2.img*) echo '/dev/loop0: [1]:2 (x)' ;; esac` };
    const said = await run(['trash', 'id', lock, lock, 'a', file, at('etc/xen/auto'), at('images/1.img'), at('images/2.img')], '', busy);
    expect(said).toBe(`failed inuse\t${at('images/2.img')}\n`);
    expect([host.read('/etc/xen/a.cfg'), host.read('/images/1.img'), host.read('/images/2.img')]).toEqual(['a', '1', '2']);
    expect(readTrash(await run(['trashlist']))).toEqual([]);
    expect(await run(['trash', 'id', lock, lock, 'a', file, at('etc/xen/auto'), at('images/none')])).toContain('failed disk\t');
    expect(host.read('/etc/xen/a.cfg')).toBe('a');
  });

  it('takes away the loop device that libxl left of a domain that went, and no other', async () => {
    put('etc/xen/a.cfg', 'a');
    put('images/a.img', 'disk');
    const [file, disk] = [at('etc/xen/a.cfg'), at('images/a.img')];
    const args = ['shelve', 'id', lock, 'a', file, file, 'xen2', `xvda=${disk}`];
    const losetup = `case $1 in -d) echo "$2" >>'${at('detached')}' ;; *) [ -e '${at('detached')}' ] || echo '/dev/null: [1]:2 (x)' ;; esac`;
    const backend = (number: string, path = '/srv/other.img') => ({
      losetup,
      'xenstore-list': `case $1 in */backend) echo vbd; echo vif ;; */vbd) echo 7 ;; */vbd/7) echo 51712 ;; *) echo 0; echo 7 ;; esac`,
      'xenstore-read': `case $1 in
        /local/domain/0/backend/vbd/7/51712/physical-device) [ -z '${number}' ] || echo '${number}' ;;
        /local/domain/0/backend/vbd/7/51712/params) echo '${path}' ;;
        *) exit 1 ;;
        esac`,
    });
    const kept = `failed inuse\t${disk}\nok\n`;
    const again = () => rmSync(at('var/trash'), { recursive: true });
    expect(await run(args, '', backend('1:3'))).toBe(kept);
    again();
    expect(await run(args, '', backend('', disk)), 'its block script still works').toBe(kept);
    again();
    expect(await run(args, '', { ...backend('7:0'), 'xenstore-list': 'case $1 in */backend) echo vbd ;; *) exit 1 ;; esac' })).toBe(kept);
    again();
    expect(await run(args, '', { losetup, 'xenstore-list': 'exit 1' }), 'xenstore does not answer').toBe(kept);
    again();
    expect(await run(args, '', { losetup: `echo '/dev/null: [1]:2 (x)'` }), 'open elsewhere: the kernel keeps it').toBe(kept);
    again();
    expect([host.read('/images/a.img'), existsSync(at('detached'))]).toEqual(['disk', false]);
    expect(await run(args, '', backend('7:0'))).toBe('ok\n');
    expect(host.read('/detached')).toBe('/dev/null\n');
    expect(readTrash(await run(['trashlist']))[0]).toMatchObject({ trashId: 'id', disks: [{ from: disk }] });
  });

  describe('while a job of another XenFerry works on the guest', () => {
    const file = () => at('etc/xen/a.cfg');
    const auto = () => at('etc/xen/auto');
    const changes = (): [string, string[], string][] => [
      ['write', ['write', file(), sum('a'), sum('b'), lock], 'b'],
      ['autostart', ['autostart', file(), 'on', auto(), lock], ''],
      ['trash', ['trash', 'id', lock, lock, 'a', file(), auto()], ''],
      ['putback', ['putback', 'old'], ''],
    ];
    /** Runs with the guest's lock held by another process, as a job holds it. */
    const whileHeld = async (name: string, work: () => Promise<void>) => {
      const letGo = await holdLock(at(`var/locks/${name}`));
      try {
        await work();
      } finally {
        await letGo();
      }
    };
    beforeEach(async () => {
      put('etc/xen/b.cfg', 'b');
      expect(await run(['trash', 'old', lock, lock, 'b', at('etc/xen/b.cfg'), auto()])).toBe('ok\n');
      put('etc/xen/a.cfg', 'a');
      mkdirSync(at('var/locks'), { recursive: true });
    });

    it('nothing is written, linked, thrown away or put back', async () => {
      await whileHeld(lock, async () => {
        for (const [, args, stdin] of changes()) expect(await run(args, stdin)).toBe(`failed busy\t${lock}\n`);
      });
      expect([host.read('/etc/xen/a.cfg'), existsSync(auto()), existsSync(at('etc/xen/b.cfg'))]).toEqual(['a', false, false]);
      expect(readTrash(await run(['trashlist'])).map((one) => one.trashId)).toEqual(['old']);
      expect(readdirSync(at('etc/xen')).sort()).toEqual(['a.cfg', 'vm']);
    });

    it('another guest is no matter; and no lock is left behind', async () => {
      await whileHeld('another', async () => {
        for (const [, args, stdin] of [...changes().slice(0, 2), ...changes().slice(3)]) expect(await run(args, stdin)).toContain('ok\n');
      });
      expect(readdirSync(at('var/locks'))).toEqual(['another']);
    });

    it('a lock that was let go and taken anew in the same moment counts for nothing', async () => {
      // what stands there when it is looked at is another file than the one that was locked
      const swap = `rm -f '${at(`var/locks/${lock}`)}'; : >'${at(`var/locks/${lock}`)}'`;
      expect(await run(['trash', 'id', lock, lock, 'a', file(), auto()], '', { flock: swap })).toBe(`failed busy\t${lock}\n`);
      expect(host.read('/etc/xen/a.cfg')).toBe('a');
    });
  });

  it.each([
    ['its domain', lock, domain('a', lock)],
    ['half of it, on its way', lock, domain('a--incoming', lock)],
    ['a domain of its name, where its config has no UUID', '', domain('a', 'another')],
    ['half of it by name', '', domain('a--migratedaway', 'another')],
  ])('throws nothing away while there is %s', async (_what, uuid, there) => {
    put('etc/xen/a.cfg', 'a');
    put('images/a.img', 'disk');
    const args = ['trash', 'id', lock, uuid, 'a', at('etc/xen/a.cfg'), at('etc/xen/auto'), at('images/a.img')];
    expect(await run(args, '', there)).toBe('failed running\ta\n');
    expect([host.read('/etc/xen/a.cfg'), host.read('/images/a.img')]).toEqual(['a', 'disk']);
    expect(await run(args, '', { 'xenstore-list': 'exit 1' })).toBe('failed domains\ta\n');
    expect(await run(args, '', domain('b', 'another'))).toBe('ok\n');
  });

  it('gives no UUID to a guest that was started meanwhile without one', async () => {
    put('etc/xen/a.cfg', 'a');
    const args = ['write', at('etc/xen/a.cfg'), sum('a'), sum('b'), lock, 'a'];
    expect(await run(args, 'b', domain('a', 'another'))).toBe('failed running\ta\n');
    expect(host.read('/etc/xen/a.cfg')).toBe('a');
    expect(readdirSync(at('etc/xen')).sort()).toEqual(['a.cfg', 'vm']);
    expect(await run(args, 'b')).toBe(`sum ${sum('b')}\nok\n`);
  });

  it('does not put back what is still on its way to the trash', async () => {
    put('etc/xen/a.cfg', 'a');
    put('images/a.img', 'disk');
    const args = ['trash', 'id', lock, lock, 'a', at('etc/xen/a.cfg'), at('etc/xen/auto'), at('images/a.img')];
    // losetup is asked before the disk goes: there the other one comes in
    const other = `XENFERRY_ROOT='${at('var')}' sh '${at('program')}' putback id >'${at('said')}'`;
    writeFileSync(at('program'), configProgram.text);
    expect(await run(args, '', { losetup: other })).toBe('ok\n');
    expect(host.read('/said')).toBe(`failed busy\t${lock}\n`);
    expect(await run(['putback', 'id'])).toBe('ok\n');
    expect([host.read('/etc/xen/a.cfg'), host.read('/images/a.img')]).toEqual(['a', 'disk']);
  });
});
