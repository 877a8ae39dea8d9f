import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answers, type MadeUpHost, madeUpHost, replay, shells } from '../remote/programTest.ts';
import type { Program, Ran } from '../remote/remote.ts';
import { createProgram, createRecover, createUndo, creationProblem, emptyTally, parseCreate, tallied } from './making.ts';

const uuid = '5e1f0c2a-0000-4000-8000-00000000c0de';
const outside = (name: string) => `exec /usr/bin/${name} "$@"`;
/** qemu-img as far as a raw disk goes; says how far it is, as the real one does. */
const qemuImg = `case $1 in
convert) for last; do :; done; shift $(($# - 2)); printf '    (0.00/100%%)\\r    (50.00/100%%)\\r'; cp "$1" "$2" && printf '    (100.00/100%%)\\n' ;;
create) for word; do case $word in /*) echo QFI >"$word" ;; esac; done ;;
*) exit 0 ;;
esac`;
const idle = "echo 'UUID                                  ID    name'; echo '00000000-0000-0000-0000-000000000000  0    Domain-0'";
const standIns: Record<string, string> = {
  'qemu-img': qemuImg,
  truncate: outside('truncate'),
  fallocate: 'exit 1',
  xl: answers({ 'create\\ *': replay('xl-create-tiny1'), 'vm-list': idle }),
};

