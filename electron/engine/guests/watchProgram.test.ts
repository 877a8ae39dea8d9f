import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { capture, removeFolder, shells } from '../remote/programTest.ts';
import { watchProgram } from './hostWatch.ts';
import { type WatchSaid, watchReader } from './watchLines.ts';

/**
 * The real text under real shells. Stand-ins: xl replays captures, xentop says its recorded sample every tick, and
 * xenstore-watch says what the test writes into a fifo; each leaves its pid, so that what stays behind is found.
 */
describe.each(shells.map((words) => ({ name: words.join(' '), words })))('watch under $name', ({ words }) => {
  let root = '';
  let child: ChildProcess;
  let heard: WatchSaid[] = [];
  let looks: (() => void)[] = [];
  const at = (path: string) => join(root, path);
  const put = (path: string, text: string) => writeFileSync(at(path), text);
  const standIn = (name: string, text: string) => {
    put(`bin/${name}`, `#!/bin/sh\necho $$ >>${at('pids')}\n${text}\n`);
    chmodSync(at(`bin/${name}`), 0o755);
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'xenferry-watch-'));
    for (const folder of ['bin', 'xen', 'auto', 'vm']) mkdirSync(at(folder));
    put('list', capture('xl-list-v').stdout);
    put('live', capture('xl-list-l').stdout);
    put('info', capture('xl-info-guests').stdout);
    put('top', capture('xentop-b').stdout.split('\n').slice(0, 6).join('\n'));
    put('calls', '');
    standIn(
      'xl',
      `echo "$*" >>${at('calls')}\ncase "$*" in 'list -v') cat ${at('list')} ;; 'list -l'*) cat ${at('live')} ;; info) cat ${at('info')} ;; esac`,
    );
    standIn('xentop', `while :; do cat ${at('top')}; echo; sleep 0.2; done`);
    standIn('xenstore-watch', `echo @introduceDomain; echo @releaseDomain; exec tail -n +1 -f ${at('events')}`);
    put('events', '');
  });
  afterEach(async () => {
    child.stdin?.end();
    await gone();
    await removeFolder(root);
  });

  const start = (path = `${at('bin')}:${process.env.PATH}`) => {
    heard = [];
    looks = [];
    const [shell = 'sh', ...before] = words;
    child = spawn(shell, [...before, '-c', watchProgram.text, 'watch', '1', at('auto'), at('xen'), at('vm')], {
      env: { ...process.env, PATH: path },
    });
    const read = watchReader((said) => {
      heard.push(said);
      for (const look of looks) look();
    });
    let rest = '';
    child.stdout?.on('data', (bytes: Buffer) => {
      const lines = (rest + bytes.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) read(line);
    });
  };
  const say = (line: string) => child.stdin?.write(`${line}\n`);
  /** A beat, and all that comes of it. `count` tells one from the other. */
  const beaten = async (count: number) => {
    say('beat');
    say(`echo ${count}`);
    await hears('echo', count);
  };
  /** The count-th thing said of that kind. */
  const hears = <K extends WatchSaid['is']>(is: K, count = 1): Promise<Extract<WatchSaid, { is: K }>> =>
    new Promise((resolve) => {
      const look = () => {
        const found = heard.filter((one): one is Extract<WatchSaid, { is: K }> => one.is === is)[count - 1];
        if (found) resolve(found);
      };
      looks.push(look);
      look();
    });
  const alive = (pid: number) => {
    try {
      process.kill(pid, 0);
      return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
    } catch {
      return false;
    }
  };
  const left = () => (existsSync(at('pids')) ? readFileSync(at('pids'), 'utf8').split('\n').filter(Boolean).map(Number).filter(alive) : []);
  /** Waits until the program and all its stand-ins are gone. */
  const gone = async () => {
    while (child.exitCode === null && child.signalCode === null) await new Promise((next) => setTimeout(next, 20));
    while (left().length > 0) await new Promise((next) => setTimeout(next, 20));
  };

  it('says what runs and what is stored, at first and whole', async () => {
    put('xen/a b.cfg', '# one\n\nname = "a"');
    put('vm/c', 'name = "c"\n');
    symlinkSync('../xen/a b.cfg', at('auto/10-a'));
    start();
    expect((await hears('list')).text).toBe(capture('xl-list-v').stdout);
    expect((await hears('files')).files.map((one) => one.path).sort()).toEqual([at('auto/10-a'), at('vm/c'), at('xen/a b.cfg')]);
    expect((await hears('auto')).links).toEqual([{ link: at('auto/10-a'), target: at('xen/a b.cfg') }]);
    say(`config ${at('xen/a b.cfg')}`);
    expect(await hears('config')).toMatchObject({
      path: at('xen/a b.cfg'),
      text: '# one\n\nname = "a"\n',
      version: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    say(`config ${at('xen/none.cfg')}`);
    expect(await hears('config', 2)).toMatchObject({ version: null });
    say('live 4 5');
    expect(JSON.parse((await hears('live', 2)).text)).toHaveLength(5);
    say('info');
    expect((await hears('info')).text).toMatch(/^free_memory +: 883\noutstanding_claims +: 0\n$/);
    say('echo x1');
    expect(await hears('echo')).toEqual({ is: 'echo', word: 'x1' });
    expect(heard.filter((one) => one.is === 'unreadable')).toEqual([]);
  });

  it('gathers a burst of events into a list or two, and passes over what is no news', async () => {
    start();
    await hears('list');
    const noNews = '/local/domain/4/data/meminfo_free\n/local/domain/0/backend/vbd/4/51712/state\n';
    const burst = `${noNews}@introduceDomain\n${'/local/domain/9/name\n'.repeat(50)}`;
    appendFileSync(at('events'), `${burst}/local/domain/4/device/vbd/51728\n/local/domain/4/device/vbd/51728/state\n`);
    expect(await hears('device')).toEqual({ is: 'device', domid: 4 }); // the last of them has been read
    await hears('list', 2);
    await new Promise((next) => setTimeout(next, 1000));
    const lists = () => heard.filter((one) => one.is === 'list').length;
    expect(lists()).toBeLessThanOrEqual(3); // the first at once and one for the others; one less when the first list was being gathered
    const before = lists();
    appendFileSync(at('events'), `${noNews}/local/domain/4/device/vif/0\n`);
    await hears('device', 2);
    expect(lists()).toBe(before);
  });

  it('looks for changed configs as it beats, and tells them only when one changed', async () => {
    put('xen/a.cfg', 'a');
    start();
    await hears('files');
    for (const count of [1, 2, 3]) await beaten(count);
    expect(heard.filter((one) => one.is === 'files')).toHaveLength(1);
    put('xen/a.cfg', 'b'); // as long as before, within the same second
    for (const count of [4, 5, 6, 7, 8]) await beaten(count); // written in place: each fifth beat looks for that
    await hears('files', 2);
    rmSync(at('xen/a.cfg'));
    await beaten(9);
    expect((await hears('files', 3)).files).toEqual([]);
    for (const count of [10, 11]) await beaten(count);
    expect(heard.filter((one) => one.is === 'files')).toHaveLength(3);
    expect(readFileSync(at('calls'), 'utf8')).toBe('list -v\n'); // beats ask xl nothing
  });

  it('passes on samples, and slows down when told', async () => {
    start();
    await hears('sample', 2);
    expect(heard.flatMap((one) => (one.is === 'top' ? [one.line] : []))[4]).toBe(capture('xentop-b').stdout.split('\n')[5]);
    say('figures 20');
    await hears('figures', 2);
    await hears('sample', heard.filter((one) => one.is === 'sample').length + 1);
    while (left().length > 4) await new Promise((next) => setTimeout(next, 20)); // xentop once, with its sleep; xenstore-watch
  });

  it('leaves nothing running when its input closes', async () => {
    start();
    await hears('sample');
    expect(left().length).toBeGreaterThanOrEqual(2);
    child.stdin?.end();
    await gone();
    expect(child.exitCode).toBe(0);
  });

  it('goes on by the beats where xentop or the events end', async () => {
    standIn('xentop', 'exit 1');
    standIn('xenstore-watch', 'exit 1');
    start();
    expect(await hears('problem')).toEqual({ is: 'problem', what: expect.stringMatching(/xentop|events/) });
    await hears('problem', 2);
    put('xen/a.cfg', 'a');
    await beaten(1);
    await hears('files', 2);
    await hears('list', 1);
  });
});
