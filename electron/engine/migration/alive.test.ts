import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jobPrograms } from '../remote/jobs.ts';
import receiveText from '../remote/programs/move-receive.sh?raw';
import { answers, type MadeUpHost, madeUpHost, shells } from '../remote/programTest.ts';
import type { Program } from '../remote/remote.ts';
import { endPrograms } from './ends.ts';

/** Who counts as alive: by process id, start time and boot together, for a number alone is given away again. */

const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
const startOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/.*\) /, '').split(' ')[19] ?? '';

describe.each(shells.map((words) => ({ name: words.join(' '), words })))('a process of ours under $name', ({ words }) => {
  let host: MadeUpHost;
  let other: ChildProcess;
  let pid = 0;
  const at = (...path: string[]) => join(host.root, 'var', ...path);
  const incoming = () => at('incoming', 'm1');
  const job = () => at('jobs', 'm1');
  const run = async (program: Program, args: string[]) => {
    const standIns = { 'xenstore-list': 'echo 0', xl: answers({ 'migrate-receive': `cat pid >'${at('seen')}'; exit 1` }) };
    return (await host.run(words, program, { args, standIns, env: { XENFERRY_ROOT: at() } })).stdout;
  };
  beforeEach(() => {
    host = madeUpHost();
    for (const folder of [incoming(), job(), at('locks')]) mkdirSync(folder, { recursive: true });
    writeFileSync(join(incoming(), 'boot'), `${boot}\n`);
    other = spawn('sleep', ['30']);
    pid = other.pid ?? 0;
  });
  afterEach(async () => {
    other.kill();
    await host.remove();
  });

  it('is written down by the receiver as a job writes it', async () => {
    await run({ name: join(incoming(), 'receive'), text: receiveText }, []);
    expect(readFileSync(at('seen'), 'utf8')).toMatch(new RegExp(`^\\d+ \\d+ ${boot}\n$`));
    expect(await run(endPrograms.look, ['m1', 'uuid'])).toContain('incoming failed\n');
  });

  it.each([
    ['started it', 'tiny', 'received'],
    ['did not', 'tiny--incoming', 'failed'],
  ])('an xl that has nobody left to tell that it %s is not believed to have failed where the guest runs', async (_what, name, word) => {
    writeFileSync(join(incoming(), 'guest'), 'uuid\n');
    const standIns = {
      'xenstore-list': 'printf "0\\n7\\n"',
      'xenstore-read': `case $1 in */7/vm) echo /vm/uuid ;; */7/name) echo ${name} ;; *) exit 1 ;; esac`,
      xl: answers({ 'migrate-receive': 'exit 1' }),
    };
    const receive = { name: join(incoming(), 'receive'), text: receiveText };
    await host.run(words, receive, { args: [], standIns, env: { XENFERRY_ROOT: at() } });
    expect(await run(endPrograms.look, ['m1', 'uuid'])).toContain(`incoming ${word}\n`);
  });

  it('lets go of the device that showed a qcow2 file for a receiver that was killed, and of nobody else’s', async () => {
    for (const [n, serves] of [
      [0, 41],
      [1, 42],
    ]) {
      mkdirSync(join(host.root, `sys/block/nbd${n}`), { recursive: true });
      writeFileSync(join(host.root, `sys/block/nbd${n}/pid`), `${serves}\n`);
      writeFileSync(join(incoming(), `nbd.${n}`), `/dev/nbd${n} 41\n`);
    }
    const standIns = { 'qemu-nbd': `echo "$*" >>'${at('asked')}'` };
    const how = { standIns, inside: ['/sys'], env: { XENFERRY_ROOT: at() } };
    expect((await host.run(words, endPrograms.unstage, { args: ['m1'], ...how })).stdout).toBe('ok\n');
    expect(readFileSync(at('asked'), 'utf8')).toBe('-d /dev/nbd0\n');
  });

  it.each([
    ['lives', () => startOf(pid), true],
    ['has ended, and its number is somebody else’s', () => '1', false],
  ])('stays or goes by that: it %s', async (_what, start, lives) => {
    for (const folder of [incoming(), job()]) writeFileSync(join(folder, 'pid'), `${pid} ${start()} ${boot}\n`);
    const looked = await run(endPrograms.look, ['m1', 'uuid']);
    expect([looked.includes('job running'), looked.includes('incoming receiving')]).toEqual([lives, lives]);
    const old = new Date(Date.now() - 2 * 86_400_000);
    utimesSync(incoming(), old, old);
    if (lives) {
      expect(await run(endPrograms.unstage, ['m1'])).toBe('failed receiving\n');
      expect(await run(endPrograms.aside, ['m1', 'done'])).toBe('failed running\n');
      expect(await run(jobPrograms.remove, ['m1'])).toBe('kept m1\nok\n');
      expect([existsSync(incoming()), existsSync(job())]).toEqual([true, true]);
      return;
    }
    expect(await run(jobPrograms.remove, ['m1'])).toBe('ok\n');
    expect([existsSync(incoming()), existsSync(job())]).toEqual([false, false]);
    for (const folder of [incoming(), job()]) {
      mkdirSync(folder);
      writeFileSync(join(folder, 'pid'), `${pid} 1 ${boot}\n`);
    }
    writeFileSync(join(incoming(), 'boot'), `${boot}\n`);
    expect(await run(endPrograms.unstage, ['m1'])).toBe('ok\n');
    expect(await run(endPrograms.aside, ['m1', 'done'])).toBe('ok\n');
    expect([existsSync(incoming()), existsSync(job())]).toEqual([false, false]);
  });

  it('is still known where an older XenFerry wrote its number alone', async () => {
    writeFileSync(join(incoming(), 'pid'), `${pid}\n`);
    expect(await run(endPrograms.unstage, ['m1'])).toBe('failed receiving\n');
    expect(await run(endPrograms.look, ['m1', 'uuid'])).toContain('incoming receiving\n');
  });

  it.each([
    ['done', endPrograms.aside, ['m1', 'done'], 'ok\n'],
    ['noted', endPrograms.aside, ['m1', 'stayed'], 'ok\n'],
    ['removed', jobPrograms.remove, ['m1'], 'ok\n'],
    ['running', endPrograms.aside, ['m1', 'done'], 'failed running\n'],
  ] as const)('takes what a killed job left in tracefs when its folder is %s', async (how, program, args, answer) => {
    for (const path of ['kernel/tracing', 'kernel/debug/tracing']) {
      const instances = join(host.root, 'sys', path, 'instances');
      for (const one of ['xenferry-m1', 'xenferry-m2', 'other']) mkdirSync(join(instances, one), { recursive: true });
    }
    writeFileSync(join(job(), 'pid'), `${pid} ${how === 'running' ? startOf(pid) : '1'} ${boot}\n`);
    const ran = await host.run(words, program, { args: [...args], inside: ['/sys'], env: { XENFERRY_ROOT: at() } });
    expect([ran.stdout, ran.stderr]).toEqual([answer, '']);
    const left = ['other', ...(how === 'running' ? ['xenferry-m1'] : []), 'xenferry-m2'];
    for (const path of ['kernel/tracing', 'kernel/debug/tracing'])
      expect(readdirSync(join(host.root, 'sys', path, 'instances')).sort()).toEqual(left);
  });

  it('is ended by a cancel, and nobody who has its number since', async () => {
    writeFileSync(join(job(), 'lock'), '');
    writeFileSync(join(job(), 'pid'), `1 1 ${boot}\n`);
    writeFileSync(join(job(), 'stop'), `${pid} 1\n`);
    expect(await run(jobPrograms.cancel, ['m1'])).toBe('ok\n');
    await new Promise((next) => setTimeout(next, 100));
    expect(other.signalCode).toBeNull();
    const ended = new Promise((over) => other.once('exit', over));
    writeFileSync(join(job(), 'stop'), `${pid} ${startOf(pid)}\n`);
    expect(await run(jobPrograms.cancel, ['m1'])).toBe('ok\n');
    await ended;
    expect(other.signalCode).toBe('SIGTERM');
  });
});
