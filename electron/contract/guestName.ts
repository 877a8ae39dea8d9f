import { type Problem, problem } from './problem.ts';

/** Bytes of the longest name: `qemu-dm-NAME--incoming.log` and `NAME.cfg` must be file names. */
const LONGEST = 200;

/**
 * Why a guest can't be given this name; null: it can. Xen takes nearly anything, but the name becomes a file name here, and
 * xl takes a number for a domid, `NAME--incoming` for a half of a migration. Quotes, `$()`, `;`, spaces and Japanese are fine.
 */
export function refuseName(name: string): Problem | null {
  const why = reasonAgainst(name);
  return why === null ? null : problem('config.unsafeName', { name: name.slice(0, 80), why });
}

function reasonAgainst(name: string) {
  if (name === '') return 'empty';
  if (name.includes('/')) return 'slash';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name)) return 'control';
  if (new TextEncoder().encode(name).length > LONGEST) return 'length';
  if (/^\d+$/.test(name) || /^(domain-0|dom0|\(null\))$/i.test(name) || /--(incoming|migratedaway)$/.test(name)) return 'reserved';
  // a half of a surrogate pair has no UTF-8; hidden files and options begin with . and -; edge spaces can't be seen
  if (/\p{Surrogate}/u.test(name) || /^[.\-\s]|\s$/.test(name)) return 'characters';
  return null;
}
