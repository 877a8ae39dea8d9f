import text from '../remote/programs/clock.sh?raw';
import type { Program, Remote } from '../remote/remote.ts';
import type { Clock } from '../world.ts';

/** Says the time of the host. */
export const clockProgram: Program = { name: 'clock', text };

const QUESTIONS = 4;
/** A host that takes longer for four answers has other troubles; what was heard till then serves. */
const PATIENCE_MS = 15_000;

/** The host's clock minus ours, ms: from the answer that came quickest, taken to be given half-way. 0: it could not be had. */
export async function clockOffset(remote: Remote, clock: Clock): Promise<number> {
  const stream = await remote.stream(clockProgram, []);
  return await new Promise((resolve) => {
    let best: { tripMs: number; offsetMs: number } | null = null;
    let asked = 0;
    let at = 0;
    const end = () => {
      undo();
      stream.close();
      resolve(best?.offsetMs ?? 0);
    };
    const undo = clock.after(PATIENCE_MS, end);
    const ask = () => {
      if (asked++ === QUESTIONS) return end();
      at = clock.now();
      stream.send('\n');
    };
    stream.onEnd(end);
    stream.onLine((line) => {
      const tripMs = clock.now() - at;
      const theirs = readTime(line);
      if (theirs !== null && (!best || tripMs < best.tripMs)) best = { tripMs, offsetMs: Math.round(theirs - (at + tripMs / 2)) };
      ask();
    });
    ask();
  });
}

/** `1795413600.123456789`; busybox leaves %N out, or as it is: then the middle of the second. */
export function readTime(line: string): number | null {
  const [, seconds, milliseconds] = /^(\d+)(?:\.(\d{3})\d*)?/.exec(line) ?? [];
  return seconds ? Number(seconds) * 1000 + Number(milliseconds ?? 500) : null;
}
