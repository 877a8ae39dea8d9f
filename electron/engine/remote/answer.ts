import { fail } from '../../contract/problem.ts';

/** What a short program said: its lines by their first word, and its blocks (docs/architecture.md). */
export interface Answer {
  /** What follows the word, of each line that begins with it. */
  lines(word: string): string[];
  has(word: string): boolean;
  /** null: the program did not say this block. */
  block(name: string): { text: string; exit: number } | null;
}

/** Reads a whole answer. Without its last line `ok` it was cut, or is something else: `output.unreadable` with a sample. */
export function readAnswer(what: string, stdout: string): Answer {
  const lines = new Map<string, string[]>();
  const blocks = new Map<string, { text: string; exit: number }>();
  let open: { name: string; text: string[] } | null = null;
  let last = '';
  for (const line of stdout.split('\n')) {
    if (line === '') continue;
    last = line;
    if (open) {
      if (line.startsWith('|')) {
        open.text.push(line.slice(1));
        continue;
      }
      const end = /^end (\S+) (\d+)$/.exec(line);
      if (end?.[1] !== open.name) return unreadable(what, line);
      blocks.set(open.name, { text: open.text.map((one) => `${one}\n`).join(''), exit: Number(end[2]) });
      open = null;
      continue;
    }
    const begin = /^begin (\S+)$/.exec(line);
    if (begin?.[1]) {
      open = { name: begin[1], text: [] };
      continue;
    }
    const [, word = '', rest = ''] = /^(\S+) ?(.*)$/.exec(line) ?? [];
    lines.set(word, [...(lines.get(word) ?? []), rest]);
  }
  if (open || last !== 'ok') unreadable(what, last);
  return {
    lines: (word) => lines.get(word) ?? [],
    has: (word) => lines.has(word),
    block: (name) => blocks.get(name) ?? null,
  };
}

const unreadable = (what: string, sample: string): never => fail('output.unreadable', { what, sample: sample.slice(0, 200) });