describe.each(shells.map((shell) => ({ name: shell.join(' '), shell })))('create under $name', ({ shell }) => {
  let host: MadeUpHost;
  let job = '';
  beforeEach(() => {
    host = madeUpHost();
    job = join(host.root, 'state/jobs/one');
    for (const folder of [job, join(host.root, 'state/locks'), join(host.root, 'etc/xen'), join(host.root, 'images')])
      mkdirSync(folder, { recursive: true });
    writeFileSync(join(job, 'undo'), createUndo.text);
    writeFileSync(join(job, 'config'), 'name = "web"\n');
    writeFileSync(join(job, 'lock'), '');
    writeFileSync(join(job, 'guest'), 'g1\n');
  });
  afterEach(() => host.remove());

  const path = (name: string) => join(host.root, name);
  const config = () => path("etc/xen/we b'$(x);.cfg");
  const disk = () => path("images/we b'$(x);.img");
  const inJob: (program: Program) => Program = (program) => ({ ...program, text: `cd "$JOB" || exit 1\n${program.text}` });
  const args = (more: { kind?: string; from?: string; auto?: boolean; disk?: string } = {}) => [
    uuid,
    config(),
    more.auto === false ? '' : path('etc/xen/auto/web.cfg'),
    more.kind ?? 'raw',
    more.disk ?? disk(),
    '3',
    more.from ?? '',
    'raw',
    'yes',
  ];
  const run = (words: string[], more: Record<string, string> = {}): Promise<Ran> => {
    writeFileSync(join(job, 'args'), `${words.join('\n')}\n`);
    return host.run(shell, inJob(createProgram), { args: words, standIns: { ...standIns, ...more }, env: { JOB: job } });
  };
  /** Everything outside the job's folder and the commands. */
  const everything = () => readdirSync(host.root, { recursive: true, encoding: 'utf8' }).filter((name) => /^(etc|images)\/.*\./.test(name));

  it('makes disk, config and autostart link, and starts it', async () => {
    const ran = await run(args());
    expect(ran.stdout.split('\n')).toEqual(['step disk', 'step config', 'step autostart', 'step start', 'ok', '']);
    expect(readFileSync(config(), 'utf8')).toBe('name = "web"\n');
    expect(readFileSync(disk()).length).toBe(3 * 1024 * 1024);
    expect(readlinkSync(path('etc/xen/auto/web.cfg'))).toBe(config());
    expect(everything().filter((name) => name.includes('part'))).toEqual([]);
    expect(existsSync(join(job, 'committed'))).toBe(true);
  });

  it('copies an image with its progress, and grows the copy', async () => {
    writeFileSync(path('images/golden'), 'boot sector');
    const ran = await run(args({ from: path('images/golden') }));
    expect(ran.stdout).toMatch(/^step disk\nstep copy\n(percent \d+\n)*percent 100\nstep disk\nstep config\n/);
    const made = readFileSync(disk());
    expect(made.subarray(0, 11).toString()).toBe('boot sector');
    expect(made.length).toBe(3 * 1024 * 1024);
  });

  it('leaves nothing when xl refuses, and says why', async () => {
    const ran = await run(args(), { xl: answers({ 'create\\ *': replay('xl-create-no-memory'), 'vm-list': idle }) });
    expect(ran.exit).toBe(1);
    expect(everything()).toEqual([]);
    const tally = ran.stdout.trimEnd().split('\n').map(parseCreate).reduce(tallied, emptyTally());
    expect(creationProblem(tally, ran.exit)).toMatchObject({
      code: 'create.stepFailed',
      effect: 'none',
      step: 'start',
      said: expect.stringContaining('Out of memory'),
      undone: [path('etc/xen/auto/web.cfg'), disk(), config()],
      left: [],
    });
  });

  it('never touches what was there before', async () => {
    writeFileSync(config(), 'mine');
    const ran = await run(args());
    expect(ran.stdout).toMatch(/failed config\n$/);
    expect(readFileSync(config(), 'utf8')).toBe('mine');
    expect(existsSync(disk())).toBe(false);
    writeFileSync(disk(), 'theirs');
    writeFileSync(join(job, 'made'), ''); // another job's journal
    expect((await run(args())).stdout).toMatch(/failed disk\n$/);
    expect(readFileSync(disk(), 'utf8')).toBe('theirs');
  });

  it('takes back a volume only if it made it', async () => {
    const log = path('lvm.log');
    const lvm = {
      lvcreate: `echo "lvcreate $*" >>${log}`,
      lvremove: `echo "lvremove $*" >>${log}`,
      lvchange: `echo "lvchange $*" >>${log}`,
    };
    const volume = args({ kind: 'volume', disk: 'vg0/web' });
    await run(volume, { ...lvm, lvs: "echo '  xenferry-one'", xl: answers({ 'create\\ *': 'exit 3', 'vm-list': idle }) });
    expect(readFileSync(log, 'utf8').split('\n')).toEqual([
      'lvcreate -y -Wy -Zy -L 3m -n web --addtag xenferry-one vg0',
      'lvremove -f -y vg0/web',
      '',
    ]);
    const foreign = await run(volume, { ...lvm, lvcreate: replay('lvcreate-no-space'), lvs: "echo '  other'" });
    expect(foreign.stdout).toContain('|  Volume group "vg0" has insufficient free space');
    expect(readFileSync(log, 'utf8').split('lvremove')).toHaveLength(2);
  });

  it('stops when it is cancelled, in mid-copy', async () => {
    writeFileSync(path('images/golden'), 'x');
    const slow = `case $1 in convert) for last; do :; done; echo half >"$last"; read -r pid _ <"$JOB/stop"; kill -TERM "$pid"; exec sleep 20 ;; esac`;
    const ran = await run(args({ from: path('images/golden') }), { 'qemu-img': slow });
    expect(ran.exit).toBe(9);
    expect(ran.stdout).toMatch(/cancelled\n$/);
    expect(everything()).toEqual(['images/golden'].filter((name) => name.includes('.')));
  });

  it('makes nothing that was cancelled before it began, and names what it undid as it is called', async () => {
    writeFileSync(join(job, 'cancel'), '');
    const words = args();
    words[8] = 'no';
    const ran = await run(words);
    expect(ran.stdout).toBe('cancelled\n');
    expect(ran.exit).toBe(9);
    rmSync(join(job, 'cancel'));
    const odd = path('images/a\\c\\nb.img');
    const failed = await run(args({ disk: odd }), { xl: answers({ 'create\\ *': 'exit 3', 'vm-list': idle }) });
    expect(failed.stdout).toContain(`undone ${odd}\n`);
  });

  it('makes nothing that it can not note', async () => {
    mkdirSync(join(job, 'made')); // nothing can be written to it
    const ran = await run(args());
    expect(ran.stdout).toMatch(/failed disk\n$/);
    expect(everything()).toEqual([]);
  });

  it('does not start what was cancelled before', async () => {
    writeFileSync(join(job, 'cancel'), '');
    const ran = await run(args());
    expect(ran.stdout).toMatch(/cancelled\n$/);
    expect(everything()).toEqual([]);
  });

  describe('when its process is gone', () => {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const domain = (state: string, seconds = '1.5') =>
      answers({
        'vm-list': `echo '${uuid}  7    web'`,
        'list\\ 7': `echo 'Name   ID   Mem VCPUs State Time(s)'; echo 'we b   7  80     1     ${state}       ${seconds}'`,
        'destroy\\ 7': `echo destroyed >>"$XENFERRY_ROOT/destroyed"`,
        'create\\ *': 'exit 0',
      });
    /** As if killed with -9 after `how`: everything made stands, no result. */
    const cutOff = async (bootId = boot) => {
      await run(args());
      for (const name of ['result', 'exit']) if (existsSync(join(job, name))) writeFileSync(join(job, name), '');
      await host.run(shell, { name: 'cut', text: 'rm -f "$JOB/result" "$JOB/exit"' }, { env: { JOB: job } });
      writeFileSync(join(job, 'pid'), `999999999 1 ${bootId}\n`);
      writeFileSync(join(job, 'log'), '');
      if (existsSync(join(job, 'starting'))) writeFileSync(join(job, 'starting'), `${bootId}\n`);
    };
    const recover = (xl: string) =>
      host.run(shell, createRecover, { args: ['one'], standIns: { ...standIns, xl }, env: { XENFERRY_ROOT: path('state') } });
    const log = () => readFileSync(join(job, 'log'), 'utf8');

    it('undoes all of it if it was not started', async () => {
      await cutOff();
      rmSync(join(job, 'starting'));
      const ran = await recover(standIns.xl ?? '');
      expect(ran.stdout).toBe('ok\n');
      expect(everything()).toEqual([]);
      expect(log()).toMatch(/^(undone .*\n){3}failed interrupted\n$/);
      expect(readFileSync(join(job, 'exit'), 'utf8')).toBe('1\n');
      expect((await recover('exit 1')).stdout).toBe('failed ended\n');
    });

    it('calls it done if the guest runs', async () => {
      await cutOff();
      expect((await recover(domain('-b----'))).stdout).toBe('ok\n');
      expect(readFileSync(join(job, 'exit'), 'utf8')).toBe('0\n');
      expect(existsSync(config())).toBe(true);
    });

    it('keeps a guest that was paused by somebody since', async () => {
      await cutOff();
      await recover(domain('--p---'));
      expect(existsSync(path('state/destroyed'))).toBe(false);
      expect([existsSync(config()), existsSync(disk())]).toEqual([true, true]);
      expect(readFileSync(join(job, 'exit'), 'utf8')).toBe('0\n');
    });

    it('keeps the disk of a guest that may have run and ended since', async () => {
      await cutOff();
      expect((await recover(standIns.xl ?? '')).stdout).toBe('ok\n');
      expect([existsSync(config()), existsSync(disk())]).toEqual([true, true]);
      expect(log()).toContain(`left ${disk()}`);
      expect(readFileSync(join(job, 'exit'), 'utf8')).toBe('8\n');
    });

    it('destroys a half-built domain and undoes the rest', async () => {
      await cutOff();
      await recover(domain('--p---', '0.0'));
      expect(existsSync(path('state/destroyed'))).toBe(true);
      expect(everything()).toEqual([]);
    });

    it('ends what it left running before it undoes anything', async () => {
      await cutOff();
      // the leader of the group is gone, a child of it lives on
      const child =
        'setsid sh -c \'echo $$ >"$JOB/leader"; sleep 300 >/dev/null 2>&1 & echo $! >"$JOB/child"\'; cat "$JOB/leader" "$JOB/child"';
      const [leader = '', left = ''] = (
        await host.run(shell, { name: 'child', text: `(${child}) 2>&1` }, { env: { JOB: job } })
      ).stdout.split('\n');
      writeFileSync(join(job, 'pid'), `${leader} 1 ${boot}\n`);
      await host.run(shell, { name: 'early', text: 'rm -f "$JOB/starting"' }, { env: { JOB: job } });
      expect((await recover(standIns.xl ?? '')).stdout).toBe('ok\n');
      expect(existsSync(`/proc/${left}`) && readFileSync(`/proc/${left}/stat`, 'utf8').split(' ')[2]).not.toBe('S');
      expect(everything()).toEqual([]);
    });

    it('keeps what may have run already when the host went down since', async () => {
      await cutOff('another-boot');
      await recover(standIns.xl ?? '');
      expect(existsSync(disk())).toBe(true);
      expect(log()).toContain(`left ${config()}`);
      expect(readFileSync(join(job, 'exit'), 'utf8')).toBe('8\n');
    });
  });
});
