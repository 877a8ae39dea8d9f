import { execFile } from 'node:child_process';
import { connect } from 'node:net';

/** `time=0.51 ms`, `time<1ms`, `時間 <1ms`, `時間=3ms`: every system's `ping` ends so, in whatever language. */
const reply = /[=<]\s*(\d+(?:[.,]\d+)?)\s*ms/i;

/** One echo by the system's `ping`, else a TCP connect: ms, null for no reply, 'cannot' where neither works from here. */
export async function pingOnce(address: string, timeoutMs: number): Promise<number | null | 'cannot'> {
  if (!/^[0-9A-Za-z.:%_-]{1,255}$/.test(address) || address.startsWith('-')) return 'cannot';
  const said = await systemPing(address, timeoutMs);
  return said === 'cannot' ? tcpPing(address, timeoutMs) : said;
}

/** argv of the system's `ping` for one echo. */
export function pingWords(platform: string, address: string, timeoutMs: number): string[] {
  const seconds = String(Math.max(1, Math.ceil(timeoutMs / 1000)));
  if (platform === 'win32') return ['-n', '1', '-w', String(timeoutMs), address];
  if (platform === 'darwin') return ['-n', '-c', '1', '-t', seconds, address];
  return ['-n', '-c', '1', '-W', seconds, '--', address];
}

/** What the system's `ping` says: ms of the reply; null: none; 'cannot': it could not even ask. */
export function readPing(exit: number | string | null, stdout: string): number | null | 'cannot' {
  const found = reply.exec(stdout)?.[1];
  // Windows exits with 0 for "destination unreachable" too, but then prints no time.
  if (found !== undefined) return Number(found.replace(',', '.'));
  // Linux: 1 no reply, 2 anything else (no permission, no such name). macOS: 2 no reply, 68 no such name.
  if (exit === 0 || exit === 1) return null;
  return process.platform === 'darwin' && exit === 2 ? null : 'cannot';
}

function systemPing(address: string, timeoutMs: number): Promise<number | null | 'cannot'> {
  return new Promise((resolve) => {
    execFile(
      'ping',
      pingWords(process.platform, address, timeoutMs),
      { timeout: timeoutMs + 1_000, windowsHide: true, env: { ...process.env, LC_ALL: 'C' } },
      (error, stdout) => resolve(error?.killed ? null : readPing(error ? (error.code ?? null) : 0, stdout)),
    );
  });
}

/** The `discard` service: where nobody listens, so that no sshd counts us among its attackers. A refusal is an answer too. */
const tcpPort = 9;

function tcpPing(address: string, timeoutMs: number): Promise<number | null | 'cannot'> {
  return new Promise((resolve) => {
    const began = performance.now();
    const socket = connect({ host: address, port: tcpPort, timeout: timeoutMs });
    const end = (what: number | null | 'cannot') => {
      socket.destroy();
      resolve(what);
    };
    socket.once('connect', () => end(performance.now() - began));
    socket.once('timeout', () => end(null));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') end(performance.now() - began);
      else end(error.code === 'ETIMEDOUT' || error.code === 'EHOSTUNREACH' ? null : 'cannot');
    });
  });
}
