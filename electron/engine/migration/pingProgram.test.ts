import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ping } from '../../contract/task.ts';
import { shells } from '../remote/programTest.ts';
import { parsePing, pingPrograms } from './pings.ts';

/**
 * iputils' ping, as seen on the lab when a guest's final pause outlasted its address in the host's table of neighbours: such an error
 * of the network ends a ping that has a deadline (-w), and no other one.
 */
const standIn = `#!/bin/sh
echo $$ >"$HERE/pid"
echo '[1763862845.100000] 64 bytes from 10.77.0.101: icmp_seq=1 ttl=64 time=1.23 ms'
echo '[1763862846.100000] no answer yet for icmp_seq=2'
echo 'From 10.77.0.1 icmp_seq=2 Destination Host Unreachable'
case " $* " in *" -w "*) exit 1 ;; esac
echo '[1763862856.100000] 64 bytes from 10.77.0.101: icmp_seq=3 ttl=64 time=2.50 ms'
exec sleep 600`;

describe.each(shells.map((words) => ({ name: words.join(' '), words })))('pings under $name', ({ words }) => {
  let here = '';
  beforeEach(() => {
    here = mkdtempSync(join(tmpdir(), 'xenferry-ping-'));
    writeFileSync(join(here, 'ping'), standIn, { mode: 0o755 });
  });
  afterEach(() => rmSync(here, { recursive: true, force: true }));

  const begin = (seconds: string) => {
    const [shell, ...before] = words;
    const env = { ...process.env, HERE: here, PATH: `${here}:${process.env.PATH}` };
    const { text, name } = pingPrograms.ping;
    const child = spawn(shell, [...before, '-c', text, name, '10.77.0.101', seconds, '0.2'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    const heard: Ping[] = [];
    const thrice = new Promise<void>((enough) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        heard.push(...[parsePing(line) ?? []].flat());
        if (heard.length === 3) enough();
      });
    });
    return { child, heard, thrice, over: once(child, 'close') };
  };
  const pinging = () => process.kill(Number(readFileSync(join(here, 'pid'), 'utf8')), 0);

  it('go on when the guest stood still for so long that its address was forgotten; end, with ping, when nobody listens', async () => {
    const { child, heard, thrice, over } = begin('600');
    await thrice;
    expect(heard.map(({ seq, rttMs }) => [seq, rttMs])).toEqual([
      [1, 1.23],
      [2, null],
      [3, 2.5],
    ]);
    expect(pinging()).toBe(true);
    child.stdin.end();
    await over; // of its output too, which ping holds
    expect(pinging).toThrow('ESRCH');
  });

  it('end in their time', async () => {
    await begin('1').over;
    expect(pinging).toThrow('ESRCH');
  });
});
