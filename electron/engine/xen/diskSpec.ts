import type { Disk } from '../../contract/guest.ts';

interface Parts {
  target: string | null;
  format: string | null;
  vdev: string | null;
  access: 'rw' | 'ro' | null;
  cdrom: boolean;
  script: string | null;
  backend: string | null;
  /** An old prefix (`phy:`, `file:`) was there: no format among the words without a name. */
  prefixed: boolean;
}

const formats = ['raw', 'qcow', 'qcow2', 'vhd', 'qed', 'empty'];
const oldPrefix = /^(raw|qcow2?|vhd|iscsi|e?nbd|drbd|tapdisk|tap2?|aio|ioemu|file|phy):/;

/** Reads one entry of `disk=[…]` as xl does (libxlu_disk_l.l). null: xl would refuse it. */
export function readDisk(spec: string): Disk | null {
  const parts: Parts = { target: null, format: null, vdev: null, access: null, cdrom: false, script: null, backend: null, prefixed: false };
  let rest = spec.trimStart();
  while (rest !== '') {
    const after = named(rest, parts) ?? prefix(rest, parts) ?? positional(rest, parts);
    if (after === null) return null;
    rest = after.trimStart();
  }
  if (!parts.vdev || parts.target === null) return null;
  if (parts.target === '' && !parts.cdrom && parts.format !== 'empty') return null;
  return {
    target: parts.target,
    vdev: parts.vdev,
    format: parts.target === '' ? 'empty' : (parts.format ?? 'raw'),
    access: parts.access ?? (parts.cdrom ? 'ro' : 'rw'),
    cdrom: parts.cdrom,
    script: parts.script,
    backend: parts.backend,
  };
}

/** Who serves a device by `backend=`; null: dom0 itself. */
export const driverDomain = (backend: string): string | null => (/^(|0|Domain-0)$/.test(backend) ? null : backend);

/** A parameter with a name; what is left after it. null: none stands here (or a bad one, which no other rule takes either). */
function named(rest: string, parts: Parts): string | null {
  if (rest.startsWith('target=')) {
    parts.target = rest.slice('target='.length); // takes all that is left, commas too
    return '';
  }
  const word = /^([^,]*),?/.exec(rest)?.[1] ?? '';
  const after = rest.slice(word.length + 1);
  const [name, value] = word.includes('=') ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] : [word, null];
  if (value === null) {
    if (name === 'cdrom') parts.cdrom = true;
    else if (!/^(direct-io-safe|discard|no-discard|colo|no-colo|trusted|untrusted)$/.test(name)) return null;
    return after;
  }
  switch (name) {
    case 'format':
      return setFormat(parts, value) ? after : null;
    case 'access':
      return setAccess(parts, value) ? after : null;
    case 'devtype':
      parts.cdrom = value === 'cdrom';
      return after;
    case 'vdev':
      parts.vdev = value;
      return after;
    case 'script':
      parts.script = value;
      return after;
    case 'backend':
      parts.backend = driverDomain(value);
      return after;
    default:
      return /^[a-z][-a-z0-9_]*$/.test(name) ? after : null; // specification= and what a newer Xen adds
  }
}

function prefix(rest: string, parts: Parts): string | null {
  const found = oldPrefix.exec(rest)?.[1];
  if (!found) return null;
  parts.prefixed = true;
  if (formats.includes(found)) parts.format = found;
  if (/^(iscsi|e?nbd|drbd)$/.test(found)) parts.script = `block-${found}`;
  return rest.slice(found.length + 1);
}

function positional(rest: string, parts: Parts): string | null {
  const word = /^[^=,]*/.exec(rest)?.[0] ?? '';
  const end = rest[word.length];
  if (end !== undefined && end !== ',') return null;
  if (parts.target === null) parts.target = word;
  else if (!parts.prefixed && parts.format === null) {
    if (parts.target === '' && vdevAndType(word, parts)) parts.format = 'empty';
    else if (!setFormat(parts, word)) return null;
  } else if (parts.vdev === null) {
    if (!vdevAndType(word, parts)) parts.vdev = word;
  } else if (parts.access === null) {
    if (!setAccess(parts, word)) return null;
  } else return null;
  return rest.slice(word.length + 1);
}

/** `hdc:cdrom`, the way of old. */
function vdevAndType(word: string, parts: Parts): boolean {
  const colon = word.lastIndexOf(':');
  if (colon < 0) return false;
  parts.vdev = word.slice(0, colon);
  parts.cdrom = word.slice(colon + 1) === 'cdrom';
  return true;
}

function setFormat(parts: Parts, value: string): boolean {
  const format = value === '' ? 'raw' : value;
  if (!formats.includes(format)) return false;
  parts.format = format;
  return true;
}

function setAccess(parts: Parts, value: string): boolean {
  if (value === 'r' || value === 'ro') parts.access = 'ro';
  else if (value === 'rw' || value === 'w' || value === '') parts.access = 'rw';
  else return false;
  return true;
}
