import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProblemError, problem } from '../../contract/problem.ts';
import { jobPrograms } from '../remote/jobs.ts';
import carryText from '../remote/programs/move-carry.sh?raw';
import jobText from '../remote/programs/move-job.sh?raw';
import linkText from '../remote/programs/move-link.sh?raw';
import receiveText from '../remote/programs/move-receive.sh?raw';
import unlockText from '../remote/programs/move-unlock.sh?raw';
import { remoteHere, removeFolder, shells } from '../remote/programTest.ts';
import type { Program, Remote } from '../remote/remote.ts';
import { aboutMove } from './aboutTest.ts';
import { aside, endPrograms, install, type Look, letGo, look, prepare, resumeAtSource, stage, unstage } from './ends.ts';
import { finishMoveConfig, moveConfig } from './halted.ts';
import { judge } from './judge.ts';
import { settle } from './settle.ts';

/**
 * Both ends of a move in two folders of this machine: our real programs under a real shell; xl, ssh and xenstore are stand-ins that
 * keep xl's handshake (banner, stream, ready, go, report).
 */
const standIns = {
  'xenstore-list': '[ ! -e "$WORLD/$END.name" ] || echo 7',
  'xenstore-read': `case $1 in */vm) [ -e "$WORLD/$END.name" ] && echo /vm/$UUID ;; */name) cat "$WORLD/$END.name" ;; esac`,
  ssh: `[ ! -e "$WORLD/noSsh" ] || exit 255
END=target XENFERRY_ROOT=$WORLD/target; export END XENFERRY_ROOT
exec $SHELL_WORDS "$WORLD"/target/incoming/*/receive`,
  xl: `name=$(cat "$WORLD/source.name" 2>/dev/null)
trap '' PIPE
case $1 in
  list) echo "Name ID Mem VCPUs State Time(s)"; echo "x 7 80 1 $(cat "$WORLD/$END.state" 2>/dev/null || echo -b----) 1.0" ;;
  help) [ -e "$WORLD/canResume" ] && echo " resume   Resume a domain" ;;
  resume) rm -f "$WORLD/$END.state" ;;
  unpause) ;;
  rename) echo "$3" >"$WORLD/$END.name" ;;
  destroy) rm -f "$WORLD/$END.name" "$WORLD/$END.state" ;;
  create) [ -f "$2" ] && echo tiny >"$WORLD/$END.name" ;;
  migrate)
    mkfifo "$WORLD/to" "$WORLD/from"
    sh -c "exec $3 $5 xl migrate-receive" <"$WORLD/to" >"$WORLD/from" &
    exec 5>"$WORLD/to" 6<"$WORLD/from"
    [ "$(dd bs=1 count=54 <&6 2>/dev/null)" = "xl migration receiver ready, send binary domain data." ] || { echo "Migration failed" >&2; exit 1; }
    echo "migration target: Ready to receive domain." >&2
    echo "Saving to migration stream new xl format" >&2
    printf DATA >&5
    while [ -e "$WORLD/hold" ]; do sleep 0.05; done
    echo END >&5
    ready=$(dd bs=1 count=33 <&6 2>/dev/null)
    [ "$ready" = "domain received, ready to unpause" ] || { [ ! -e "$WORLD/stuck" ] || echo ---ss- >"$WORLD/source.state"; echo "Migration failed, resuming at sender." >&2; exit 1; }
    echo "$name--migratedaway" >"$WORLD/source.name"
    echo GO >&5
    case $(dd bs=1 count=2 <&6 2>/dev/null) in
      OK) rm "$WORLD/source.name"; echo "Migration successful." >&2; exit 0 ;;
      NO) echo "$name" >"$WORLD/source.name"; echo "Migration failed due to problems at target." >&2; exit 1 ;;
      *) echo "** Migration failed during final handshake **" >&2; echo --pss- >"$WORLD/source.state"; exit 1 ;;
    esac ;;
  migrate-receive)
    printf 'xl migration receiver ready, send binary domain data.\\n'
    read -r data && [ "$data" = DATAEND ] && [ ! -e "$WORLD/refuseEarly" ] || exit 1
    printf 'domain received, ready to unpause'
    read -r go && [ "$go" = GO ] || exit 1
    [ ! -e "$WORLD/die" ] || exit 9
    [ ! -e "$WORLD/refuse" ] || { printf NO; exit 3; }
    echo tiny >"$WORLD/target.name"
    printf OK ;;
esac`,
};

