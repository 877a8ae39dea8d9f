import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jobPrograms, startJob } from '../remote/jobs.ts';
import carryText from '../remote/programs/move-carry.sh?raw';
import doorText from '../remote/programs/move-door.sh?raw';
import jobText from '../remote/programs/move-job.sh?raw';
import knockText from '../remote/programs/move-knock.sh?raw';
import laterText from '../remote/programs/move-later.sh?raw';
import linkText from '../remote/programs/move-link.sh?raw';
import { holdLock, remoteHere, removeFolder, shells } from '../remote/programTest.ts';
import type { Program, Remote } from '../remote/remote.ts';
import { aboutMove } from './aboutTest.ts';
import { aside, look, prepare, stage, unstage } from './ends.ts';
import { judge } from './judge.ts';
import { notBegunOf } from './later.ts';
import { settle } from './settle.ts';

/**
 * A move that waits, both ends in two folders of this machine: the real programs under a real shell. ssh comes in by what stands in
 * authorized_keys, or not at all; xl keeps its handshake; a wait longer than a second is a moment.
 */
const standIns = {
  sleep:
    '[ ! -e "$WORLD/sleeps" ] || exec /bin/sleep "$1"\ncase $1 in ?|??) [ "$1" -le 2 ] || exec /bin/sleep 0.1 ;; esac\nexec /bin/sleep "$1"',
  'xenstore-list': `case $1 in
  /local/domain) cat "$WORLD/$END.domid" 2>/dev/null ;;
  */vbd/"$(cat "$WORLD/$END.domid" 2>/dev/null)") [ -n "$END" ] && echo 51712 ;;
  *) exit 1 ;;
esac`,
  'xenstore-read': `[ -e "$WORLD/$END.domid" ] || exit 1
case $1 in */vm) echo "/vm/$UUID" ;; */name) cat "$WORLD/$END.name" ;; */params) cat "$WORLD/$END.disk" ;; */mode) echo w ;; esac`,
  ssh: `command=$(sed -n 's/.*command="sh \\([^"]*\\)".* xenferry-m1$/\\1/p' "$WORLD/root/authorized_keys")
[ -n "$command" ] || { echo "root@host2: Permission denied (publickey)." >&2; exit 255; }
END=target XENFERRY_ROOT=$WORLD/target; export END XENFERRY_ROOT
exec $SHELL_WORDS $command`,
  xl: `trap '' PIPE
case $1 in
  list) echo "Name ID Mem VCPUs State Time(s)"; echo "x 7 80 1 $(cat "$WORLD/$END.state" 2>/dev/null || echo -b----) 1.0" ;;
  info) echo "free_memory            : $(cat "$WORLD/free")" ;;
  migrate)
    [ "$4" = "$(cat "$WORLD/source.domid")" ] || exit 1
    mkfifo "$WORLD/to" "$WORLD/from"
    sh -c "exec $3 $5 xl migrate-receive" <"$WORLD/to" >"$WORLD/from" &
    exec 5>"$WORLD/to" 6<"$WORLD/from"
    dd bs=1 count=54 <&6 >/dev/null 2>&1
    echo DATAEND >&5
    [ -n "$(dd bs=1 count=33 <&6 2>/dev/null)" ] || { echo "Migration failed, resuming at sender." >&2; exit 1; }
    echo GO >&5
    [ "$(dd bs=1 count=2 <&6 2>/dev/null)" = OK ] || exit 1
    rm "$WORLD/source.domid"; echo "Migration successful." >&2 ;;
  migrate-receive)
    printf 'xl migration receiver ready, send binary domain data.\\n'
    read -r data && printf 'domain received, ready to unpause'
    read -r go && [ "$go" = GO ] || exit 1
    echo 3 >"$WORLD/target.domid"; echo tiny >"$WORLD/target.name"
    printf OK ;;
esac`,
};

const uuid = 'd4acd2a9-350f-471e-9f2b-802ac4947aee';
const about = { ...aboutMove, uuid, at: 1 };
/** A process that nobody has buried yet runs no more. */
const runs = (pid: string) => existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
const moment = (ms = 20) => new Promise((next) => setTimeout(next, ms));

