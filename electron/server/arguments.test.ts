import { expect, test } from 'vitest';
import { readArguments } from './arguments.ts';

test('words are read in both forms', () => {
  expect(readArguments(['--port', '8123', '--token=abcdefgh', '--data', '/tmp/x=y', '--demo'])).toEqual({
    port: 8123,
    token: 'abcdefgh',
    data: '/tmp/x=y',
    demo: true,
  });
  expect(readArguments([])).toMatchObject({ port: 0, token: null, demo: false });
});

test.each([[['--port', 'x']], [['--port', '70000']], [['--token', 'short']], [['--data']], [['--bind', '0.0.0.0']]])(
  '%j is refused',
  (words) => expect(() => readArguments(words)).toThrow(),
);