const uuid = 'd4acd2a9-350f-471e-9f2b-802ac4947aee';
const about = { kind: 'guest.migrate' };
describe.each(shells.map((words) => ({ name: words.join(' '), words })))('a move under $name', ({ words }) => {
  let world = '';
  const at = (...path: string[]) => join(world, ...path);
  const text = (...path: string[]) => readFileSync(at(...path), 'latin1');
  const flag = (name: string) => writeFileSync(at(name), '');
  const config = () => at('source-etc', 'tiny 1.cfg');
  const link = () => at('source-auto', 'tiny.cfg');
  const keys = () => at('root', 'authorized_keys');

  beforeEach(() => {
    world = mkdtempSync(join(tmpdir(), 'move-'));
    for (const folder of ['bin', 'source-etc', 'source-auto', 'target-etc', 'target-auto', 'root', 'source/locks', 'target/locks']) {
      mkdirSync(at(folder), { recursive: true });
    }
    for (const [name, program] of Object.entries(standIns)) {
      writeFileSync(at('bin', name), `#!/bin/sh\n${program}\n`);
      chmodSync(at('bin', name), 0o755);
    }
    writeFileSync(at('source.name'), 'tiny\n');
    writeFileSync(config(), "# a comment, kept\nname = 'tiny'\n\xe9", 'latin1');
    symlinkSync('../source-etc/tiny 1.cfg', link());
    writeFileSync(keys(), 'ssh-ed25519 AAAA somebody\nssh-rsa BBBB without newline');
  });
  afterEach(() => removeFolder(world));

  /** A Remote whose host is a folder. */
  const remoteOf = (end: 'source' | 'target'): Remote => {
    const path = `${at('bin')}:${process.env.PATH}`;
    const own = { WORLD: world, UUID: uuid, END: end, XENFERRY_ROOT: at(end), SHELL_WORDS: words.join(' ') };
    return remoteHere(words, { PATH: path, ...own });
  };

  const begin = async () => {
    const [source, target] = [remoteOf('source'), remoteOf('target')];
    const prepared = await prepare(source, 'm1', { config: config(), autoFolder: at('source-auto'), about });
    // what stands at the target has the source's path in real life; here the two hosts share one machine
    const file = at('target-etc', 'tiny 1.cfg');
    await stage(target, 'm1', {
      uuid,
      prepared,
      keysFile: keys(),
      from: ['10.0.0.1', 'fd00::1'],
      configFile: file,
      autoFolder: at('target-auto'),
    });
    const line = text('root', 'authorized_keys').split('\n')[0];
    const files = { program: jobText, carry: carryText, link: linkText, known_hosts: 'k\n', address: 'host2\n', port: '22\n' };
    const stdin = Object.entries(files).map(([name, one]) => `file ${name} ${Buffer.from(one).toString('base64')}\n`);
    const ran = await source.program(jobPrograms.start, ['m1', uuid, '{}', 'tiny', '7', uuid, 'host2'], { stdin: stdin.join('') });
    expect(ran.stdout).toBe('ok\n');
    return { source, target, line };
  };
  const follow = async () => (await remoteOf('source').program(jobPrograms.follow, ['m1', '0'])).stdout;
  /** The source's job may end before the receiver has put everything in its place. */
  const received = async () => {
    while (!existsSync(at('target/incoming/m1/exit')) || text('root', 'authorized_keys').includes('xenferry-m1'))
      await new Promise((next) => setTimeout(next, 20));
  };
  const looks = async (): Promise<[Look, Look]> => [await look(remoteOf('source'), 'm1', uuid), await look(remoteOf('target'), 'm1', uuid)];
  const judged = async () => judge('tiny', ...(await looks()));
  const untouchedAtSource = () => {
    expect(text('source-etc', 'tiny 1.cfg')).toBe("# a comment, kept\nname = 'tiny'\n\xe9");
    expect(lstatSync(link()).isSymbolicLink()).toBe(true);
    expect(readdirSync(at('source-auto'))).toEqual(['tiny.cfg']);
    expect(existsSync(at('target-etc', 'tiny 1.cfg'))).toBe(false);
  };
  const keysAsBefore = () => expect(text('root', 'authorized_keys')).toBe('ssh-ed25519 AAAA somebody\nssh-rsa BBBB without newline');

  it('brings the guest, its config and its autostart over, byte for byte, and takes its key away', async () => {
    const { target, line } = await begin();
    expect(line).toMatch(
      /^restrict,from="10.0.0.1,fd00::1",expiry-time="\d{14}",command="sh .*\/incoming\/m1\/receive" ssh-ed25519 \S+ xenferry-m1$/,
    );
    const told = await follow();
    await received();
    expect(told).toContain('|Migration successful.');
    expect(told).toContain('phase moved\n');
    expect(told).toContain('ended 0 ');
    expect(await judged()).toBe('moved');
    keysAsBefore();
    expect(text('target-etc', 'tiny 1.cfg')).toBe("# a comment, kept\nname = 'tiny'\n\xe9");
    expect(readdirSync(at('target-etc'))).toEqual(['tiny 1.cfg']);
    expect(readdirSync(at('target-auto'))).toEqual(['tiny.cfg']);
    expect(readdirSync(at('source-etc'))).toEqual([]);
    expect(readdirSync(at('source-auto'))).toEqual([]);
    expect(existsSync(at('source/jobs/m1/key'))).toBe(false);
    expect(await unstage(target, 'm1')).toBe('gone');
    expect(readdirSync(at('target/incoming'))).toEqual([]);
  });

  it('leaves nothing at a target whose link opens a little later, nor where something still lets its disks go', async () => {
    const { source, target } = await begin();
    await follow();
    await received();
    // as disks-in notes itself; it takes a moment to end
    const disks = spawn('sh', ['-c', "trap 'trap : TERM; sleep 0.3; exit' TERM; while :; do sleep 0.1; done"], { stdio: 'ignore' });
    const start = readFileSync(`/proc/${disks.pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')[19];
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
    writeFileSync(at('target/incoming/m1/pid.disks'), `${disks.pid} ${start} ${boot}`);
    let open = false;
    await settle({
      id: 'm1',
      about: { ...aboutMove, uuid },
      source,
      target: async () => {
        await new Promise((next) => setTimeout(next, 50));
        open = true;
        return target;
      },
      targetIfOpen: () => (open ? target : null),
      wait: (ms) => new Promise((next) => setTimeout(next, ms / 30)),
      log: () => {},
      lines: [],
    });
    expect(readdirSync(at('target/incoming'))).toEqual([]);
    expect(disks.exitCode ?? disks.signalCode).not.toBeNull();
    keysAsBefore();
    expect(readdirSync(at('target-etc'))).toEqual(['tiny 1.cfg']);
  });

  it('stops an xl that lives on after its job was killed, before it says that the guest stayed', async () => {
    flag('hold');
    const { source, target } = await begin();
    while (!existsSync(at('source/jobs/m1/phase')) || !text('source/jobs/m1/phase').startsWith('moving'))
      await new Promise((next) => setTimeout(next, 20));
    process.kill(Number(text('source/jobs/m1/pid').split(' ')[0]), 'SIGKILL');
    while ((await looks())[0].job !== 'died') await new Promise((next) => setTimeout(next, 20));
    const settling = settle({
      id: 'm1',
      about: { ...aboutMove, uuid },
      source,
      target: () => Promise.resolve(target),
      targetIfOpen: () => target,
      wait: (ms) => new Promise((next) => setTimeout(next, ms / 30)),
      log: () => {},
      lines: [],
    });
    const said = settling.then(
      () => 'moved',
      (thrown: unknown) => thrown,
    );
    // what the guest had left to send goes over while it is judged
    while (!existsSync(at('source/jobs/m1/cancel'))) await new Promise((next) => setTimeout(next, 20));
    rmSync(at('hold'));
    // not that it was cancelled, although that is how its xl was stopped
    expect(await said).toMatchObject({ problem: { code: 'move.killed', effect: 'none' } });
    await new Promise((next) => setTimeout(next, 500));
    expect(text('source.name')).toBe('tiny\n');
    expect(existsSync(at('target.name'))).toBe(false);
    untouchedAtSource();
    keysAsBefore();
  });

  it('has no autostart link at the source while it moves, and its config in one place', async () => {
    flag('hold');
    await begin();
    while (!existsSync(at('source/jobs/m1/phase')) || !text('source/jobs/m1/phase').startsWith('moving'))
      await new Promise((next) => setTimeout(next, 20));
    expect(readdirSync(at('source-auto'))).toEqual([]);
    expect(readdirSync(at('target-etc'))).toEqual([]);
    rmSync(at('hold'));
    await follow();
    await received();
    keysAsBefore();
    expect(await judged()).toBe('moved');
  });

  it('stays, whole, when it is cancelled on the way', async () => {
    flag('hold');
    const { source, target } = await begin();
    while (!existsSync(at('source/jobs/m1/phase')) || !text('source/jobs/m1/phase').startsWith('moving'))
      await new Promise((next) => setTimeout(next, 20));
    expect((await source.program(jobPrograms.cancel, ['m1'])).stdout).toBe('ok\n');
    rmSync(at('hold'));
    expect(await follow()).toContain('phase cancelled\n');
    expect(await judged()).toBe('stayed');
    untouchedAtSource();
    expect(await unstage(target, 'm1')).toBe('gone');
    keysAsBefore();
  });

  it('does not say that it stayed where xl could not let it go on: it is helped on', async () => {
    flag('refuseEarly');
    flag('stuck');
    await begin();
    const told = await follow();
    expect(told).toContain('|xenferry: xl did not let it go on');
    expect(told).toContain('phase undecided\n');
    await received();
    expect(await judged()).toBe('suspended');
  });

  it('does not go over the point of no return after a cancel, nor cancel after it', async () => {
    flag('hold');
    const { source } = await begin();
    while (!existsSync(at('source/jobs/m1/stop'))) await new Promise((next) => setTimeout(next, 20));
    const cancelled = source.program(jobPrograms.cancel, ['m1']);
    rmSync(at('hold'));
    const [told, answer] = [await follow(), (await cancelled).stdout];
    expect(answer === 'ok\n' ? told.includes('committed\n') : told.includes('phase cancelled')).toBe(false);
    expect(['moved', 'stayed']).toContain(await judged());
  });

  it('stays when the config was edited meanwhile, and keeps the edit', async () => {
    flag('hold');
    await begin();
    writeFileSync(config(), 'edited');
    rmSync(at('hold'));
    const told = await follow();
    expect(told).toContain('phase changed\n');
    expect(told).not.toContain('committed\n');
    expect(text('source-etc', 'tiny 1.cfg')).toBe('edited');
    expect(readdirSync(at('source-auto'))).toEqual(['tiny.cfg']);
    expect(await judged()).toBe('stayed');
  });

  it.each([['noSsh'], ['refuseEarly'], ['refuse']])('stays, whole, when the target refuses (%s)', async (how) => {
    flag(how);
    await begin();
    expect(await follow()).toContain('phase stayed\n');
    expect(await judged()).toBe('stayed');
    untouchedAtSource();
  });

  it('stands still where the target died after the point of no return, and goes on or starts again', async () => {
    for (const canResume of [false, true]) {
      flag('die');
      if (canResume) flag('canResume');
      const { source, target } = await begin();
      expect(await follow()).toContain('phase undecided\n');
      expect(await judged()).toBe('suspended');
      expect(existsSync(config())).toBe(false);
      expect(await resumeAtSource(source, 'm1', { uuid, guestName: 'tiny', anew: false })).toBe(canResume ? 'resumed' : 'restarted');
      untouchedAtSource();
      expect(text('source.name')).toBe('tiny\n');
      await unstage(target, 'm1');
      await aside(source, 'm1', 'done');
      for (const pipe of ['to', 'from']) rmSync(at(pipe));
    }
  });

  it.each([
    ['moved, where the config was installed', true],
    ['started anew, where nothing says how it ended', false],
  ])('after a loss of power at the target it has %s', async (_how, installed) => {
    flag('die');
    flag('canResume');
    const { source, target } = await begin();
    await follow();
    // what was not synced is gone
    rmSync(at('target/incoming/m1/exit'));
    writeFileSync(at('target/incoming/m1/boot'), 'another\n');
    if (installed) flag('target/incoming/m1/installed');
    const settling = settle({
      id: 'm1',
      about: { ...aboutMove, uuid },
      source,
      target: () => Promise.resolve(target),
      targetIfOpen: () => target,
      wait: () => Promise.resolve(),
      log: () => {},
      lines: [],
    });
    if (installed) {
      await settling;
      // neither its config nor the half that must never go on
      expect([existsSync(config()), existsSync(at('source.name'))]).toEqual([false, false]);
    } else {
      await expect(settling).rejects.toMatchObject({ problem: { code: 'move.restarted' } });
      expect(text('source.name')).toBe('tiny\n');
      untouchedAtSource();
    }
  });

  it('moves the config of a halted guest there, and back again when asked', async () => {
    const [source, target] = [remoteOf('source'), remoteOf('target')];
    const prepared = await prepare(source, 'm1', { config: config(), autoFolder: at('source-auto'), about });
    await stage(target, 'm1', {
      uuid,
      prepared,
      keysFile: null,
      from: [],
      configFile: at('target-etc', 'tiny 1.cfg'),
      autoFolder: at('target-auto'),
    });
    keysAsBefore();
    const halted = { uuid, guestName: 'tiny', configFile: 'file' };
    await expect(letGo(source, 'm1', halted)).rejects.toMatchObject({ problem: { code: 'guest.wrongState' } }); // started meanwhile
    rmSync(at('source.name'));
    await letGo(source, 'm1', halted);
    expect(readdirSync(at('source-etc'))).toEqual([]);
    await aside(source, 'm1', 'back');
    untouchedAtSource();
    await letGo(source, 'm1', halted);
    await install(target, 'm1');
    await install(target, 'm1');
    expect(readdirSync(at('target-auto'))).toEqual(['tiny.cfg']);
    writeFileSync(config(), 'x');
    await expect(letGo(source, 'm1', halted)).rejects.toMatchObject({ problem: { code: 'config.changed' } });
  });

  describe('the move of a config, cut off', () => {
    beforeEach(() => rmSync(at('source.name')));
    const file = () => at('target-etc', 'tiny 1.cfg');
    // both hosts share one machine here: the target's etc is a folder of its own
    const elsewhere = (remote: Remote): Remote => ({
      ...remote,
      program: (what, args, options) =>
        remote.program(
          what,
          args.map((word) => word.replace('source-etc', 'target-etc')),
          options,
        ),
    });
    /** Loses the link after a program has done its work. */
    const losing = (remote: Remote, lost: string): Remote => ({
      ...remote,
      program: async (what, args, options) => {
        const ran = await remote.program(what, args, options);
        if (lost === [what.name, ...(what.name === 'move-aside' ? args.slice(1, 2) : [])].join(' '))
          throw new ProblemError(problem('ssh.closed', { address: 'host' }, { effect: 'unknown' }));
        return ran;
      },
    });
    const ends = () => ({ source: remoteOf('source'), target: elsewhere(remoteOf('target')) });
    const move = () => ({
      id: 'm1',
      about: { ...aboutMove, kind: 'guest.moveConfig' as const, configFile: config() },
      autoFolder: { source: at('source-auto'), target: at('target-auto') },
    });
    const onlyAtTarget = () => {
      expect([existsSync(config()), existsSync(file())]).toEqual([false, true]);
      expect([readdirSync(at('source-auto')), readdirSync(at('target-auto'))]).toEqual([[], ['tiny.cfg']]);
      expect([readdirSync(at('source/jobs')), readdirSync(at('target/incoming'))]).toEqual([[], []]);
    };

    it.each([['move-install'], ['move-unstage'], ['move-aside aside'], ['move-aside done']])(
      'goes on to the target when the answer of %s was lost',
      async (lost) => {
        const { source, target } = ends();
        expect(await moveConfig(losing(source, lost), losing(target, lost), move())).toBe('unknown');
        await finishMoveConfig(source, target, 'm1', move().about);
        onlyAtTarget();
      },
    );

    it('goes on when it was cut between saying that it lets go and doing so', async () => {
      const { source, target } = ends();
      expect(await moveConfig(losing(source, 'move-aside aside'), target, move())).toBe('unknown');
      writeFileSync(config(), readFileSync(at('source/jobs/m1/aside/config')));
      await finishMoveConfig(source, target, 'm1', move().about);
      onlyAtTarget();
    });

    it('stays where it was started since it was cut off before it had let go', async () => {
      const { source, target } = ends();
      expect(await moveConfig(losing(source, 'move-aside aside'), target, move())).toBe('unknown');
      writeFileSync(config(), readFileSync(at('source/jobs/m1/aside/config')));
      writeFileSync(at('source.name'), 'tiny\n');
      await expect(finishMoveConfig(source, target, 'm1', move().about)).rejects.toThrow('guest.wrongState');
      untouchedAtSource();
      expect([readdirSync(at('source/jobs')), readdirSync(at('target/incoming'))]).toEqual([[], []]);
    });

    it('goes on back when it was cut on the way back', async () => {
      const { source, target } = ends();
      expect(await moveConfig(losing(source, 'move-aside aside'), target, move())).toBe('unknown');
      await aside(source, 'm1', 'back');
      await expect(finishMoveConfig(source, target, 'm1', move().about)).rejects.toThrow('task.interrupted');
      untouchedAtSource();
      expect(readdirSync(at('target/incoming'))).toEqual([]);
    });
  });

  it('never writes over another file at the target', async () => {
    const [source, target] = [remoteOf('source'), remoteOf('target')];
    writeFileSync(at('target-etc', 'tiny 1.cfg'), 'of somebody else');
    const prepared = await prepare(source, 'm1', { config: config(), autoFolder: at('source-auto'), about });
    const staging = stage(target, 'm1', {
      uuid,
      prepared,
      keysFile: keys(),
      from: ['a'],
      configFile: at('target-etc', 'tiny 1.cfg'),
      autoFolder: at('target-auto'),
    });
    await expect(staging).rejects.toMatchObject({ problem: { code: 'config.exists' } });
    keysAsBefore();
    expect(readdirSync(at('target/incoming'))).toEqual([]);
  });

  it('stages nothing of what a lost link cut off', async () => {
    const words = ['m3', '', '', at('target-etc', 'a'), '644', '', '', uuid];
    const ran = await remoteOf('target').program(endPrograms.stage, words, { stdin: 'file receive AAAA\nfile config AA' });
    expect(ran.stdout).toBe('failed input\n');
    expect(readdirSync(at('target/incoming'))).toEqual([]);
  });

  it('receives nothing once its folder was taken away', async () => {
    flag('hold');
    const inside = join(world, 'target/incoming/m4');
    mkdirSync(inside, { recursive: true });
    writeFileSync(join(inside, 'receive'), receiveText);
    const gone: Program = {
      name: 'gone',
      text: `cd "${inside}" && rm -rf "${inside}" && set -- inside\n${receiveText.replace(/^cd .*$/m, '')}`,
    };
    const ran = await remoteOf('target').program(gone, [], { stdin: 'DATAEND\nGO\n' });
    expect(ran.exit).toBe(1);
    expect(existsSync(at('target.name'))).toBe(false);
  });

  it('puts its line into any authorized_keys and takes it out again without another byte changed', async () => {
    const target = remoteOf('target');
    const line = fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).filter((one) => !one.includes('xenferry-'));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 4 }), fc.boolean(), async (lines, newline) => {
        const before = lines.join('\n') + (newline && lines.length > 0 ? '\n' : '');
        writeFileSync(keys(), before);
        const prepared = { key: 'ssh-ed25519 CCCC', config: null, autostart: null };
        await stage(target, 'm2', { uuid, prepared, keysFile: keys(), from: ['a'], configFile: null, autoFolder: '' });
        expect(readFileSync(keys(), 'utf8').endsWith(before)).toBe(true);
        await unstage(target, 'm2');
        expect(readFileSync(keys(), 'utf8')).toBe(before);
      }),
      { numRuns: 12 },
    );
  });
});

it('sends to the target what the unit tests ran', () => {
  expect([receiveText, unlockText, endPrograms.install.text].every((one) => one.startsWith('#!/bin/sh\n'))).toBe(true);
});
