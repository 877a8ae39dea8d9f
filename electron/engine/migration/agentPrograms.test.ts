import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jobPrograms } from '../remote/jobs.ts';
import { remoteHere, removeFolder, shells } from '../remote/programTest.ts';
import type { Ran, Remote } from '../remote/remote.ts';
import { agentProgram } from './agent.ts';
import { look, unstage } from './ends.ts';
import { judge } from './judge.ts';
import { type MoveToStart, startMove } from './move.ts';
import type { AboutMove } from './plan.ts';
import { settle } from './settle.ts';

/**
 * A move for which the source logs in by the operator's agent: our real programs at both ends in two folders of this machine; xl, ssh and
 * xenstore are stand-ins. ssh comes in where IdentityAgent is a file that is there, and runs what it is asked for.
 */
const standIns = {
  'xenstore-list': '[ ! -e "$WORLD/$END.name" ] || echo 7',
  'xenstore-read': `case $1 in */vm) [ -e "$WORLD/$END.name" ] && echo /vm/$UUID ;; */name) cat "$WORLD/$END.name" ;; esac`,
  ssh: `printf '%s\\n' "$@" >"$WORLD/asked"
for one; do
  case $one in IdentityAgent=*) agent=\${one#*=} ;; LocalCommand=*) come=\${one#*=} ;; esac
done
[ -e "$agent" ] || { echo "root@host2: Permission denied (publickey)." >&2; exit 255; }
eval "$come"
END=target XENFERRY_ROOT=$WORLD/target; export END XENFERRY_ROOT
case $one in 'sudo -k -n -- '*) one=\${one#'sudo -k -n -- '} ;; esac
exec $SHELL_WORDS \${one#sh }`,
  xl: `trap '' PIPE
case $1 in
  list) echo "Name ID Mem VCPUs State Time(s)"; echo "x 7 80 1 -b---- 1.0" ;;
  migrate)
    mkfifo "$WORLD/to" "$WORLD/from"
    sh -c "exec $3 $5 xl migrate-receive" <"$WORLD/to" >"$WORLD/from" &
    exec 5>"$WORLD/to" 6<"$WORLD/from"
    [ "$(dd bs=1 count=54 <&6 2>/dev/null)" = "xl migration receiver ready, send binary domain data." ] || { echo "Migration failed" >&2; exit 1; }
    echo DATAEND >&5
    ready=$(dd bs=1 count=33 <&6 2>/dev/null)
    [ "$ready" = "domain received, ready to unpause" ] || { echo "Migration failed, resuming at sender." >&2; exit 1; }
    echo GO >&5
    [ "$(dd bs=1 count=2 <&6 2>/dev/null)" = OK ] || exit 1
    rm "$WORLD/source.name"
    echo "Migration successful." >&2 ;;
  migrate-receive)
    printf 'xl migration receiver ready, send binary domain data.\\n'
    read -r data && [ "$data" = DATAEND ] || exit 1
    printf 'domain received, ready to unpause'
    read -r go && [ "$go" = GO ] || exit 1
    echo tiny >"$WORLD/target.name"
    printf OK ;;
esac`,
};

const uuid = 'd4acd2a9-350f-471e-9f2b-802ac4947aee';

