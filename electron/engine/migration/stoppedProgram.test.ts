import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { shells } from '../remote/programTest.ts';
import { endPrograms } from './ends.ts';
import { stoppedWorld, text, uuid } from './stoppedTest.ts';

describe.each(shells.map((words) => ({ name: words.join(' '), words })))('a move with a stop under $name', ({ words }) => {
  const { at, job, incoming, config, there, standIn, run, phase, asked, end, drop, dieAt, staysHere } = stoppedWorld(words);

  it('a halted guest goes with its disks, and what it leaves lies in the trash; nobody starts it', () => {
    const disk = readFileSync(at('images/a.img'));
    const ran = run();
    expect([phase(), ran.status]).toEqual(['moved', 0]);
    expect(readFileSync(at('there/a.img')).equals(disk)).toBe(true);
    expect(readFileSync(there(), 'utf8')).toBe(text);
    expect([existsSync(config()), existsSync(at('xen/auto/web.cfg')), existsSync(at('images/a.img'))]).toEqual([false, false, false]);
    expect(readFileSync(at('source/trash/m1/manifest'), 'utf8')).toContain(`moved\tosaka`);
    expect(asked()).toEqual([]);
    expect(ran.stdout).toContain('disks same\n');
    expect(drop()).toBe('failed came\n');
  });

  it('a running one is shut down first, and started there', () => {
    writeFileSync(at('domain'), '');
    run('5');
    expect(phase()).toBe('moved');
    expect(asked()).toEqual(['shutdown 5', `create ${there()}`]);
  });

  it('one that is kept when it is down (on_poweroff="preserve") is taken away, and moves', () => {
    writeFileSync(at('domain'), '');
    standIn('sleep', 'exec /bin/sleep 0.05');
    standIn('xl', `echo "$@" >>'${at('xl')}'; case $1 in list) echo 'web 5 80 1 ---s-- 1.0' ;; destroy) rm '${at('domain')}' ;; esac`);
    run('5', '30');
    expect(phase()).toBe('moved');
    expect(asked().filter((one) => !one.startsWith('list'))).toEqual(['shutdown 5', 'destroy 5', `create ${there()}`]);
  });

  it('whoever tidies at the target while it is started there waits: the start is seen to its end', () => {
    writeFileSync(at('domain'), '');
    writeFileSync(incoming('lease'), `echo "$1" >>'${at('leased')}'`);
    const begun = `read -r pid _ <'${job('stop')}'; kill "$pid"`;
    standIn('xl', `case $1 in shutdown) rm '${at('domain')}' ;; create) ${begun} ;; esac`);
    const ran = run('5');
    expect([phase(), ran.status]).toEqual(['moved', 0]);
    expect(ran.stdout).toMatch(/^stopped for \d+$/m);
    expect(readFileSync(at('leased'), 'utf8')).toBe('over\n');
  });

  it('with disks that both hosts see only its config goes', () => {
    writeFileSync(at('domain'), '');
    writeFileSync(job('disks.list'), '');
    writeFileSync(incoming('disks'), '');
    const ran = run('5');
    expect(phase()).toBe('moved');
    expect(ran.stdout).toMatch(/^stopped for \d+$/m);
    expect([existsSync(config()), existsSync(there()), existsSync(at('images/a.img'))]).toEqual([false, true, true]);
    expect(existsSync(at('source/trash'))).toBe(false);
  });

  it('one that can not be started there comes back: it is started here again, and nothing of it is there', () => {
    writeFileSync(at('domain'), '');
    const fails = `[ "$2" != '${there()}' ] || { echo 'no memory' >&2; exit 1; }`;
    standIn('xl', `echo "$@" >>'${at('xl')}'; case $1 in shutdown) rm '${at('domain')}' ;; create) ${fails} ;; esac`);
    const ran = run('5');
    expect(phase()).toBe('stayed');
    expect(ran.stdout).toContain('disks failed returned no memory');
    expect(ran.stdout).toContain('xenferry: not started there\n');
    expect(asked().filter((one) => !one.startsWith('list'))).toEqual(['shutdown 5', `create ${there()}`, `create ${config()}`]);
    expect([existsSync(job('committed')), existsSync(incoming('installed'))]).toEqual([false, false]);
    staysHere();
  });

  it('one that is there, though its start failed, stands there all the same, and here its disks are in the trash', () => {
    writeFileSync(at('domain'), '');
    standIn('xl', `case $1 in shutdown) rm '${at('domain')}' ;; create) : >'${at('domain')}'; echo 'no bridge xenbr7' >&2; exit 1 ;; esac`);
    const ran = run('5');
    expect(phase()).toBe('moved');
    expect(ran.stdout).toContain('disks failed no bridge xenbr7');
    expect(ran.stdout).toContain('xenferry: not started there\n');
    expect([existsSync(config()), existsSync(there()), existsSync(at('there/a.img')), existsSync(at('images/a.img'))]).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it('the link goes when it was told to start: it starts there', () => {
    writeFileSync(at('domain'), '');
    writeFileSync(incoming('install'), `read -r shell <'${job('shell')}'; kill -9 "$shell"\n${endPrograms.install.text}`);
    run('5');
    for (let tries = 0; tries < 100 && !asked().some((one) => one.startsWith('create')); tries++) spawnSync('sleep', ['0.1']);
    expect(asked()).toEqual(['shutdown 5', `create ${there()}`]);
    expect([existsSync(config()), existsSync(there())]).toEqual([false, true]);
  });

  it('cancelled before it was asked to shut down: it runs on', () => {
    writeFileSync(at('domain'), '');
    writeFileSync(job('cancel'), '');
    run('5');
    expect(phase()).toBe('cancelled');
    expect(asked()).toEqual([]);
    staysHere();
  });

  it.each([
    ['while it shuts down', 'sleep', '[ -e stopping ] || : >stopping'],
    ['while its disks are copied', 'dd', 'true'],
    ['while both ends are compared', 'sha256sum', 'true'],
  ])('cut off %s: all of it is here, and what was made there can go', (_when, command, when) => {
    writeFileSync(at('domain'), '');
    standIn('xl', command === 'sleep' ? 'exit 0' : `case $1 in shutdown) rm '${at('domain')}' ;; esac`);
    dieAt(command, when);
    run('5');
    expect(['stopping', 'copying']).toContain(phase());
    rmSync(at('bin', command));
    rmSync(at('domain'), { force: true });
    expect(existsSync(job('committed'))).toBe(false);
    for (let tries = 0; tries < 50 && drop() !== 'ok\n'; tries++) spawnSync('sleep', ['0.1']);
    expect(end('source', 'aside', 'back')).toBe('ok\n');
    staysHere();
  });

  it.each([
    ['as soon as the decision was written', "[ -e committed ] && [ -e '%config%' ]"],
    ['when its config was taken away here', "[ ! -e '%config%' ]"],
  ])('cut off %s: it is finished there, and never at both ends', (_when, when) => {
    dieAt('sync', when.replace('%config%', config()));
    run();
    expect(phase()).toBe('switching');
    rmSync(at('bin', 'sync'));
    expect([existsSync(job('committed')), existsSync(there()), existsSync(at('images/a.img'))]).toEqual([true, false, true]);
    expect(end('source', 'aside', 'aside', uuid, uuid, 'web')).toBe('ok\n');
    expect([existsSync(config()), existsSync(at('xen/auto/web.cfg'))]).toEqual([false, false]);
    expect(end('target', 'install')).toBe('ok\n');
    expect(end('source', 'aside', 'shelve')).toBe('ok\n');
    expect(readFileSync(there(), 'utf8')).toBe(text);
    expect([existsSync(at('images/a.img')), existsSync(at('there/a.img'))]).toEqual([false, true]);
    expect(readFileSync(at('source/trash/m1/manifest'), 'utf8')).toContain('moved\tosaka');
    expect(drop()).toBe('failed came\n');
  });

  it('one that does not shut down in time goes on here, untouched', () => {
    writeFileSync(at('domain'), '');
    standIn('xl', 'exit 0');
    expect(run('5').stdout).toContain('still running after 2 seconds');
    expect(phase()).toBe('stayed');
    staysHere();
  });

  it('a copy that fails: it is started again here, if it ran before', () => {
    writeFileSync(at('domain'), '');
    mkdirSync(at('there/a.img'));
    run('5');
    expect(phase()).toBe('stayed');
    expect(asked()).toEqual(['shutdown 5', `create ${config()}`]);
    rmSync(at('there/a.img'), { recursive: true });
    staysHere();
  });

  it('cancelled while it shuts down: it is started again', () => {
    writeFileSync(at('domain'), '');
    standIn('xl', `echo "$@" >>'${at('xl')}'; case $1 in shutdown) : >cancel; rm '${at('domain')}' ;; esac`);
    run('5');
    expect(phase()).toBe('cancelled');
    expect(asked()).toEqual(['shutdown 5', `create ${config()}`]);
    staysHere();
  });

  it('a config that is changed while it is copied keeps it here', () => {
    // the last thing before the decision: the comparison is over
    const real = spawnSync('sh', ['-c', 'command -v sha256sum'], { encoding: 'utf8' }).stdout.trim();
    standIn('sha256sum', `echo 'memory = 5' >>'${config()}'; exec ${real}`);
    run();
    expect(phase()).toBe('changed');
    writeFileSync(config(), text);
    staysHere();
  });

  it('a domain that appears while it is copied keeps it here', () => {
    const real = spawnSync('sh', ['-c', 'command -v sha256sum'], { encoding: 'utf8' }).stdout.trim();
    standIn('sha256sum', `: >'${at('domain')}'; exec ${real}`);
    expect(run().stdout).toContain('started here meanwhile');
    expect(phase()).toBe('stayed');
    staysHere();
  });

  it("somebody else's config there: all of it stays here", () => {
    mkdirSync(at('xen-there'));
    writeFileSync(there(), 'of somebody else');
    run();
    expect(phase()).toBe('stayed');
    expect(existsSync(job('committed'))).toBe(false);
    expect(readFileSync(there(), 'utf8')).toBe('of somebody else');
    rmSync(there());
    staysHere();
  });

  it('a link that goes after the decision: the config is at neither end, and the job says that it cannot tell', () => {
    writeFileSync(incoming('install'), 'kill -9 $PPID');
    run();
    expect(phase()).toBe('undecided');
    expect([existsSync(config()), existsSync(there()), existsSync(job('aside/config'))]).toEqual([false, false, true]);
    expect(existsSync(at('images/a.img'))).toBe(true);
  });
});