describe.each(shells.map((words) => ({ name: words.join(' '), words })))('a move that waits, under $name', ({ words }) => {
  let world = '';
  const at = (...path: string[]) => join(world, ...path);
  const text = (...path: string[]) => readFileSync(at(...path), 'utf8');
  const put = (name: string, content: string) => writeFileSync(at(name), `${content}\n`);
  const config = () => at('source-etc', 'tiny.cfg');
  const job = (name: string) => at('source/jobs/m1', name);
  const phase = () => (existsSync(job('phase')) ? readFileSync(job('phase'), 'utf8').trim() : '');
  const log = () => readFileSync(job('log'), 'utf8');

  beforeEach(() => {
    world = mkdtempSync(join(tmpdir(), 'later-'));
    for (const folder of ['bin', 'source-etc', 'source-auto', 'target-etc', 'target-auto', 'root', 'source/locks', 'target/locks'])
      mkdirSync(at(folder), { recursive: true });
    for (const [name, program] of Object.entries(standIns)) {
      writeFileSync(at('bin', name), `#!/bin/sh\n${program}\n`);
      chmodSync(at('bin', name), 0o755);
    }
    for (const [name, content] of Object.entries({
      'source.domid': '7',
      'source.name': 'tiny',
      'source.disk': '/dev/vg/tiny',
      free: '500',
    }))
      put(name, content);
    put('shared.img', '');
    put('source-etc/tiny.cfg', "name = 'tiny'");
    symlinkSync('../source-etc/tiny.cfg', at('source-auto', 'tiny.cfg'));
    put('root/authorized_keys', 'ssh-ed25519 AAAA somebody');
  });
  afterEach(async () => {
    for (const [end, file] of [['source', job('pid')] as const, ['target', at('target/incoming/m1/pid.door')] as const]) {
      if (!existsSync(file)) continue;
      if (end === 'source') await remoteOf('source').program(jobPrograms.cancel, ['m1']);
      else await unstage(remoteOf('target'), 'm1');
    }
    await removeFolder(world);
  });

  /** A Remote whose host is a folder. */
  const remoteOf = (end: 'source' | 'target'): Remote => {
    const path = `${at('bin')}:${process.env.PATH}`;
    const own = { WORLD: world, UUID: uuid, END: end, XENFERRY_ROOT: at(end), SHELL_WORDS: words.join(' ') };
    return remoteHere(words, { PATH: path, ...own });
  };

  /** Made ready as the engine does it: the move in `seconds`, the target's door in `door`. */
  const begin = async ({ seconds = 1, door = 0, needs = 100, copied = '', qcow2 = '' } = {}) => {
    const [source, target] = [remoteOf('source'), remoteOf('target')];
    const prepared = await prepare(source, 'm1', { config: config(), autoFolder: at('source-auto'), about });
    const files: [string, string][] = [
      ['door', doorText],
      ['knock', knockText],
      ['name', 'tiny\n'],
      ['needs', `${needs}\n`],
      ['volumes', ''],
    ];
    const there = { configFile: at('target-etc', 'tiny.cfg'), autoFolder: at('target-auto') };
    await stage(target, 'm1', {
      uuid,
      prepared,
      keysFile: at('root/authorized_keys'),
      from: ['10.0.0.1'],
      ...there,
      later: { seconds: door, files },
    });
    const own = { move: jobText, carry: carryText, link: linkText, known_hosts: 'k\n', address: 'host2\n', port: '22\n' };
    await startJob(
      source,
      {
        id: 'm1',
        lock: `later-${uuid}`,
        about,
        program: laterText,
        args: ['tiny', uuid, 'host2', String(seconds), uuid, at('source-auto')],
        files: {
          ...own,
          shared: `${at('shared.img')}\n`,
          ...(copied === '' ? {} : { 'disks.list': `0\ttraced\t1\txvda\t${copied}\n` }),
          ...(qcow2 === '' ? {} : { 'disks.list': `0\tcompared\t1\txvda\t${qcow2}\n`, qcow2: `0\t${qcow2}\n` }),
        },
      },
      'tiny',
    );
    while (phase() !== 'waiting' && phase() === '') await moment();
    return { source, target };
  };
  const follow = async () => (await remoteOf('source').program(jobPrograms.follow, ['m1', '0'])).stdout;
  const settled = () => {
    const [source, target] = [remoteOf('source'), remoteOf('target')];
    const ends = { source, target: () => Promise.resolve(target), targetIfOpen: () => target };
    const lines = log().split('\n').filter(Boolean);
    return settle({ id: 'm1', about, ...ends, wait: async () => void (await moment()), log: () => {}, lines });
  };
  const untouched = () => {
    expect(readFileSync(config(), 'utf8')).toBe("name = 'tiny'\n");
    expect(readdirSync(at('source-auto'))).toEqual(['tiny.cfg']);
    expect(readdirSync(at('target-etc'))).toEqual([]);
    keysAsBefore();
  };
  const keysAsBefore = () => expect(text('root/authorized_keys')).toBe('ssh-ed25519 AAAA somebody\n');

  it('holds nothing while it waits: no key, no lock of the guest, its autostart in place; and then moves', async () => {
    const { target } = await begin({ seconds: 2, door: 1 });
    untouched();
    expect(existsSync(at('source/locks', uuid))).toBe(false);
    expect((await look(target, 'm1', uuid)).incoming).toBe('staged');
    const told = await follow();
    expect(told).toContain('phase moved\n');
    expect(told).toContain('ended 0 ');
    expect(judge('tiny', await look(remoteOf('source'), 'm1', uuid), await look(target, 'm1', uuid))).toBe('moved');
    await settled();
    expect(readFileSync(at('target-etc', 'tiny.cfg'), 'utf8')).toBe("name = 'tiny'\n");
    expect([readdirSync(at('source-etc')), readdirSync(at('source-auto')), readdirSync(at('target-auto'))]).toEqual([[], [], ['tiny.cfg']]);
    expect([readdirSync(at('target/incoming')), readdirSync(at('source/locks'))]).toEqual([[], []]);
    expect(existsSync(job('key'))).toBe(false);
    // its time counts from when it began, not from when it was made ready
    const [began, ended] = [/^began (.*)$/m, /^ended 0 (.*)$/m].map((one) => Number(one.exec(told)?.[1]));
    expect(readFileSync(job('began'), 'utf8').trim()).not.toBe(String(began));
    expect(ended).toBeGreaterThan(Number(readFileSync(job('began'), 'utf8')));
    keysAsBefore();
  });

  it('is cancelled at once, long before its time', async () => {
    put('sleeps', '');
    const { source } = await begin({ seconds: 40_000, door: 39_000 });
    while (!existsSync(job('stop'))) await moment();
    const [napping = ''] = readFileSync(job('stop'), 'utf8').split(' ');
    const door = readFileSync(at('target/incoming/m1/pid.door'), 'utf8').split(' ')[0] ?? '';
    expect((await source.program(jobPrograms.cancel, ['m1'])).stdout).toBe('ok\n');
    expect(await follow()).toContain('phase cancelled\n');
    await expect(settled()).rejects.toMatchObject({ problem: { code: 'task.cancelled' } });
    untouched();
    expect(readdirSync(at('target/incoming'))).toEqual([]);
    await moment(200);
    for (const pid of [napping, door]) expect(runs(pid)).toBe(false);
  });

  it.each([
    ['its host was rebooted', true],
    ['its job was killed', false],
  ])('leaves the guest where it is, and what was changed since as it is, when %s while it waited', async (_what, all) => {
    const { source } = await begin({ seconds: 40_000, door: 39_000 });
    const [pid = ''] = readFileSync(job('pid'), 'utf8').split(' ');
    process.kill(all ? -Number(pid) : Number(pid), 'SIGKILL'); // the group has its number
    while ((await look(source, 'm1', uuid)).job !== 'died') await moment();
    // the operator took the autostart away while it waited
    rmSync(at('source-auto', 'tiny.cfg'));
    await expect(settled()).rejects.toMatchObject({ problem: { code: 'move.notBegun', why: 'booted', effect: 'none' } });
    expect(readdirSync(at('source-auto'))).toEqual([]);
    expect(readFileSync(config(), 'utf8')).toBe("name = 'tiny'\n");
    expect(readdirSync(at('target/incoming'))).toEqual([]);
    // whoever finds it later hears the same
    await expect(settled()).rejects.toMatchObject({ problem: { code: 'move.notBegun', why: 'booted' } });
  });

  it('finds the guest again that was rebooted meanwhile', async () => {
    await begin({ seconds: 2 });
    put('source.domid', '12');
    expect(await follow()).toContain('phase moved\n');
  });

  const changes: [string, string, (() => void) | null, { why: string; said?: string }][] = [
    ['the guest was halted', 'halted', () => rmSync(at('source.domid')), { why: 'halted' }],
    ['the guest is paused', 'paused', () => put('source.state', '--p---'), { why: 'paused' }],
    ['its config was edited', 'config', () => writeFileSync(config(), 'edited'), { why: 'config' }],
    ['its autostart was changed', 'autostart', () => rmSync(at('source-auto', 'tiny.cfg')), { why: 'autostart' }],
    ['a disk of it was changed', 'disks', () => put('source.disk', '/dev/vg/other'), { why: 'disks' }],
    ['the target lacks memory', 'memory', () => put('free', '40'), { why: 'memory', said: '60' }],
    ['the target has a disk no more', 'disk', () => rmSync(at('shared.img')), { why: 'disk' }],
    ['another config stands at the target', 'taken', () => put('target-etc/tiny.cfg', 'another'), { why: 'taken' }],
  ];
  it.each(changes)('stays, and says so, when %s', async (_what, _why, change, expected) => {
    await begin();
    change?.();
    const autostart = readdirSync(at('source-auto'));
    expect(await follow()).toContain('phase stayed\n');
    expect(notBegunOf(log().split('\n'))).toMatchObject(expected);
    await expect(settled()).rejects.toMatchObject({ problem: { code: 'move.notBegun', ...expected, effect: 'none' } });
    expect(readdirSync(at('source-auto'))).toEqual(autostart);
    expect([readdirSync(at('target/incoming')), readdirSync(at('source/locks'))]).toEqual([[], []]);
    expect(existsSync(job('key'))).toBe(false);
    keysAsBefore();
  });

  it('stays when a disk that is to be copied has grown: the rest of it would be left behind', async () => {
    put('own.img', 'data');
    await begin({ copied: at('own.img') });
    put('own.img', 'more data');
    await follow();
    expect(notBegunOf(log().split('\n'))).toEqual({ why: 'disks', said: '' });
    await expect(settled()).rejects.toMatchObject({ problem: { code: 'move.notBegun', why: 'disks' } });
    untouched();
  });

  it.each([
    ['has grown as its guest wrote', 1, null],
    ['was made longer', 2, { why: 'disks', said: '' }],
  ])('of a qcow2 file that %s, what is in it counts', async (_what, size, why) => {
    const image = (virtual: number, data: string) => {
      const head = Buffer.alloc(72);
      head.write('QFI');
      head.writeBigUInt64BE(BigInt(virtual) * 1048576n, 24);
      writeFileSync(at('own.qcow2'), Buffer.concat([head, Buffer.from(data)]));
    };
    image(1, '');
    await begin({ qcow2: at('own.qcow2') });
    image(size, 'more data');
    await follow();
    expect(notBegunOf(log().split('\n'))).toEqual(why);
  });

  it('stays when the guest runs at the target by now', async () => {
    await begin();
    put('target.domid', '9');
    put('target.name', 'tiny');
    await follow();
    expect(notBegunOf(log().split('\n'))).toEqual({ why: 'elsewhere', said: 'tiny' });
    untouched();
  });

  it('stays when the target was rebooted meanwhile: nobody opens there', async () => {
    await begin({ door: 30_000 });
    process.kill(Number(text('target/incoming/m1/pid.door').split(' ')[0]), 'SIGKILL');
    await follow();
    expect(notBegunOf(log().split('\n'))).toEqual({ why: 'door', said: '' });
    untouched();
  });

  it('waits for whoever works on the guest at its time, and gives up when that lasts', async () => {
    const letGo = await holdLock(at('source/locks', uuid));
    await begin();
    expect(await follow()).toContain('phase stayed\n');
    expect(notBegunOf(log().split('\n'))).toEqual({ why: 'busy', said: '' });
    await letGo();
    await unstage(remoteOf('target'), 'm1');
    untouched();
    await aside(remoteOf('source'), 'm1', 'done');
    const again = await holdLock(at('source/locks', uuid));
    await begin();
    setTimeout(() => void again(), 1200);
    expect(await follow()).toContain('phase moved\n');
  });

  it('keeps a second one of the same guest from waiting', async () => {
    const { source } = await begin({ seconds: 40_000, door: 39_000 });
    const second = { id: 'm2', lock: `later-${uuid}`, about, program: laterText, args: ['tiny', uuid, 'host2', '9', uuid, ''] };
    await expect(startJob(source, second, 'tiny')).rejects.toMatchObject({ problem: { code: 'guest.busy' } });
  });

  it('keeps its folder at the target from being tidied away while it waits', async () => {
    const { target } = await begin({ seconds: 40_000, door: 39_000 });
    await remoteOf('target').program({ name: 'age', text: `touch -d '3 days ago' "$XENFERRY_ROOT/incoming/m1"` }, []);
    await target.program(jobPrograms.remove, []);
    expect(readdirSync(at('target/incoming'))).toEqual(['m1']);
  });

  it('answers one knock, and takes its line back when nobody came', async () => {
    const { source, target } = await begin({ seconds: 40_000, door: 0 });
    while (!text('root/authorized_keys').includes('/knock"')) await moment();
    // the ten minutes of the line are a moment here
    const line = text('root/authorized_keys').split('\n')[0];
    expect(line).toMatch(
      /^restrict,from="10.0.0.1",expiry-time="\d{14}",command="sh .*\/incoming\/m1\/knock" ssh-ed25519 \S+ xenferry-m1$/,
    );
    const knock: Program = { name: 'knock', text: `sh "$XENFERRY_ROOT/incoming/m1/knock"` };
    expect((await target.program(knock, [], { stdin: '' })).stdout).toBe('ready\n');
    expect(text('root/authorized_keys')).toContain('/receive"');
    expect((await target.program(knock, [], { stdin: '' })).stdout).toBe('');
    await source.program(jobPrograms.cancel, ['m1']);
    await follow();
  });
});
