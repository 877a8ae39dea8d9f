import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ProblemError } from '../../contract/problem.ts';
import { configProgram } from '../guests/configFiles.ts';
import { holdLock, type MadeUpHost, madeUpHost, replay, shells } from '../remote/programTest.ts';
import type { Remote } from '../remote/remote.ts';
import { lookAtHost, lookProgram } from './look.ts';
import { type HostAction, mendAt } from './mend.ts';

/** The real programs on a made-up host: what they see, and that they change nothing that is otherwise than it was told. */

const uuid = 'd4acd2a9-350f-471e-9f2b-802ac4947aee';
const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
const guest = { name: 'web', uuid };

describe.each(shells.map((words) => ({ name: words.join(' '), words })))('the doctor on a host under $name', ({ words }) => {
  let host: MadeUpHost;
  let child: ChildProcess | null = null;
  const at = (...path: string[]) => join(host.root, ...path);
  const put = (path: string, text: string) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  };
  const domain = (name: string, state: string) => {
    put('name', name);
    put('state', state);
  };
  /** One domain, 7: its name and state lie in files, and xl says what it does into `did`. */
  const standIns = (): Record<string, string> => ({
    'xenstore-list': `case $1 in
      */backend) [ ! -e '${at('params')}' ] || echo qdisk ;;
      */qdisk) echo 7 ;;
      */qdisk/7) echo 51712 ;;
      *) echo 0; [ ! -e '${at('name')}' ] || echo 7 ;;
      esac`,
    'xenstore-read': `case $1 in */7/vm) echo /vm/${uuid} ;; */7/name) cat '${at('name')}' ;; */backend/qdisk/7/51712/params) cat '${at('params')}' ;; *) exit 1 ;; esac`,
    xl: `case $1 in
      help) echo ' resume              Resume a domain' ;;
      list) if [ "$2" = -v ]; then
          printf 'Name    ID   Mem VCPUs\\tState\\tTime(s)   UUID  Reason-Code\\tSecurity Label\\nDomain-0   0   704  1  r-----  260.1 00000000-0000-0000-0000-000000000000  -  -\\n'
          [ ! -e '${at('name')}' ] || printf '%s   7    80     1     %s       1.5 ${uuid}     -    -\\n' "$(cat '${at('name')}')" "$(cat '${at('state')}')"
        else echo "x 7 80 1 $(cat '${at('state')}') 1.0"; fi ;;
      destroy) echo "destroy $2" >>'${at('did')}'; rm '${at('name')}' ;;
      resume) echo "resume $2" >>'${at('did')}' ;;
      unpause) echo "unpause $2" >>'${at('did')}' ;;
      esac`,
    lvs: `cat '${at('lvs')}' 2>/dev/null; :`,
    losetup: `cat '${at('loops')}' 2>/dev/null; :`,
  });
  /** Processes of other tests are none of this host's. */
  const env = () => ({ XENFERRY_ROOT: at('var'), XENFERRY_PROC: at('processes') });
  const remote = () =>
    ({
      program: (program, args, options) =>
        host.run(words, program, {
          args,
          standIns: standIns(),
          inside: ['/root', '/sys'],
          stdin: String(options?.stdin ?? ''),
          env: env(),
        }),
    }) as Pick<Remote, 'program'> as Remote; // the doctor only runs programs
  const look = () => lookAtHost(remote(), 'h', [at('srv')]);
  const mend = async (action: HostAction, of = guest as { name: string; uuid: string } | null): Promise<string> => {
    try {
      await mendAt(remote(), action, { guest: of, trashId: 't1', autoFolder: at('auto') });
      return 'ok';
    } catch (thrown) {
      if (!(thrown instanceof ProblemError)) throw thrown;
      return 'why' in thrown.problem ? String(thrown.problem.why) : thrown.problem.code;
    }
  };
  const copy = { hostId: 'h', domid: 7, name: 'web--incoming', state: '--p---', seconds: 0 };
  const end = (how: 'incoming' | 'migratedaway' | 'suspended' | 'paused'): HostAction => ({
    ...{ is: 'end', uuid, how },
    copy: { ...copy, name: how === 'incoming' || how === 'migratedaway' ? `web--${how}` : 'web' },
  });
  const did = () => (existsSync(at('did')) ? readFileSync(at('did'), 'utf8') : '');
  /** A process of ours, as a job or a receiver notes it. */
  const working = async (folder: string, file = 'pid') => {
    child = spawn('sh', ['-c', 'echo ready; read end'], { stdio: ['pipe', 'pipe', 'ignore'] });
    await new Promise((heard) => child?.stdout?.once('data', heard));
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'latin1').replace(/.*\) /, '').split(' ');
    put(join(folder, file), `${child.pid} ${stat[19]} ${boot}\n`);
  };
  /** A process of the host, as /proc shows it. */
  const proc = (pid: string, argv: string, input: string, parent = 40) => {
    // the kernel cuts a name to 15 letters
    const comm = argv.split(' ')[0]?.slice(0, 15) ?? '';
    put(`processes/${pid}/comm`, `${comm}\n`);
    put(`processes/${pid}/cmdline`, `/usr/lib/xen/bin/${argv.split(' ').join('\0')}\0`);
    put(`processes/${pid}/stat`, `${pid} (${comm}) S ${parent} 41 41 0\n`);
    mkdirSync(at('processes', pid, 'fd'));
    symlinkSync(input, at('processes', pid, 'fd', '0'));
  };
  const old = (path: string) => utimesSync(at(path), 1, 1);
  beforeEach(() => {
    host = madeUpHost();
    mkdirSync(at('var'));
    for (const name of ['mkdir', 'awk']) expect(existsSync(at('.bin', name))).toBe(true);
  });
  afterEach(async () => {
    child?.stdin?.end();
    child = null;
    await host.remove();
  });

  it('sees nothing on a host with nothing, and the domains of real Xen', async () => {
    const seen = await look();
    expect(seen).toMatchObject({
      boot,
      canResume: true,
      domains: [],
      jobs: [],
      incoming: [],
      keys: [],
      parts: [],
      volumes: [],
      left: [],
      traces: [],
      locks: [],
    });
    const real = { ...standIns(), xl: `case $1 in list) ${replay('xl-list-v').replace(/exit 0$/, '')} ;; esac` };
    const ran = await host.run(words, lookProgram, { standIns: real, env: env() });
    expect(ran.stdout).toContain('domain\t4\t-b----\t22.9\t9fa81fca-1354-45df-a606-d2d339d04e22\ttiny1\n');
    expect(ran.stdout).not.toContain('Domain-0');
  });

  it('says so when the domains can’t be listed', async () => {
    const broken = await host.run(words, lookProgram, { standIns: { ...standIns(), xl: 'exit 1' }, env: env() });
    expect(broken.stdout.trimEnd().split('\n').at(-1)).toBe('failed domains');
  });

  it('sees what moves and creations leave', async () => {
    domain('web --incoming', '--p---');
    put('var/jobs/m1/about', '{"kind":"guest.migrate"}\n');
    put('var/jobs/m1/guest', `${uuid}\n`);
    put('var/jobs/m1/pid', '1 1 another-boot\n');
    put('var/jobs/m1/phase', 'undecided\n');
    put('var/jobs/m1/committed', '');
    put('var/jobs/m1/where-config', `${at('etc/web.cfg')}\n`);
    put('var/incoming/m2/guest', `${uuid}\n`);
    put('var/incoming/m2/exit', '1\n');
    put('var/incoming/m2/keysfile', '\n');
    put('srv/web.img', 'half');
    put(
      'var/incoming/m2/made',
      `file ${statSync(at('srv/web.img')).ino}\n${at('srv/web.img')}\nfile 1\n${at('etc')}\nvolume xenferry-m2\nvg0/web\n`,
    );
    put(
      'lvs',
      '  vg0|web|Uu-1|4096||xenferry-m2|1\n  vg0|other|Uu-2|4096|open||1\n  vg0|lost|Uu-3|4096|open|xenferry-m3|9999999999\n  vg0|xenferry-trash-x-y|Uu-4|1||xenferry-m3|1\n',
    );
    put('srv/.xenferry-m4-0.part', 'abc');
    put('srv/.xenferry-trash/x', '');
    put(
      'root/.ssh/authorized_keys',
      `ssh-ed25519 AAAA me\nrestrict,from="10.0.0.1",expiry-time="20200101000000",command="sh x" ssh-ed25519 AAAB xenferry-m5\nrestrict,from="10.0.0.1",expiry-time="29990101000000",command="sh x" ssh-ed25519 AAAB xenferry-m6\n`,
    );
    put('sys/kernel/tracing/instances/xenferry-m7/x', '');
    put('var/locks/stale', '');
    put('var/locks/authorized_keys', '');
    const letGo = await holdLock(at('var/locks/held'));
    const seen = await look();
    await letGo();
    expect(seen.domains).toEqual([{ domid: 7, state: '--p---', seconds: 1.5, uuid, name: 'web --incoming' }]);
    expect(seen.jobs).toMatchObject([
      {
        id: 'm1',
        state: 'died',
        rebooted: true,
        phase: 'undecided',
        committed: true,
        lock: uuid,
        aside: { file: at('etc/web.cfg'), here: false },
      },
    ]);
    expect(seen.incoming).toMatchObject([
      {
        id: 'm2',
        state: 'failed',
        installed: false,
        uuid,
        made: [
          { path: at('srv/web.img'), bytes: 4 },
          { path: '/dev/vg0/web', bytes: 4096 },
        ],
      },
    ]);
    expect(seen.volumes).toEqual([
      { id: 'm2', path: '/dev/vg0/web', uuid: 'Uu-1', bytes: 4096, open: false, ageSeconds: expect.any(Number) },
      { id: 'm3', path: '/dev/vg0/lost', uuid: 'Uu-3', bytes: 4096, open: true, ageSeconds: 0 },
    ]);
    expect(seen.volumes[0]?.ageSeconds).toBeGreaterThan(1_700_000_000);
    expect(seen.parts).toMatchObject([{ id: 'm4', bytes: 3, path: at('srv/.xenferry-m4-0.part') }]);
    expect(seen.keys.map((one) => [one.id, one.expired])).toEqual([
      ['m5', true],
      ['m6', false],
    ]);
    expect(seen.traces.map((one) => one.id)).toEqual(['m7']);
    expect(seen.locks.map((one) => [one.name, one.held])).toEqual([
      ['held', true],
      ['stale', false],
    ]);
  });

  it('sees disks that came out of the trash as what was made for their move, as long as they are those', async () => {
    put('srv/web.img', 'half');
    put('srv/b.img', 'of somebody else');
    put(
      'var/incoming/m2/made',
      `base m1 ${statSync(at('srv/web.img')).ino}\n${at('srv/web.img')}\nbase m1 1\n${at('srv/b.img')}\nbase m1 xenferry-m2\n/dev/vg0/web\nbase m1 xenferry-m2\n/dev/vg0/db\n`,
    );
    put('lvs', '  vg0|web|Uu-1|4096||xenferry-m2\n  vg0|db|Uu-2|4096||xenferry-m20\n');
    expect((await look()).incoming).toMatchObject([
      {
        id: 'm2',
        made: [
          { path: at('srv/web.img'), bytes: 4 },
          { path: '/dev/vg0/web', bytes: 4096 },
        ],
      },
    ]);
  });

  it('tells whether anybody has come into the folder of a move, and whether it waits', async () => {
    for (const one of ['m1', 'm2', 'm3', 'm4']) put(`var/incoming/${one}/keysfile`, '/root/.ssh/authorized_keys\n');
    put('var/incoming/m2/pid.disks', '1 1 another-boot\n');
    put('var/incoming/m3/keysfile', '\n'); // nobody has to come
    await working('var/incoming/m4', 'pid.door');
    put('var/incoming/m4/guest', `${uuid}\n`);
    domain('', '');
    expect((await look()).incoming.map((one) => [one.id, one.state])).toEqual([
      ['m1', 'staged'],
      ['m2', 'claimed'],
      ['m3', 'claimed'],
      ['m4', 'waiting'],
    ]);
    put('name', 'other');
    const nobody = { name: 'web', uuid: '00000000-0000-4000-8000-000000000000' };
    expect(await mend({ is: 'install', jobId: 'm4', file: at('etc/web.cfg') }, nobody)).toBe('moving');
    expect(await mend({ is: 'unstage', jobId: 'm4', disks: [] }, nobody)).toBe('moving');
    expect(existsSync(at('var/incoming/m4'))).toBe(true);
  });

  it('tells an xl that moves or saves a guest from the monitor that stays with one', async () => {
    proc('50', 'xl migrate-receive', 'pipe:[1]');
    proc('51', 'xl migrate-receive', '/dev/null');
    proc('52', 'xl migrate web b', '/dev/null');
    proc('53', 'xl list', '/dev/null');
    proc('54', 'xl save web file', '/dev/null');
    proc('55', 'libxl-save-helper --save-domain 14 11 1 0 136 0', 'pipe:[2]', 54);
    proc('56', 'xl restore file', '/dev/null');
    proc('57', 'libxl-save-helper --restore-domain 14 11', 'pipe:[3]', 56);
    proc('58', 'libvirtd', '/dev/null');
    proc('59', 'libxl-save-helper --save-domain 14 11 1 0 136 0', 'pipe:[4]', 58);
    const seen = await look();
    expect(seen.movers).toEqual([
      { way: 'receive', ours: null },
      { way: 'send', ours: null },
      { way: 'send', ours: null },
      { way: 'receive', ours: null },
      { way: 'send', ours: null },
    ]);
  });

  it('ends a half, by its number, and leaves no lock', async () => {
    domain('web--incoming', '--p---');
    expect(await mend(end('incoming'))).toBe('ok');
    expect(did()).toBe('destroy 7\n');
    expect(readdirSync(at('var/locks'))).toEqual([]);
  });

  it.each([
    ['runs', 'web--incoming', '-b----', 'incoming', 'running'],
    ['was renamed', 'web', '--p---', 'incoming', 'changed'],
    ['was given its half’s name', 'web--incoming', '--p---', 'paused', 'changed'],
    ['goes on', 'web', '-b----', 'suspended', 'running'],
    ['was let go on', 'web--migratedaway', '-b----', 'migratedaway', 'running'],
    ['is suspended', 'web', '--pss-', 'paused', 'running'],
  ] as const)('ends nothing that %s', async (_what, name, state, how, why) => {
    domain(name, state);
    expect(await mend(end(how))).toBe(why);
    expect(did()).toBe('');
    expect(readdirSync(at('var/locks'))).toEqual([]);
  });

  it('ends what a move had saved and sent away: that is paused, not suspended', async () => {
    domain('web--migratedaway', '--p---');
    expect(await mend(end('migratedaway'))).toBe('ok');
    expect(did()).toBe('destroy 7\n');
  });

  it('ends nothing under another name, though it is the same UUID', async () => {
    domain('db--incoming', '--p---');
    expect(await mend(end('incoming'))).toBe('changed');
    expect(did()).toBe('');
  });

  it('lets nothing go on that is being saved', async () => {
    domain('web', '---ss-');
    proc('50', 'xl save web file', '/dev/null');
    expect(await mend({ is: 'resume', copy: { ...copy, name: 'web' }, uuid })).toBe('moving');
    expect(did()).toBe('');
  });

  it('ends nothing while an xl moves a guest here', async () => {
    domain('web--incoming', '--p---');
    proc('50', 'xl migrate-receive', 'pipe:[1]');
    expect(await mend(end('incoming'))).toBe('moving');
    expect(did()).toBe('');
  });

  it('ends nothing while a job holds the guest’s lock, and lets a suspended one go on', async () => {
    domain('web', '---ss-');
    const letGo = await holdLock(at('var/locks', uuid));
    expect(await mend(end('suspended'))).toBe('busy');
    await letGo();
    expect(await mend({ is: 'resume', copy: { ...copy, name: 'web' }, uuid })).toBe('ok');
    expect(did()).toBe('resume 7\n');
  });

  it('puts back a config that was set aside, unless the guest is there or its job lives', async () => {
    put('var/jobs/m1/aside/config', 'name="web"\n');
    put('var/jobs/m1/where-config', `${at('etc/web.cfg')}\n`);
    put('var/jobs/m1/back', readFileSync(new URL('../remote/programs/move-back.sh', import.meta.url), 'utf8'));
    mkdirSync(at('etc'));
    const back: HostAction = { is: 'putBack', jobId: 'm1', file: at('etc/web.cfg') };
    domain('web--migratedaway', '--pss-');
    expect(await mend(back)).toBe('running');
    domain('', '');
    await working('var/jobs/m1');
    expect(await mend(back)).toBe('moving');
    child?.stdin?.end();
    put('var/jobs/m1/pid', '1 1 another-boot\n');
    put('name', 'other');
    expect(await mend(back, { name: 'web', uuid: '00000000-0000-4000-8000-000000000000' })).toBe('ok');
    expect(readFileSync(at('etc/web.cfg'), 'utf8')).toBe('name="web"\n');
    expect(readFileSync(at('var/jobs/m1/phase'), 'utf8')).toBe('stayed\n');
  });

  it('takes what was made for a move to the trash, with its folder, from where it comes back', async () => {
    put('srv/web.img', 'half');
    put('var/incoming/m2/made', `file ${statSync(at('srv/web.img')).ino}\n${at('srv/web.img')}\n`);
    put('var/incoming/m2/undo', readFileSync(new URL('../remote/programs/create-undo.sh', import.meta.url), 'utf8'));
    put('var/incoming/m2/boot', 'b\n');
    const unstage: HostAction = { is: 'unstage', jobId: 'm2', disks: [at('srv/web.img')] };
    domain('web', '-b----');
    expect(await mend(unstage)).toBe('running');
    expect(existsSync(at('srv/web.img'))).toBe(true);
    put('name', 'other');
    expect(await mend(unstage, { name: 'web', uuid: '00000000-0000-4000-8000-000000000000' })).toBe('ok');
    expect([existsSync(at('srv/web.img')), existsSync(at('var/incoming/m2'))]).toEqual([false, false]);
    expect(readFileSync(at('srv/.xenferry-trash/t1-web.img'), 'utf8')).toBe('half');
    expect(readFileSync(at('var/trash/t1/manifest'), 'utf8')).not.toContain('moved');
  });

  it('takes parts of forgotten work to the trash, and none that is known', async () => {
    put('srv/.xenferry-m4-0.part', 'abc');
    mkdirSync(at('var/jobs/m4'), { recursive: true });
    const shelve: HostAction = { is: 'shelve', jobId: 'm4', disks: [at('srv/.xenferry-m4-0.part')] };
    expect(await mend(shelve, null)).toBe('changed');
    mkdirSync(at('var/jobs'), { recursive: true });
    expect(await mend({ ...shelve, jobId: 'm5' }, null)).toBe('ok');
    expect(existsSync(at('srv/.xenferry-m4-0.part'))).toBe(false);
    expect(await mend({ is: 'shelve', jobId: 'm6', disks: [at('srv/none')] }, null)).toBe('other');
  });

  describe('an old disk that a move could not set aside', () => {
    const config = (...args: string[]) => host.run(words, configProgram, { args, standIns: standIns(), env: env() });
    const disk = () => at('srv/notebook');
    const other = () => at('srv/b c\\d.img');
    const aside = (...disks: string[]): HostAction => ({ is: 'setAside', trashId: 'm1', disks });
    const busy = () => put('loops', '/dev/null: [1]:2 (open elsewhere)\n');
    const free = () => rmSync(at('loops'));
    const left = (...disks: string[]) => [{ trashId: 'm1', lock: uuid, movedTo: 'xen 2', name: 'web', disks: disks.sort() }];
    const seen = async () => (await look()).left.map((one) => ({ ...one, disks: one.disks.sort() }));
    beforeEach(async () => {
      put('srv/notebook', 'old');
      put('srv/b c\\d.img', 'old too');
      put('config', 'name="web"\n');
      busy();
      const disks = [`xvda=${disk()}`, `xvdb=${other()}`];
      const said = (await config('shelve', 'm1', uuid, 'web', at('config'), '/etc/xen/web.cfg', 'xen 2', ...disks)).stdout;
      expect(said).toBe(`failed inuse\t${disk()}\nfailed inuse\t${other()}\nok\n`);
    });

    it('is named, and set aside once nothing uses it; only what was asked for', async () => {
      expect(await seen()).toEqual(left(disk(), other()));
      expect(await mend(aside(disk()))).toBe('inuse');
      free();
      const link = at('srv/link');
      symlinkSync(disk(), link);
      put('params', `qcow2:${link}`);
      expect(await mend(aside(disk())), 'QEMU has it open, by another name').toBe('inuse');
      rmSync(at('params'));
      const letGo = await holdLock(at('var/locks', uuid));
      expect(await mend(aside(disk()))).toBe('busy');
      await letGo();
      expect(await mend(aside(disk()))).toBe('ok');
      expect([existsSync(disk()), readFileSync(at('srv/.xenferry-trash/m1-notebook'), 'utf8')]).toEqual([false, 'old']);
      expect(await seen()).toEqual(left(other()));
    });

    it('when one goes and one stays, that is said', async () => {
      free();
      put('params', `qcow2:${other()}`);
      expect(await mend(aside(disk(), other()))).toBe('doctor.left');
      expect(await seen()).toEqual(left(other()));
    });

    it('is no more an old one when its guest stands on it again, and what comes to stand in its place is none', async () => {
      free();
      expect(await mend(aside(disk(), other()))).toBe('ok');
      const manifest = at('var/trash/m1/manifest');
      put('var/trash/m1/manifest', readFileSync(manifest, 'utf8').replace(`file\t${disk()}\t`, `base\t${disk()}\t`));
      linkSync(at('srv/.xenferry-trash/m1-notebook'), disk()); // as move-disks-in takes it back
      put('srv/b c\\d.img', 'new');
      expect(await seen()).toEqual([]);
      expect(await mend(aside(disk(), other()))).toBe('ok');
      expect([readFileSync(disk(), 'utf8'), readFileSync(other(), 'utf8')]).toEqual(['old', 'new']);
      expect((await config('letgo', 'm1')).stdout).toBe('ok\n');
      expect([readFileSync(disk(), 'utf8'), readFileSync(other(), 'utf8'), existsSync(at('var/trash/m1'))]).toEqual(['old', 'new', false]);
    });

    it('stays, and stays noted, when the others are let go for good', async () => {
      free();
      expect(await mend(aside(other()))).toBe('ok');
      expect((await config('letgo', 'm1')).stdout).toBe('ok\n');
      expect([existsSync(at('srv/.xenferry-trash')), readFileSync(disk(), 'utf8')]).toEqual([false, 'old']);
      expect(await seen()).toEqual(left(disk()));
      expect(await mend(aside(disk()))).toBe('ok');
      expect((await config('letgo', 'm1')).stdout).toBe('ok\n');
      expect([existsSync(at('var/trash/m1')), existsSync(disk())]).toEqual([false, false]);
    });

    it('is noted before anything is moved: whoever is killed in between leaves it named', async () => {
      free();
      rmSync(at('var/trash'), { recursive: true });
      const killed = { ...standIns(), mv: 'kill -9 $PPID' };
      await host.run(words, configProgram, {
        args: ['shelve', 'm1', uuid, 'web', at('config'), '/etc/xen/web.cfg', 'xen 2', `xvda=${disk()}`, `xvdb=${other()}`],
        standIns: killed,
        env: env(),
      });
      expect((await seen()).flatMap((one) => one.disks)).toContain(other());
    });
  });

  it('takes a copy of a config to the trash, if it is what was shown and its guest has no domain here', async () => {
    put('etc/web.cfg', 'name="web"\n');
    mkdirSync(at('auto'));
    symlinkSync(at('etc/web.cfg'), at('auto/web.cfg'));
    const version = 'b2c0f5a0';
    expect(await mend({ is: 'trashConfig', file: at('etc/web.cfg'), version })).toBe('changed');
    const sum = (await import('node:crypto')).createHash('sha256').update('name="web"\n').digest('hex');
    domain('web', '--p---');
    expect(await mend({ is: 'trashConfig', file: at('etc/web.cfg'), version: sum })).toBe('running');
    put('name', 'other');
    expect(
      await mend(
        { is: 'trashConfig', file: at('etc/web.cfg'), version: sum },
        { name: 'web', uuid: '00000000-0000-4000-8000-000000000000' },
      ),
    ).toBe('ok');
    expect([existsSync(at('etc/web.cfg')), readdirSync(at('auto'))]).toEqual([false, []]);
    expect(readFileSync(at('var/trash/t1/config'), 'utf8')).toBe('name="web"\n');
  });

  it('takes out its own line and leaves every other byte; not while the move’s folder stands', async () => {
    const others = 'ssh-ed25519 AAAA me xenferry-m5\nno newline at the end';
    put('keys', `restrict,from="a",command="x" ssh-ed25519 B xenferry-m5\nrestrict,from="a" ssh-ed25519 B xenferry-m55\n${others}`);
    mkdirSync(at('var/incoming/m5'), { recursive: true });
    const unlock: HostAction = { is: 'unlock', jobId: 'm5', file: at('keys') };
    expect(await mend(unlock, null)).toBe('changed');
    mkdirSync(at('var/incoming/m6'), { recursive: true });
    expect(await mend({ ...unlock, jobId: 'm55' }, null)).toBe('ok');
    expect(readFileSync(at('keys'), 'utf8')).toBe(`restrict,from="a",command="x" ssh-ed25519 B xenferry-m5\n${others}`);
  });

  it('drops locks that nobody holds, instances without work, and jobs that never began', async () => {
    put('var/locks/free', '');
    const letGo = await holdLock(at('var/locks/held'));
    expect(await mend({ is: 'dropLocks', names: ['free'] }, null)).toBe('ok');
    expect(await mend({ is: 'dropLocks', names: ['held'] }, null)).toBe('busy');
    expect(readdirSync(at('var/locks'))).toEqual(['held']);
    await letGo();
    mkdirSync(at('t/instances/xenferry-m7'), { recursive: true });
    expect(await mend({ is: 'untrace', jobId: 'm7', path: at('t/instances/xenferry-m7') }, null)).toBe('ok');
    expect(readdirSync(at('t/instances'))).toEqual([]);
    put('var/jobs/m8/about', '{}');
    put('var/jobs/m9/committed', '');
    expect([await mend({ is: 'forget', jobId: 'm8' }, null), await mend({ is: 'forget', jobId: 'm9' }, null)]).toEqual(['ok', 'changed']);
    expect(readdirSync(at('var/jobs'))).toEqual(['m9']);
    old('var/jobs/m9');
  });
});
