/** A logical volume. `holds` marks what a copy put into it, so that a test can tell. */
export interface SimVolume {
  name: string;
  sizeMiB: number;
  uuid: string;
  /** Counts what its guest wrote: unbroken over a move, if the storage is really the same. */
  ticks: number;
}

/** A volume group: on one host's disks, or on a SAN that several hosts see. */
export class VolumeGroup {
  readonly name: string;
  readonly uuid: string;
  readonly sizeMiB: number;
  readonly shared: boolean;
  /** Of the disk that it is on. */
  readonly serial: string;
  readonly extentMiB = 4;
  readonly volumes = new Map<string, SimVolume>();
  constructor(about: { name: string; sizeMiB: number; shared: boolean }) {
    this.name = about.name;
    this.sizeMiB = about.sizeMiB;
    this.shared = about.shared;
    this.uuid = lvmUuid(`${about.name}/${about.sizeMiB}/${counter()}`);
    this.serial = `sim.${this.uuid}`;
  }
  freeMiB(): number {
    let used = 0;
    for (const one of this.volumes.values()) used += one.sizeMiB;
    return this.sizeMiB - used;
  }
  /** Rounded up to whole extents, as lvcreate does; null where there is no room. */
  create(name: string, sizeMiB: number): SimVolume | null {
    const rounded = Math.ceil(sizeMiB / this.extentMiB) * this.extentMiB;
    if (rounded > this.freeMiB()) return null;
    const made = { name, sizeMiB: rounded, uuid: lvmUuid(`${this.uuid}/${name}/${counter()}`), ticks: 0 };
    this.volumes.set(name, made);
    return made;
  }
}

let counted = 0;
function counter(): number {
  counted += 1;
  return counted;
}

/** LVM writes its ids as 6-4-4-4-4-4-6 of letters and digits. */
export function lvmUuid(seed: string): string {
  const letters = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  let state = 2166136261;
  for (const letter of seed) state = Math.imul(state ^ letter.charCodeAt(0), 16777619) >>> 0; // all of it counts
  let text = '';
  for (let at = 0; text.length < 32; at += 1) {
    state = Math.imul(state ^ seed.charCodeAt(at % seed.length) ^ at, 16777619) >>> 0;
    text += letters[(state >>> 7) % letters.length] ?? '0';
  }
  return text.replace(/^(.{6})(.{4})(.{4})(.{4})(.{4})(.{4})(.{6})$/, '$1-$2-$3-$4-$5-$6-$7');
}
