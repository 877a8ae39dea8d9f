import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import guardText from '../remote/programs/guard-look.sh?raw';
import leaseText from '../remote/programs/lease.sh?raw';
import startText from '../remote/programs/start.sh?raw';
import { answers, type MadeUpHost, madeUpHost, shells } from '../remote/programTest.ts';
import { parseLook } from './look.ts';

describe.each(shells)('leases and looks under %s %s', (...shell) => {
  let host: MadeUpHost;
  let image = '';
  const odd = 'web\'s "disk" $HOME.img';
  const inside = ['/proc', '/etc', '/sys', '/var/lib/nfs'];
  beforeEach(() => {
    host = madeUpHost();
    image = join(host.root, 'share', odd);
    for (const folder of ['share', 'local', 'job-1', 'job-2', 'var/lib/nfs']) mkdirSync(join(host.root, folder), { recursive: true });
    writeFileSync(image, '');
    writeFileSync(join(host.root, 'local/a.img'), '');
    const files: Record<string, string> = {
      'etc/machine-id': 'machine-a\n',
      'proc/sys/kernel/random/boot_id': 'boot-1\n',
      'proc/sys/kernel/hostname': 'alpha\n',
      'proc/mounts': `/dev/sda / ext4 rw 0 0\nnas:/export ${host.root}/share nfs4 rw 0 0\n`,
    };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(host.root, path, '..'), { recursive: true });
      writeFileSync(join(host.root, path), text);
    }
  });
  afterEach(() => host.remove());

  const leaseFile = () => join(host.root, 'share', `.${odd}.xenferry-lease`);
  const lease = () => (existsSync(leaseFile()) ? readFileSync(leaseFile(), 'utf8') : null);
  /** As it is called in the folder of a job. */
  const call = async (job: string, ...words: string[]) => {
    const program = { name: 'lease', text: `cd "$JOB" || exit 9\n${leaseText}` };
    const ran = await host.run(shell as never, program, { args: words, inside, env: { JOB: join(host.root, job) } });
    expect(ran.stderr).toBe('');
    return ran;
  };

  it('is written beside an image on a share, tells the domain, and is given up by nobody else', async () => {
    expect(await call('job-1', 'take', 'u-1', 'web $(x)', '-', image)).toMatchObject({ exit: 0, stdout: `lease ${image}\n` });
    expect(lease()).toMatch(
      /^xenferry-lease 1\nid job-1\nmachine machine-a\nboot boot-1\nuuid u-1\ndomid -\nsince \d+\nhostname alpha\nname web \$\(x\)\n$/,
    );
    await call('job-1', 'run', '7');
    expect(lease()).toContain('\ndomid 7\n');
    writeFileSync(join(host.root, 'job-2/leases'), `${leaseFile()}\n`);
    await call('job-2', 'give');
    expect(lease()).toContain('id job-1');
    await call('job-1', 'give');
    expect(lease()).toBeNull();
  });

  it('is taken over only from the one that was judged, unless a guest came here', async () => {
    await call('job-1', 'take', 'u-1', 'web', '-', image);
    expect(await call('job-2', 'take', 'u-1', 'web', '-', image)).toMatchObject({ exit: 3, stdout: `held ${image}\n` });
    expect(lease()).toContain('id job-1');
    expect(await call('job-2', 'take', 'u-1', 'web', 'job-1', image)).toMatchObject({ exit: 0 });
    expect(lease()).toContain('id job-2');
    writeFileSync(join(host.root, 'job-1/lease.of'), `u-1\nweb\n${image}\n`);
    const ran = await host.run(
      shell as never,
      { name: 'lease', text: `cd "$JOB"\n${leaseText}` },
      { args: ['over'], inside, env: { JOB: join(host.root, 'job-1') }, standIns: { xl: answers({ "'domid web'": 'echo 12' }) } },
    );
    expect(ran.exit).toBe(0);
    expect(lease()).toMatch(/id job-1[\s\S]*\ndomid 12\n/);
  });

  it('is taken over by one of those who judged the same one', async () => {
    await call('job-1', 'take', 'u-1', 'web', '-', image);
    for (let round = 0; round < 5; round++) {
      const seen = /^id (.*)$/m.exec(lease() ?? '')?.[1] ?? '';
      const jobs = ['job-2', 'job-3', 'job-4'].map((one) => `${one}-${round}`);
      for (const one of jobs) mkdirSync(join(host.root, one));
      const said = await Promise.all(jobs.map((one) => call(one, 'take', 'u-1', 'web', seen, image)));
      expect(said.map((one) => one.stdout.split(' ')[0]).sort()).toEqual(['held', 'held', 'lease']);
      expect(lease()).toContain(`id ${jobs[said.findIndex((one) => one.exit === 0)]}\n`);
      expect(readdirSync(join(host.root, 'share')).sort()).toEqual([`.${odd}.xenferry-lease`, odd].sort());
    }
  });

  it('whoever was killed while taking it over hinders the next for five minutes, and no longer', async () => {
    await call('job-1', 'take', 'u-1', 'web', '-', image);
    const claim = `${leaseFile()}.after`;
    writeFileSync(claim, '');
    expect((await call('job-2', 'take', 'u-1', 'web', 'job-1', image)).stdout).toBe(`held ${image}\n`);
    utimesSync(claim, 1, 1);
    expect((await call('job-2', 'take', 'u-1', 'web', 'job-1', image)).stdout).toBe(`lease ${image}\n`);
    expect(existsSync(claim)).toBe(false);
  });

  it('is not written beside what only this host has, and is beside what it exports', async () => {
    const local = join(host.root, 'local/a.img');
    expect((await call('job-1', 'take', 'u', 'n', '-', local, '-', '/dev/vg/x', '-', join(host.root, 'share/none.img'))).stdout).toBe('');
    writeFileSync(join(host.root, 'var/lib/nfs/etab'), `${host.root}/local\t*(rw)\n`);
    expect((await call('job-1', 'take', 'u', 'n', '-', local)).stdout).toBe(`lease ${local}\n`);
  });

  it('hinders nobody where it can’t be written', async () => {
    mkdirSync(leaseFile()); // stands in the way, as a share that is read-only or full would be
    expect(await call('job-1', 'take', 'u', 'n', '-', image)).toMatchObject({ exit: 0, stdout: `unwritable ${image}\n` });
    expect(readFileSync(join(host.root, 'job-1/leases'), 'utf8')).toBe('');
  });

  it('a start takes it before xl, tells its domain after, and gives it back when xl fails', async () => {
    const job = join(host.root, 'job-1');
    writeFileSync(
      join(job, 'lease'),
      inside.reduce((text, top) => text.replaceAll(new RegExp(`(?<![\\w.}])${top}(?=[/ ])`, 'g'), host.root + top), leaseText),
    );
    const start = (xl: string) =>
      host.run(
        shell as never,
        { name: 'start', text: `cd "$JOB"\n${startText}` },
        { args: ['/etc/xen/web.cfg', 'u-1', 'web', '-', image], inside: [], env: { JOB: job, LEASE: leaseFile() }, standIns: { xl } },
      );
    const seen = 'create*) [ -e "$LEASE" ] || exit 5 ;; domid*) echo 4 ;;';
    expect(await start(`case "$*" in ${seen} esac`)).toMatchObject({ exit: 0, stdout: `lease ${image}\n` });
    expect(lease()).toContain('\ndomid 4\n');
    rmSync(leaseFile());
    expect((await start('exit 3')).exit).toBe(3);
    expect(lease()).toBeNull();
    writeFileSync(leaseFile(), 'xenferry-lease 1\nid other\n');
    expect(await start(`case "$*" in ${seen} esac`)).toMatchObject({ exit: 3, stdout: `held ${image}\n` });
  });

  it('looks at disks by what they are', async () => {
    await call('job-1', 'take', 'u-1', 'web', '-', image);
    writeFileSync(join(host.root, 'share/link.img'), '');
    rmSync(join(host.root, 'share/link.img'));
    symlinkSync(image, join(host.root, 'share/link.img'));
    const ran = await host.run(
      shell as never,
      { name: 'guard-look', text: guardText },
      {
        args: [image, join(host.root, 'share/link.img'), '/nothing'],
        inside,
        standIns: { findmnt: 'echo "nfs4 nas:/export"' },
      },
    );
    expect(ran.stderr).toBe('');
    expect(ran.stdout.endsWith('ok\n')).toBe(true);
    const look = parseLook(ran.stdout.split('\n').slice(0, -2), 3);
    const inode = String(statSync(image).ino);
    const file = { is: 'file', inode, size: 0, fsType: 'nfs4', source: 'nas:/export' };
    expect(look).toMatchObject({ machine: 'machine-a', boot: 'boot-1' });
    expect(look.disks.map((one) => one.seen)).toEqual([file, file, { is: 'missing' }]);
    expect(look.disks.map((one) => one.lease?.name ?? null)).toEqual(['web', 'web', null]);
    chmodSync(leaseFile(), 0o600);
  });
});
