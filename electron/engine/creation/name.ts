import { type Problem, problem } from '../../contract/problem.ts';

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
  if (Buffer.byteLength(name) > LONGEST) return 'length';
  if (/^\d+$/.test(name) || /^(domain-0|dom0|\(null\))$/i.test(name) || /--(incoming|migratedaway)$/.test(name)) return 'reserved';
  // a half of a surrogate pair has no UTF-8; hidden files and options begin with . and -; edge spaces can't be seen
  if (/\p{Surrogate}/u.test(name) || /^[.\-\s]|\s$/.test(name)) return 'characters';
  return null;
}

/** A name LVM takes (lvm(8), "Valid names"): the guest's own where it can, else what is left of it and the UUID's head. */
export function volumeName(name: string, uuid: string): string {
  const own = /^[A-Za-z0-9_.+][A-Za-z0-9_.+-]{0,99}$/.test(name);
  const reserved = /^(snapshot|pvmove)|_(cdata|cmeta|corig|imageset|mimage|mlog|pmspare|rimage|rmeta|tdata|tmeta|vorigin|vdata)/.test(name);
  if (own && !reserved && name !== '..' && name !== '.') return name;
  const rest = name.replace(/[^A-Za-z0-9.+]/g, '').slice(0, 40);
  return `guest-${rest === '' ? '' : `${rest}-`}${uuid.slice(0, 8)}`;
}