describe.each(shells.map((words) => ({ name: words.join(' '), words })))('a move by the operator’s agent under $name', ({ words }) => {
  let world = '';
  const at = (...path: string[]) => join(world, ...path);
  const text = (...path: string[]) => readFileSync(at(...path), 'utf8');
  const keys = () => at('root', 'authorized_keys');
  const socket = () => at('run', 'xenferry-agent.one', 'agent');

  beforeEach(() => {
    world = mkdtempSync(join(tmpdir(), 'agent-'));
    for (const folder of ['bin', 'etc', 'source-auto', 'target-auto', 'root', 'source/locks', 'target/locks', 'run/xenferry-agent.one'])
      mkdirSync(at(folder), { recursive: true });
    for (const [name, program] of Object.entries(standIns)) writeFileSync(at('bin', name), `#!/bin/sh\n${program}\n`, { mode: 0o755 });
    writeFileSync(at('source.name'), 'tiny\n');
    writeFileSync(at('etc/tiny.cfg'), "name = 'tiny'\n");
    writeFileSync(keys(), 'ssh-ed25519 AAAA somebody\n');
    writeFileSync(socket(), '');
  });
  afterEach(() => removeFolder(world));

  const remoteOf = (end: 'source' | 'target'): Remote => {
    const path = `${at('bin')}:${process.env.PATH}`;
    const own = { WORLD: world, UUID: uuid, END: end, XENFERRY_ROOT: at(end), XENFERRY_RUN: at('run'), SHELL_WORDS: words.join(' ') };
    return remoteHere(words, { PATH: path, ...own });
  };

  const about = (): AboutMove => ({
    kind: 'guest.migrate',
    guestId: 'g',
    guestName: 'tiny',
    uuid,
    domid: 7,
    memoryMiB: 80,
    target: '',
    targetLabel: 'host2',
    // one file for both: here the two hosts share one machine
    configFile: at('etc/tiny.cfg'),
    pingAddress: null,
    activated: [],
    transport: 'agent',
    startedAt: 0,
  });
  const begin = async (login: { user: string; root: 'direct' | 'sudo' } = { user: 'root', root: 'direct' }) => {
    const [source, target] = [remoteOf('source'), remoteOf('target')];
    const move: MoveToStart = {
      id: 'm1',
      about: about(),
      lock: uuid,
      server: { ports: [22], permitRoot: 'no', keysFile: null, hostKeys: [{ type: 'ssh-ed25519', blob: 'AAAA' }], addresses: [] },
      way: { address: 'host2', port: 22, from: null },
      from: [],
      agent: { path: socket(), login: { ...login, key: null } },
      autoFolder: { source: at('source-auto'), target: at('target-auto') },
      leases: [],
      copies: [],
      limitMiBPerS: null,
      configThere: (own) => own,
      stopSeconds: null,
      saves: false,
      later: null,
    };
    await startMove(source, target, move, new AbortController().signal);
    return { source, target };
  };
  const follow = async () => (await remoteOf('source').program(jobPrograms.follow, ['m1', '0'])).stdout;
  const judged = async () => judge('tiny', await look(remoteOf('source'), 'm1', uuid), await look(remoteOf('target'), 'm1', uuid));
  const settled = async () => {
    const [source, target] = [remoteOf('source'), remoteOf('target')];
    const lines = text('source/jobs/m1/log').split('\n').filter(Boolean);
    const wait = (ms: number) => new Promise<void>((next) => setTimeout(next, ms / 30));
    const ends = { source, target: () => Promise.resolve(target), targetIfOpen: () => target };
    return settle({ id: 'm1', about: about(), ...ends, wait, log: () => {}, lines }).then(
      () => 'moved',
      (thrown: unknown) => thrown,
    );
  };
  /** The target's folder without a job that comes: whoever asks for its program is heard. */
  const come = (...args: string[]): Promise<Ran> =>
    remoteOf('target').program({ name: at('target/incoming/m1'), text: `exec ${words.join(' ')} "$0/receive" "$@" </dev/null` }, args);
  const staged = async () => {
    rmSync(socket()); // the job finds nobody, and ends
    await begin();
    await follow();
  };

  it.each([
    { user: 'root', root: 'direct' },
    { user: 'operator', root: 'sudo' },
  ] as const)('brings the guest over as $user, and writes nothing into authorized_keys', async (login) => {
    const before = statSync(keys());
    await begin(login);
    const told = await follow();
    expect(told, text('source/jobs/m1/log')).toContain('phase moved\n');
    while (!existsSync(at('target/incoming/m1/exit'))) await new Promise((next) => setTimeout(next, 20));
    expect(await judged()).toBe('moved');
    expect(text('root/authorized_keys')).toBe('ssh-ed25519 AAAA somebody\n');
    expect(statSync(keys())).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs, ctimeMs: before.ctimeMs });
    const asked = text('asked').split('\n');
    expect(asked).toContain(`IdentityAgent=${socket()}`);
    expect(asked).toContain(login.user);
    expect(asked).not.toContain('-i');
    const program = `sh ${at('target/incoming/m1/receive')}`;
    expect(asked).toContain(login.root === 'sudo' ? `sudo -k -n -- ${program}` : program);
    // nobody is expected there any more, and nobody answers here
    expect(existsSync(at('target/incoming/m1/open'))).toBe(false);
    expect(readdirSync(at('run'))).toEqual([]);
    expect(await unstage(remoteOf('target'), 'm1')).toBe('gone');
    expect(readdirSync(at('target/incoming'))).toEqual([]);
  });

  it('stays where the agent does not answer, and says so', async () => {
    rmSync(socket());
    await begin();
    expect(await follow()).toContain('phase stayed\n');
    expect(await settled()).toMatchObject({ problem: { code: 'move.agentCut', name: 'tiny', effect: 'none' } });
    expect(text('etc/tiny.cfg')).toBe("name = 'tiny'\n");
    expect(text('source.name')).toBe('tiny\n');
    expect(readdirSync(at('target/incoming'))).toEqual([]);
    expect(readdirSync(at('run'))).toEqual([]);
  });

  it('lets nobody in after ten minutes, after a boot, for something else, or twice', async () => {
    await staged();
    const [may = '', until = '', boot = ''] = text('target/incoming/m1/open').trim().split(' ');
    const up = Number(readFileSync('/proc/uptime', 'utf8').split('.')[0]);
    expect(may).toBe('memory');
    expect(Number(until) - up).toBeGreaterThan(540);
    expect(Number(until) - up).toBeLessThanOrEqual(600);
    const open = (...words: (string | number)[]) => writeFileSync(at('target/incoming/m1/open'), `${words.join(' ')}\n`);
    const refused = 'xenferry: nobody is expected here now\n';
    expect((await come('disks')).stderr).toBe(refused);
    open(may, up - 1, boot);
    expect((await come()).stderr).toBe(refused);
    open(may, until, 'another-boot');
    expect((await come()).stderr).toBe(refused);
    open('');
    expect((await come()).stderr).toBe(refused);
    rmSync(at('target/incoming/m1/open'));
    expect((await come()).stderr).toBe(refused);
    expect(existsSync(at('target/incoming/m1/pid'))).toBe(false);
    open(may, until, boot);
    expect((await come()).stderr).toBe('');
    open(may, until, boot);
    expect((await come()).stderr).toBe('xenferry: this key was used already\n');
  });

  it('expects the memory after the disks, for ten minutes from then', async () => {
    await staged();
    const inFolder = (what: string, ...args: string[]) =>
      remoteOf('target').program({ name: at('target/incoming/m1', what), text: `exec ${words.join(' ')} "$0" "$@"` }, args);
    expect(await inFolder('unlock')).toMatchObject({ exit: 0 });
    expect(existsSync(at('target/incoming/m1/open'))).toBe(false);
    expect(await inFolder('admit', 'disks')).toMatchObject({ exit: 0 });
    expect(text('target/incoming/m1/open')).toMatch(/^disks \d+ \S+\n$/);
    expect(await inFolder('admit')).toMatchObject({ exit: 0 });
    expect(text('target/incoming/m1/open')).toMatch(/^memory \d+ \S+\n$/);
    expect(text('root/authorized_keys')).toBe('ssh-ed25519 AAAA somebody\n');
  });

  it('makes a folder only for the login user, takes it away again, and those that nobody came back for', async () => {
    const agent = (...args: string[]) => remoteOf('source').program(agentProgram, args);
    const old = at('run', 'xenferry-agent.one');
    const weekAgo = Date.now() / 1000 - 8 * 24 * 3600;
    utimesSync(old, weekAgo, weekAgo);
    const made = /^at (.*)\nok\n$/.exec((await agent('make', userInfo().username)).stdout)?.[1] ?? '';
    expect(made.startsWith(at('run', 'xenferry-agent.'))).toBe(true);
    expect(statSync(made).mode & 0o777).toBe(0o700);
    expect(readdirSync(at('run'))).toHaveLength(1);
    writeFileSync(join(made, 'agent'), '');
    writeFileSync(at('run', 'kept'), '');
    expect((await agent('end', at('run', 'kept'))).stdout).toBe('ok\n');
    expect((await agent('end', join(made, 'agent'))).stdout).toBe('ok\n');
    expect(readdirSync(at('run'))).toEqual(['kept']);
    expect((await agent('make', 'nobody-of-this-name')).stdout).toBe('failed folder\n');
    expect(readdirSync(at('run'))).toEqual(['kept']);
  });
});
