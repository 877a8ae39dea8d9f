import type { Random } from '../world.ts';

/** A random UUID (version 4), in lower case as xl prints it. */
export function newUuid(random: Random): string {
  const bytes = random.bytes(16);
  const at = (index: number) => bytes[index] ?? 0;
  bytes[6] = (at(6) & 0x0f) | 0x40;
  bytes[8] = (at(8) & 0x3f) | 0x80;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A MAC in Xen's own range that nobody we know of has. */
export function newMac(random: Random, taken: ReadonlySet<string>): string {
  for (let tries = 0; ; tries++) {
    const [a = 0, b = 0, c = 0] = random.bytes(3);
    // half of the range, as Xen's own tools do, so that a MAC given by hand can stay out of our way
    const mac = `00:16:3e:${[a & 0x7f, b, c].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
    if (!taken.has(mac) || tries > 1000) return mac;
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
