import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdLock, type MadeUpHost, madeUpHost, shells } from '../remote/programTest.ts';
import { endPrograms } from './ends.ts';

/** Half of a move, that nobody will start: it is destroyed, and never a guest that was let go in the same moment. */

const uuid = 'd4acd2a9-350f-471e-9f2b-802ac4947aee';
const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
const statOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/.*\) /, '').split(' ');

describe.each(shells.map((words) => ({ name: words.join(' '), words })))('what is left of a move under $name', ({ words }) => {
  let host: MadeUpHost;
  let receiver: ChildProcess | null = null;
  const at = (...path: string[]) => join(host.root, ...path);
  /** One domain, 7: its name and state lie in files, and xl says what it does into `did`. */
  const standIns = () => ({
    'xenstore-list': `echo 0; [ ! -e '${at('name')}' ] || echo 7`,
    'xenstore-read': `case $1 in */7/vm) echo /vm/${uuid} ;; */7/name) cat '${at('name')}' ;; *) exit 1 ;; esac`,
    xl: `case $1 in
      list) echo "x 7 80 1 $(cat '${at('state')}') 1.0" ; [ ! -e '${at('meanwhile')}' ] || . '${at('meanwhile')}' ;;
      destroy) [ ! -e '${at('receiver')}' ] || read -r _ _ is _ <"/proc/$(cat '${at('receiver')}')/stat"; echo "destroy $2 \${is:--}" >>'${at('did')}'; rm '${at('name')}' ;;
    esac`,
  });
  const run = async (name: string, id = '') =>
    (await host.run(words, endPrograms.leftover, { args: [uuid, name, id], standIns: standIns(), env: { XENFERRY_ROOT: at('var') } }))
      .stdout;
  /** A receive program of a move, with an xl that goes on for ever. */
  const receive = async (id: string, guest: string | null) => {
    const script = `sh -c 'echo $$ >${at('receiver')}; echo ready; while :; do sleep 1; done'; :`;
    receiver = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    await new Promise((heard) => receiver?.stdout?.once('data', heard));
    const pid = receiver.pid ?? 0;
    mkdirSync(at('var/incoming', id), { recursive: true });
    if (guest !== null) writeFileSync(at('var/incoming', id, 'guest'), `${guest}\n`);
    writeFileSync(at('var/incoming', id, 'pid'), `${pid} ${statOf(pid)[19]} ${boot}\n`);
    return { pid, xl: Number(readFileSync(at('receiver'), 'utf8')) };
  };
  beforeEach(() => {
    host = madeUpHost();
    writeFileSync(at('name'), 'tiny--incoming\n');
    writeFileSync(at('state'), '--p---\n');
  });
  afterEach(async () => {
    if (receiver?.pid) process.kill(-receiver.pid, 'SIGKILL');
    receiver = null;
    await host.remove();
  });
  const untouched = () => expect([existsSync(at('name')), existsSync(at('did'))]).toEqual([true, false]);

  it('is destroyed, by its number, and no lock stays', async () => {
    expect(await run('tiny--incoming')).toBe('gone 7\nok\n');
    expect(readFileSync(at('did'), 'utf8')).toBe('destroy 7 -\n');
    expect(existsSync(at('var/locks', uuid))).toBe(false);
    expect(await run('tiny--incoming')).toBe('ok\n');
  });

  it('stays where it runs, has another name, or is what no move leaves', async () => {
    expect(await run('tiny--migratedaway')).toBe('ok\n');
    expect(await run('tiny')).toBe('failed name\n');
    writeFileSync(at('state'), '-b----\n');
    expect(await run('tiny--incoming')).toBe('failed running\n');
    untouched();
  });

  it('stays when it is let go while its state is asked for', async () => {
    writeFileSync(at('meanwhile'), `echo tiny >'${at('name')}'`);
    expect(await run('tiny--incoming')).toBe('failed running\n');
    untouched();
  });

  it('stays while a job holds the guest’s lock', async () => {
    const letGo = await holdLock(at('var/locks', uuid));
    expect(await run('tiny--incoming')).toBe('failed busy\n');
    await letGo();
    untouched();
  });

  it.each([
    ['of this guest', uuid],
    ['that does not say whose it is', null],
  ])('stays while another move %s is received', async (_what, guest) => {
    await receive('later', guest);
    expect(await run('tiny--incoming', 'm1')).toBe('failed receiving\n');
    expect(await run('tiny--incoming')).toBe('failed receiving\n');
    untouched();
  });

  it('minds no move of another guest, and none whose receiver has ended', async () => {
    await receive('later', 'another');
    mkdirSync(at('var/incoming/ended'), { recursive: true });
    writeFileSync(at('var/incoming/ended/guest'), `${uuid}\n`);
    writeFileSync(at('var/incoming/ended/pid'), `${process.pid} 1 ${boot}\n`);
    expect(await run('tiny--incoming')).toBe('gone 7\nok\n');
  });

  it('whoever still reads for a source that has gone ends with it, where no domain of the guest is here', async () => {
    const { pid, xl } = await receive('m1', uuid);
    writeFileSync(at('var/incoming/m1/boot'), `${boot}\n`);
    const unstage = async (...how: string[]) =>
      (await host.run(words, endPrograms.unstage, { args: ['m1', ...how], standIns: standIns(), env: { XENFERRY_ROOT: at('var') } }))
        .stdout;
    const runs = (one: number) => existsSync(`/proc/${one}`) && statOf(one)[0] !== 'Z';
    expect(await unstage('drop', uuid)).toBe('failed receiving\n'); // tiny--incoming is here
    expect(await unstage()).toBe('failed receiving\n');
    expect([runs(pid), runs(xl)]).toEqual([true, true]);
    rmSync(at('name'));
    expect(await unstage('drop', uuid)).toBe('failed receiving\n');
    for (let tries = 0; runs(pid) && tries < 100; tries++) await new Promise((next) => setTimeout(next, 20));
    expect([runs(pid), runs(xl)]).toEqual([false, false]);
    expect(await unstage('drop', uuid)).toBe('ok\n');
    expect(existsSync(at('var/incoming/m1'))).toBe(false);
    receiver = null;
  });

  it('is destroyed while its own receiver stands still, which goes on then', async () => {
    const { pid, xl } = await receive('m1', uuid);
    expect(await run('tiny--incoming', 'm1')).toBe('gone 7\nok\n');
    expect(readFileSync(at('did'), 'utf8')).toBe('destroy 7 T\n');
    for (const one of [pid, xl]) expect(statOf(one)[0]).not.toBe('T');
    // and where it is refused too
    writeFileSync(at('name'), 'tiny--incoming\n');
    writeFileSync(at('state'), 'r-----\n');
    expect(await run('tiny--incoming', 'm1')).toBe('failed running\n');
    for (const one of [pid, xl]) expect(statOf(one)[0]).not.toBe('T');
  });
});
