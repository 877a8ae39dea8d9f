import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FoundJob, jobPrograms, lockOf, parseFollow, parseJobs } from './jobs.ts';
import { removeFolder, tickFor } from './programTest.ts';
import type { Program } from './remote.ts';

const shells = [['dash'], ['busybox', 'sh']] as const;

describe.each(shells.map((words) => ({ name: words.join(' '), words })))('jobs under $name', ({ words }) => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'job-'));
  });
  afterEach(() => removeFolder(root));
  const [shell = 'sh', ...before] = words;
  const argv = (program: Program, args: readonly string[]) => [...before, '-c', program.text, program.name, ...args];
  const env = () => ({ ...process.env, XENFERRY_ROOT: root });
  const run = (program: Program, args: readonly string[], stdin = '') =>
    new Promise<string>((resolve) => {
      const child = execFile(shell, argv(program, args), { env: env() }, (_error, stdout) => resolve(stdout));
      child.stdin?.on('error', () => {}); // it may refuse before it has read
      if (program === jobPrograms.follow) tickFor(child);
      else child.stdin?.end(stdin);
    });
  const start = (id: string, lock: string, text: string, ...args: string[]) =>
    run(jobPrograms.start, [id, lock, '{"kind":"test"}', ...args], `file program ${Buffer.from(text).toString('base64')}\n`);
  const only = async (): Promise<FoundJob | undefined> => parseJobs(await run(jobPrograms.list, []))[0];

  it('runs detached, and tells all of its log and its exit to whoever comes later', async () => {
    expect(await start('one', 'g1', 'echo "$1|$2"; printf "no newline" ; exit 3', "a 'b' $(c)", '日本')).toBe('ok\n');
    const told = await run(jobPrograms.follow, ['one', '0']);
    expect(told.split('\n').filter((line) => line.startsWith('|'))).toEqual(["|a 'b' $(c)|日本", '|no newline']);
    expect(told).toMatch(/\nended 3 [\d.]+\nok\n$/);
    expect(await run(jobPrograms.follow, ['one', '1'])).not.toContain('日本');
    expect(await only()).toMatchObject({ id: 'one', state: 'ended', exit: 3, about: { kind: 'test' } });
    expect(await run(jobPrograms.remove, ['one', '../locks'])).toBe('ok\n');
    expect(readdirSync(join(root, 'jobs'))).toEqual([]);
    expect(readdirSync(join(root, 'locks'))).toEqual([]);
  });

  it('takes away what a move left at its target, when it is a day old', async () => {
    for (const [name, daysAgo] of [
      ['old', 2],
      ['new', 0],
    ] as const) {
      const folder = join(root, 'incoming', name);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'unlock'), `echo gone >"${join(root, `unlocked-${name}`)}"`);
      const at = new Date(Date.now() - daysAgo * 86_400_000 - 60_000);
      utimesSync(folder, at, at);
    }
    expect(await run(jobPrograms.remove, [])).toBe('ok\n');
    expect(readdirSync(join(root, 'incoming'))).toEqual(['new']);
    expect(readdirSync(root)).toContain('unlocked-old');
    expect(readdirSync(root)).not.toContain('unlocked-new');
  });

  it('keeps the only copy of a config that was set aside, and the word that a guest arrived', async () => {
    for (const [name, phase] of [
      ['lost', 'undecided'],
      ['cut', ''],
      ['home', 'stayed'],
      ['gone', 'moved'],
    ] as const) {
      mkdirSync(join(root, 'jobs', name), { recursive: true });
      writeFileSync(join(root, 'jobs', name, 'where-config'), '/etc/xen/a.cfg\n');
      writeFileSync(join(root, 'jobs', name, 'exit'), '1\n');
      if (phase) writeFileSync(join(root, 'jobs', name, 'phase'), `${phase}\n`);
    }
    for (const [name, file, word, daysAgo] of [
      ['arrived', 'exit', '0', 5],
      ['forgotten', 'exit', '0', 40],
      ['refused', 'exit', '1', 5],
      // its end was lost with the power, or it came with a stop
      ['installed', 'installed', '', 5],
      ['installedLongAgo', 'installed', '', 40],
    ] as const) {
      const folder = join(root, 'incoming', name);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, file), `${word}\n`);
      const at = new Date(Date.now() - daysAgo * 86_400_000);
      utimesSync(folder, at, at);
    }
    expect(await run(jobPrograms.remove, ['lost', 'cut', 'home', 'gone'])).toBe('kept lost\nkept cut\nok\n');
    expect(readdirSync(join(root, 'jobs')).sort()).toEqual(['cut', 'lost']);
    expect(readdirSync(join(root, 'incoming')).sort()).toEqual(['arrived', 'installed']);
  });

  it('lets one job work on a guest, and lets go of the lock though its daemons stay', async () => {
    expect(await start('one', 'g1', 'sleep 5 & echo $! >daemon; while [ ! -e go ]; do sleep 0.1; done')).toBe('ok\n');
    expect(await start('two', 'g1', 'echo never')).toBe('failed busy\n');
    expect(await start('one', 'g2', 'echo never')).toBe('failed exists\n');
    expect(await only()).toMatchObject({ state: 'running', exit: null });
    expect(await run(jobPrograms.remove, ['one'])).toBe('kept one\nok\n');
    writeFileSync(join(root, 'jobs/one/go'), '');
    expect(await run(jobPrograms.follow, ['one', '0'])).toContain('ended 0 ');
    expect(await start('three', 'g1', 'true')).toBe('ok\n');
    expect(await run(jobPrograms.follow, ['three', '0'])).toContain('ended 0 ');
  });

  it('decides a cancel under the lock: before the point of no return, or not at all', async () => {
    const work = 'echo $$ >stop; trap "echo stopped; exit 9" TERM; while [ ! -e go ]; do sleep 0.1; done';
    await start('one', 'g1', work);
    while (!readdirSync(join(root, 'jobs/one')).includes('stop')) await new Promise((next) => setTimeout(next, 20));
    await new Promise((next) => setTimeout(next, 100));
    expect(await run(jobPrograms.cancel, ['one'])).toBe('ok\n');
    const told = await run(jobPrograms.follow, ['one', '0']);
    expect(told).toContain('|stopped');
    expect(told).toContain('ended 9 ');
    expect(await run(jobPrograms.cancel, ['one'])).toBe('failed ended\n');
    expect(await run(jobPrograms.cancel, ['none'])).toBe('failed gone\n');
    await start('two', 'g1', ': >committed; while [ ! -e go ]; do sleep 0.1; done');
    while (!readdirSync(join(root, 'jobs/two')).includes('committed')) await new Promise((next) => setTimeout(next, 20));
    expect(await run(jobPrograms.cancel, ['two'])).toBe('failed late\n');
    expect(readdirSync(join(root, 'jobs/two'))).not.toContain('cancel');
    writeFileSync(join(root, 'jobs/two/go'), '');
    expect(await run(jobPrograms.follow, ['two', '0'])).toContain('\ncommitted\n');
  });

  it('lists a job whatever its name holds, and when the clock was set back', async () => {
    const about = { kind: 'test', name: 'a\\c\\n"\\t$(x) \\\\ 日本\n' };
    await run(jobPrograms.start, ['one', 'g1', JSON.stringify(about)], `file program ${Buffer.from('true').toString('base64')}\n`);
    await run(jobPrograms.follow, ['one', '0']);
    const ahead = new Date(Date.now() + 3_600_000);
    utimesSync(join(root, 'jobs/one'), ahead, ahead);
    expect(await only()).toMatchObject({ id: 'one', state: 'ended', ageSeconds: 0, about });
  });

  it('kills nobody for a job that was cut off by a reboot', async () => {
    await start('one', 'g1', 'kill -9 $PPID');
    await run(jobPrograms.follow, ['one', '0']);
    const other = spawn('sleep', ['30']);
    writeFileSync(join(root, 'jobs/one/stop'), `${other.pid}\n`);
    writeFileSync(join(root, 'jobs/one/pid'), '1 1 another-boot\n');
    expect(await run(jobPrograms.cancel, ['one'])).toBe('ok\n');
    expect(readdirSync(join(root, 'jobs/one'))).toContain('cancel');
    await new Promise((next) => setTimeout(next, 100));
    expect(other.signalCode).toBeNull();
    other.kill();
  });

  it('knows a job whose process is gone', async () => {
    await start('one', 'g1', 'kill -9 $PPID');
    const told = await run(jobPrograms.follow, ['one', '0']);
    expect(told).toMatch(/ended died [\d.]+\nok\n$/);
    expect(await only()).toMatchObject({ state: 'died' });
  });

  it('counts as died when its work was killed and the shell around it was not: what it began may go on', async () => {
    await start('one', 'g1', 'kill -9 $$');
    expect(await run(jobPrograms.follow, ['one', '0'])).toMatch(/ended died [\d.]+\nok\n$/);
    expect(await only()).toMatchObject({ state: 'died' });
    expect(await start('two', 'g1', 'true')).toBe('ok\n');
  });

  it('stops following when its standard input is closed', async () => {
    await start('one', 'g1', 'while [ ! -e go ]; do sleep 0.1; done');
    const child = spawn(shell, argv(jobPrograms.follow, ['one', '0']), { env: env(), stdio: 'pipe' });
    await new Promise((heard) => child.stdout.once('data', heard));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.stdin.end();
    await ended;
    expect(readdirSync(join(root, 'jobs/one')).filter((name) => name.startsWith('heard'))).toEqual([]);
    writeFileSync(join(root, 'jobs/one/go'), '');
    expect(await run(jobPrograms.follow, ['one', '0'])).toContain('ended 0 ');
  });
});

describe('what job programs say', () => {
  it('keeps any text of others as text', () => {
    fc.assert(fc.property(fc.string(), (text) => void expect(parseFollow(`|${text}`)).toEqual({ is: 'line', text })));
  });
  it('refuses what it does not know, and never throws on it', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseFollow(text)));
    expect(parseFollow('ended x 3')).toBeNull();
    expect(parseFollow('sent 12')).toBeNull();
    expect(parseFollow('hello')).toBeNull();
  });
  it('refuses a cut answer', () => {
    expect(() => parseJobs('job\ta\tnew\t-\t3\t0\t{}\n')).toThrow('output.unreadable');
    expect(() => parseJobs('job\ta\tnew\t-\t3\t0\t{}\no')).toThrow('output.unreadable');
    expect(parseJobs('job\ta\tnew\t-\t3\t0\t{"x":1}\nok\n')).toMatchObject([{ id: 'a', state: 'new', exit: null, about: { x: 1 } }]);
  });
  it('names a lock by anything a guest can be called', () => {
    fc.assert(fc.property(fc.string(), (name) => void expect(lockOf({ uuid: null, name })).toMatch(/^[a-z0-9-]+$/)));
  });
});
