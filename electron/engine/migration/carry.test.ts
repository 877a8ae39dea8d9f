import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import carryText from '../remote/programs/move-carry.sh?raw';
import { shells } from '../remote/programTest.ts';

/** The transport's last step: what must be true when "ready" becomes the point of no return, and whom it ends where it does not. */

const startOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/.*\) /, '').split(' ')[19] ?? '';

describe.each(shells.map((words) => ({ name: words.join(' '), words })))('carry under $name', ({ words }) => {
  let job = '';
  let other: ChildProcess;
  const at = (...path: string[]) => join(job, ...path);
  beforeEach(() => {
    job = mkdtempSync(join(tmpdir(), 'carry-'));
    writeFileSync(at('carry'), carryText);
    writeFileSync(at('lock'), '');
    mkdirSync(at('aside'));
    other = spawn('sleep', ['30']);
  });
  afterEach(() => {
    other.kill();
    rmSync(job, { recursive: true, force: true });
  });
  /** A transport that says what the target's xl says, and `then`. */
  const link = (then: string) =>
    writeFileSync(
      at('link'),
      `read -r stat </proc/$$/stat
set -- \${stat##*) }
echo "$$ \${20}" >stop
printf '%s\\n' 'xl migration receiver ready, send binary domain data.'
printf '%s' 'domain received, ready to unpause'
${then}`,
    );
  const disks = (text: string) => {
    writeFileSync(at('disks.list'), '0\\n');
    writeFileSync(at('disks'), text);
  };
  const run = () =>
    new Promise<string>((resolve) => {
      const [shell = 'sh', ...before] = words;
      const child = spawn(shell, [...before, at('carry')], { stdio: ['ignore', 'pipe', 'ignore'] });
      let said = '';
      child.stdout.on('data', (bytes) => (said += bytes));
      child.on('close', () => resolve(said));
    });

  it('lets "ready" through and the rest after it', async () => {
    link('sleep 0.3; printf OK');
    expect(await run()).toBe('xl migration receiver ready, send binary domain data.\ndomain received, ready to unpauseOK');
    expect(existsSync(at('committed'))).toBe(true);
  });

  it('is no point of no return when the transport ended while the last of the disks went', async () => {
    link(': the link is gone');
    disks('sleep 0.5');
    expect(await run()).not.toContain('ready to unpause');
    expect(existsSync(at('committed'))).toBe(false);
  });

  it('ends its transport when the disks are not the same, and nobody who has its number since', async () => {
    link('exec sleep 5');
    disks('exit 1');
    const before = Date.now();
    expect(await run()).not.toContain('ready to unpause');
    expect(Date.now() - before).toBeLessThan(4000);
    link('exit 0');
    disks(`echo '${other.pid} 1' >stop; exit 1`);
    await run();
    await new Promise((next) => setTimeout(next, 100));
    expect(other.signalCode).toBeNull();
    disks(`echo '${other.pid} ${startOf(other.pid ?? 0)}' >stop; exit 1`);
    const ended = new Promise((over) => other.once('exit', over));
    await run();
    await ended;
    expect([existsSync(at('committed')), other.signalCode]).toEqual([false, 'SIGTERM']);
  });
});
