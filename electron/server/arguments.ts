import { join } from 'node:path';
import { appFolder } from '../world/appFolder.ts';

/** What `npm run serve` is asked for. */
export interface ServeArguments {
  /** 0: any free one. */
  port: number;
  /** Given for tests: it can be used more than once. */
  token: string | null;
  data: string;
  demo: boolean;
}

/** Reads the command line; throws with the sentence to print. */
export function readArguments(words: readonly string[]): ServeArguments {
  const read: ServeArguments = { port: 0, token: null, data: join(appFolder('XenFerry'), 'server'), demo: false };
  const rest = words.flatMap((word) =>
    /^--\w+=/.test(word) ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] : [word],
  );
  while (rest.length > 0) {
    const word = rest.shift();
    if (word === '--demo') read.demo = true;
    else if (word === '--port') read.port = portOf(valueAfter(word, rest));
    else if (word === '--token') read.token = tokenOf(valueAfter(word, rest));
    else if (word === '--data') read.data = valueAfter(word, rest);
    else throw new Error(`unknown word: ${word}. Known: --port N, --token WORD, --data DIR, --demo`);
  }
  return read;
}

function valueAfter(word: string, rest: string[]): string {
  const value = rest.shift();
  if (value === undefined || value === '') throw new Error(`${word} needs a value`);
  return value;
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new Error(`--port needs a number up to 65535, not ${text}`);
  return port;
}

function tokenOf(text: string): string {
  if (!/^[\w-]{8,200}$/.test(text)) throw new Error('--token needs 8 or more of A-Z a-z 0-9 _ -');
  return text;
}
