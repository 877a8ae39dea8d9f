import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createRemote } from '../engine/remote/overSsh.ts';
import watchText from '../engine/remote/programs/watch.sh?raw';
import type { Remote } from '../engine/remote/remote.ts';
import { openSession } from '../engine/ssh/session.ts';
import { realClock, realRandom } from '../world/clock.ts';
import { type Demo, startDemo } from './demo.ts';

const capture = (name: string): string => readFileSync(new URL(`../../tests/transcripts/captures/${name}.txt`, import.meta.url), 'utf8');
const limits = { connectMs: 10_000, keepaliveMs: 10_000, keepaliveMisses: 3, commandMs: 10_000 };

async function withRemote(use: (remote: Remote, demo: Demo) => Promise<void>): Promise<void> {
  const demo = await startDemo({ speed: 100 });
  const [first] = demo.hosts;
  if (!first) throw new Error('no host');
  const { address, port } = first;
  const session = await openSession({
    address,
    port,
    user: 'root',
    credentials: { by: 'password', password: first.password },
    socket: (signal) => demo.dial(address, port, signal),
    judge: () => null,
    clock: realClock,
    limits,
  });
  const remote = createRemote({
    session,
    root: { by: 'direct' },
    address,
    user: 'root',
    world: { clock: realClock, random: realRandom },
    limits,
  });
  try {
    await use(remote, demo);
  } finally {
    session.close();
    await demo.close();
  }
}

/** The columns of a line: digits, the blanks before them, and the letters of a state made alike. */
const columns = (line: string): string => line.replace(/[ 0-9]/g, '9').replace(/[-rbpsc]{6}/, 'SSSSSS');

test('xl list looks as it was recorded', () =>
  withRemote(async (remote) => {
    const ran = await remote.run(['xl', 'list', '-v']);
    const [heading, dom0] = ran.stdout.split('\n');
    const recorded = capture('xl-list-v').split('\n');
    expect(recorded).toContain(heading);
    const theirs = recorded.find((line) => line.startsWith('Domain-0')) ?? '';
    expect(columns(dom0 ?? '').slice(-80)).toBe(columns(theirs).slice(-80));
    expect(ran.stdout).toContain('mail');
  }));

test('a guest starts, is paused, and ends; a second start is refused in the words of xl', () =>
  withRemote(async (remote) => {
    const start = await remote.run(['xl', 'create', '/etc/xen/old-intranet.cfg']);
    expect(start).toMatchObject({ exit: 0, stdout: '', stderr: 'Parsing config from /etc/xen/old-intranet.cfg\n' });
    const again = await remote.run(['xl', 'create', '/etc/xen/old-intranet.cfg']);
    expect(again.exit).toBe(3);
    expect(again.stderr).toContain('Domain with name "old-intranet" already exists.');
    expect((await remote.run(['xl', 'pause', 'old-intranet'])).exit).toBe(0);
    expect((await remote.run(['xl', 'list', 'old-intranet'])).stdout).toContain('--p---');
    expect((await remote.run(['xl', 'destroy', 'old-intranet'])).exit).toBe(0);
    const gone = await remote.run(['xl', 'destroy', 'old-intranet']);
    expect(gone).toMatchObject({ exit: 1, stderr: 'old-intranet is an invalid domain identifier (rc=-6)\n' });
  }));

test('a program with another text than the known one is refused, and so is anything but words', () =>
  withRemote(async (remote) => {
    const other = await remote.program({ name: 'watch', text: `${watchText}\n# changed` }, ['2', 'a', 'b', 'c']);
    expect(other.exit).toBe(126);
    expect((await remote.run(['nosuch'])).exit).toBe(127);
  }));

test('the watch says the list, the configs, the figures, and what changes', () =>
  withRemote(async (remote) => {
    const stream = await remote.stream({ name: 'watch', text: watchText }, ['2', '/etc/xen/auto', '/etc/xen', '/etc/xen/vm']);
    const lines: string[] = [];
    const until = (wanted: RegExp): Promise<string> =>
      new Promise((resolve) => {
        stream.onLine((line) => {
          lines.push(line);
          if (wanted.test(line)) resolve(line);
        });
      });
    await until(/^end list 0/);
    expect(lines[0]).toBe('hello 1');
    expect(lines).toContain('begin auto');
    expect(lines.some((line) => /^f +Domain-0 -----r/.test(line))).toBe(true);
    expect(lines.some((line) => /^\|\d+ \d{4}-\d\d-\d\d \S+ \+0000 .* \/etc\/xen\/mail\.cfg$/.test(line))).toBe(true);
    void remote.run(['xl', 'destroy', 'mail']);
    await until(/^begin list/);
    stream.send('config /etc/xen/mail.cfg\n');
    await until(/^end config [0-9a-f]{64}$/);
    expect(lines).toContain('|name = "mail"');
    stream.close();
  }));
