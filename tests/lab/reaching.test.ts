import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../electron/contract/problem.ts';
import { type LabUser, openLabRemote } from './labRemote.ts';

const say = { name: 'say', text: 'printf "%s|" "$0" "$@"; id -u; cat; echo said >&2; exit 3\n' };
const count = { name: 'count', text: 'n=0; while read -r line; do n=$((n+1)); echo "$n $line"; [ "$line" = end ] && exit 0; done\n' };

describe.each<LabUser>(['root', 'operator', 'clerk'])('as %s', (user) => {
  test('commands, programs, documents, streams, terminals and forwards', async () => {
    const { remote, close } = await openLabRemote(1, user);
    try {
      const list = await remote.run(['xl', 'list']);
      expect(list).toMatchObject({ exit: 0, signal: null, stderr: '' });
      expect(list.stdout).toMatch(/^Name .*\nDomain-0 /);
      const said = await remote.program(say, ["it's", '$HOME', '日本'], { stdin: 'a document\nxenlab\n' });
      expect(said).toEqual({ exit: 3, signal: null, stdout: "say|it's|$HOME|日本|0\na document\nxenlab\n", stderr: 'said\n' });
      await expect(remote.run(['sleep', '30'], { timeoutMs: 1000 })).rejects.toThrow(ProblemError);
      const many = await Promise.all(Array.from({ length: 14 }, (_, at) => remote.run(['echo', String(at)])));
      expect(many.map((one) => one.stdout.trim())).toEqual(many.map((_, at) => String(at)));

      const stream = await remote.stream(count, []);
      const lines: string[] = [];
      stream.onLine((line) => lines.push(line));
      stream.send('one\ntwo\n');
      stream.send('end\n');
      await new Promise((resolve) => stream.onEnd(resolve));
      expect(lines).toEqual(['1 one', '2 two', '3 end']);

      const terminal = await remote.terminal({ name: 'tty', text: 'stty size; tty; read -r x; echo "got $x"; stty size\n' }, [], {
        columns: 91,
        rows: 17,
      });
      let screen = '';
      terminal.stream.on('data', (bytes: Buffer) => {
        screen += bytes.toString();
        if (screen.includes('/dev/pts') && !screen.includes('got')) {
          terminal.resize({ columns: 70, rows: 20 });
          terminal.stream.write('hello\r');
        }
      });
      await new Promise((resolve) => terminal.stream.on('close', resolve));
      expect(screen).toMatch(/17 91\r\n\/dev\/pts\/\d+/);
      expect(screen).toContain('got hello');
      expect(screen).not.toContain('xf-');

      const forwarded = await remote.forward('127.0.0.1', 22);
      const greeting = await new Promise<string>((resolve) => forwarded.once('data', (bytes: Buffer) => resolve(bytes.toString())));
      expect(greeting).toMatch(/^SSH-2\.0-/);
      forwarded.destroy();
      await expect(remote.forward('127.0.0.1', 1)).rejects.toMatchObject({ problem: { code: 'ssh.forwardRefused' } });
    } finally {
      close();
    }
  });
});
