import { lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import backText from '../remote/programs/move-back.sh?raw';
import jobText from '../remote/programs/move-job.sh?raw';
import { holdLock, type MadeUpHost, madeUpHost, shells } from '../remote/programTest.ts';
import type { Program } from '../remote/remote.ts';
import { endPrograms } from './ends.ts';

/** What a move sets aside at its source: copies that last, and a config that is itself a link. */

const uuid = 'd4acd2a9-350f-471e-9f2b-802ac4947aee';

describe.each(shells.map((words) => ({ name: words.join(' '), words })))('set aside under $name', ({ words }) => {
  let host: MadeUpHost;
  const at = (...path: string[]) => join(host.root, ...path);
  const job = () => at('var/jobs/m1');
  const config = () => at('etc/tiny.cfg');
  const standIns = {
    'ssh-keygen': 'while [ "$1" != -f ]; do shift; done; echo secret >"$2"; echo ssh-ed25519 AAAA >"$2.pub"',
    'xenstore-list': 'echo 0',
    'xenstore-read': 'exit 1',
  };
  const run = async (program: Program, args: string[], more: Record<string, string> = {}) =>
    (await host.run(words, program, { args, stdin: backText, standIns: { ...standIns, ...more }, env: { XENFERRY_ROOT: at('var') } }))
      .stdout;
  const prepare = (more: Record<string, string> = {}) => run(endPrograms.prepare, ['m1', config(), at('auto'), '{}'], more);
  const letGo = (more: Record<string, string> = {}) => run(endPrograms.aside, ['m1', 'aside', uuid, uuid, 'tiny'], more);
  const back = () => run(endPrograms.aside, ['m1', 'back']);
  /** The config is a link to a file of another folder, as some keep them. */
  const asLink = () => {
    writeFileSync(at('shared/tiny'), 'text');
    symlinkSync('../shared/tiny', config());
  };
  const isTheLink = () => {
    expect(readlinkSync(config())).toBe('../shared/tiny');
    expect(readFileSync(config(), 'utf8')).toBe('text');
  };
  /** The work of a move's job, with an xl that comes over the point of no return, or not, and fails. */
  const moveJob = async (committed: boolean) => {
    const migrate = committed ? `[ "$1" = migrate ] || exit 1; : >committed; rm -f '${config()}'; exit 1` : 'exit 1';
    const still = 'case $1 in */vm) echo /vm/uuid ;; */name) echo tiny ;; esac';
    const program = { name: 'program', text: `cd '${job()}'\n${jobText}` };
    await run(program, ['tiny', '7', 'uuid', 'there'], { 'xenstore-read': still, xl: migrate });
    expect(readFileSync(join(job(), 'phase'), 'utf8')).toBe('stayed\n');
  };

  beforeEach(() => {
    host = madeUpHost();
    for (const folder of ['etc', 'auto', 'shared', 'var/locks']) mkdirSync(at(folder), { recursive: true });
  });
  afterEach(() => host.remove());

  it('has its copies on the disk before it answers', async () => {
    asLink();
    symlinkSync(config(), at('auto/tiny'));
    expect(await prepare({ sync: `echo "$*" >>'${at('synced')}'` })).toContain('ok\n');
    const synced = host.read('synced') ?? '';
    for (const one of ['aside/config', 'aside', 'where-config', 'where-auto']) expect(synced.split(/\s/)).toContain(join(job(), one));
  });

  it('tells and compares what the link leads to, and puts the link back', async () => {
    asLink();
    expect(await prepare()).toContain(
      `config ${(statSync(config()).mode & 0o777).toString(8)} ${Buffer.from('text').toString('base64')}\n`,
    );
    writeFileSync(at('shared/tiny'), 'edited');
    expect(await letGo()).toBe('failed changed\n');
    writeFileSync(at('shared/tiny'), 'text');
    expect(await letGo()).toBe('ok\n');
    expect(lstatSync(config(), { throwIfNoEntry: false })).toBeUndefined();
    expect(await back()).toBe('ok\n');
    isTheLink();
  });

  it('comes back as a file where the link leads nowhere by now', async () => {
    asLink();
    await prepare();
    await letGo();
    rmSync(at('shared/tiny'));
    expect(await back()).toBe('ok\n');
    expect([lstatSync(config()).isFile(), readFileSync(config(), 'utf8')]).toEqual([true, 'text']);
  });

  it.each([[true], [false]])('is a link again when the job itself puts it back (beyond the point of no return: %s)', async (committed) => {
    asLink();
    await prepare();
    await moveJob(committed);
    isTheLink();
  });

  it('is a link again when the guest goes on or starts anew at the source', async () => {
    asLink();
    await prepare();
    await letGo();
    const suspended = {
      'xenstore-list': 'echo 0; echo 7',
      'xenstore-read': `case $1 in /local/domain/7/vm) echo /vm/${uuid} ;; *) echo tiny--migratedaway ;; esac`,
      xl: 'case $1 in list) echo "x 7 80 1 ---ss- 1.0" ;; create) [ -f "$2" ] ;; help) ;; esac',
    };
    expect(await run(endPrograms.resume, ['m1', uuid, 'tiny'], suspended)).toBe('restarted\nok\n');
    isTheLink();
    expect(host.read(`var/locks/${uuid}`)).toBeNull();
  });

  it('is not let go while a job holds the guest’s lock, nor when the guest was started meanwhile', async () => {
    writeFileSync(config(), 'text');
    await prepare();
    const domain = { 'xenstore-list': 'echo 0; echo 7', 'xenstore-read': `[ "$1" = /local/domain/7/vm ] && echo /vm/${uuid}` };
    expect(await letGo(domain)).toBe('failed started\n');
    const release = await holdLock(at('var/locks', uuid));
    expect(await letGo({ sleep: 'exit 0' })).toBe('failed busy\n');
    await release();
    expect(readFileSync(config(), 'utf8')).toBe('text');
    expect(await letGo()).toBe('ok\n');
    expect(host.read(`var/locks/${uuid}`)).toBeNull();
  });
});
