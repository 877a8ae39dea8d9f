import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { World } from '../engine/world.ts';

const mostBytes = 5_000_000;
/** A stack or a sample of output is enough in this length. */
const mostCharacters = 4_000;

/** One JSON line a happening, the file turned over once at 5 MB. A log that can't be written is left out: it must not stop the work. */
export function fileLog(file: string): World['log'] {
  return (level, what, more = {}) => {
    if (level === 'debug' && !process.env.XENFERRY_DEBUG) return;
    const cut = Object.fromEntries(
      Object.entries(more).map(([key, value]) => [key, typeof value === 'string' ? value.slice(0, mostCharacters) : value]),
    );
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      turnOver(file);
      appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), level, what, ...cut })}\n`, { mode: 0o600 });
    } catch {}
  };
}

function turnOver(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > mostBytes) renameSync(file, `${file}.1`);
}
