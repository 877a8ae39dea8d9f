import type { Desk } from '../contract/desk.ts';
import { closeAll, folder, INSIDE, openEyes, sh, sitDown } from './twoHosts.ts';

/** Guests whose disks only host 1 has, and one whose disk both have: made, and taken away with all that is left of them. */

export interface LocalGuest {
  name: string;
  /** A volume, or a raw file. */
  disk: string;
  /** As in the config. */
  spec: string;
  /** Last part of its address, and of its card's. */
  last: number;
  /** Default: PVH. */
  type?: 'pv' | 'pvh';
}

export const localGuests = {
  file: { name: 'd-file', disk: '/var/lib/xen/images/d-file.img', spec: '/var/lib/xen/images/d-file.img,raw,xvda,w', last: 121 },
  volume: { name: 'd-volume', disk: '/dev/vg0/d-volume', spec: 'phy:/dev/vg0/d-volume,xvda,w', last: 122 },
} as const satisfies Record<string, LocalGuest>;
/** Of tests that take long, the short set runs those of one kind. */
export const allKinds: readonly LocalGuest[] = process.env.LAB_SET === 'long' ? Object.values(localGuests) : [localGuests.volume];
/** Its disk is a volume of the group that both hosts see. */
export const sharedGuest: LocalGuest = {
  name: 'd-shared',
  disk: '/dev/vgshared/d-shared',
  spec: 'phy:/dev/vgshared/d-shared,xvda,w',
  last: 123,
};
/** Its disk is a qcow2 file, which QEMU serves. */
export const qcow2Guest: LocalGuest = {
  name: 'd-qcow2',
  disk: '/var/lib/xen/images/d-qcow2.qcow2',
  spec: '/var/lib/xen/images/d-qcow2.qcow2,qcow2,xvda,w',
  last: 124,
};
/** It can't move live here: this Xen has no shadow paging. */
export const pvGuest: LocalGuest = { name: 'd-pv', disk: '/dev/vg0/d-pv', spec: 'phy:/dev/vg0/d-pv,xvda,w', last: 125, type: 'pv' };
/** Takes the memory of a host. */
export const FILLER = 'd-filler';
const names = [...Object.values(localGuests), sharedGuest, qcow2Guest, pvGuest].map((one) => one.name).concat(FILLER);

const config = ({ name, spec, last, type = 'pvh' }: LocalGuest) => `name = "${name}"
uuid = "7e0d15c5-0000-4000-8000-0000000000${last % 100}"
type = "${type}"
kernel = "/var/lib/xen/boot/vmlinuz-tiny"
ramdisk = "/var/lib/xen/boot/initrd-tiny"
extra = "console=hvc0 quiet name=${name} ip=10.77.0.${last}/24"
memory = 80
disk = [ '${spec}' ] # the only one
vif = [ 'mac=00:16:3e:77:02:${last % 100},bridge=xenbr0' ]
`;

/** SHA-256 of the half of a disk that nobody writes to: of a volume or a raw file. */
export const upperHalf = (n: 1 | 2, disk: string) => sh(n, 'dd if="$1" bs=1M skip=16 count=16 2>/dev/null | sha256sum', disk);
/** The same as the guest sees it, whatever format its file has. */
export const upperHalfInside = (n: 1 | 2, disk: string) => sh(n, `${INSIDE}; inside "$1" 32768 32768 | sha256sum`, disk);

/** Guests, configs, disks, the trash and the moves of earlier runs. */
export async function clean(n: 1 | 2): Promise<void> {
  await sh(
    n,
    `for g; do
      for d in "$g" "$g--incoming" "$g--migratedaway"; do xl destroy "$d" 2>/dev/null; done
      rm -f "/etc/xen/$g.cfg" "/var/lib/xen/images/$g.img" "/var/lib/xen/images/$g.qcow2"
      rm -f "/var/lib/xen/images/$g-xvda."*
    done
    for bin in /var/lib/xenferry/trash/*; do grep -q '^name	d-' "$bin/manifest" 2>/dev/null && rm -rf "$bin"; done
    rm -rf /var/lib/xen/images/.xenferry-trash
    rm -f /var/lib/xen/images/d-filler
    lvchange -an vgshared/d-shared 2>/dev/null
    lvs --noheadings -o lv_name vg0 | while read -r v; do case $v in *d-volume* | *d-file* | *d-qcow2* | *d-pv*) lvremove -f -y "vg0/$v" >/dev/null ;; esac; done
    for one in /var/lib/xenferry/jobs/* /var/lib/xenferry/incoming/*; do
      if grep -q '"guestName":"d-' "$one/about" 2>/dev/null || grep -q '/d-' "$one/where-config" 2>/dev/null; then
        [ ! -e "$one/unlock" ] || sh "$one/unlock"
        rm -rf "$one"
      fi
    done
    for i in /sys/kernel/tracing/instances/xenferry-*; do [ ! -d "$i" ] || rmdir "$i"; done`,
    ...names,
  );
}

/** On host 1, running. Half of the disk is of bytes that nobody can guess. */
export async function make(guest: LocalGuest): Promise<void> {
  await sh(
    1,
    `case $1 in
      /dev/*)
        group=\${1%/*} group=\${group##*/}
        lvremove -f -y "\${1#/dev/}" >/dev/null 2>&1
        lvcreate -y -Wy -Zy -L 32m -n "\${1##*/}" "$group" >/dev/null </dev/null ;;
      *) mkdir -p "\${1%/*}"; truncate -s 32M "$1" ;;
    esac
    dd if=/dev/zero of="$1" bs=1M count=16 conv=notrunc,fsync 2>/dev/null
    dd if=/dev/urandom of="$1" bs=1M seek=16 count=16 conv=notrunc,fsync 2>/dev/null
    case $1 in
      *.qcow2)
        qemu-img convert -f raw -O qcow2 "$1" "$1.new"
        mv "$1.new" "$1"
        ;;
    esac
    printf %s "$3" | base64 -d >"/etc/xen/$2.cfg"
    xl create "/etc/xen/$2.cfg" >/dev/null`,
    guest.disk,
    guest.name,
    Buffer.from(config(guest)).toString('base64'),
  );
}

export const cleanBoth = () => Promise.all([clean(1), clean(2)]);
/** At the beginning: nothing is left of these guests, and a desktop has both hosts before it. */
export async function sitDownClean(): Promise<{ desk: Desk; ids: [string, string] }> {
  await openEyes();
  await cleanBoth();
  return await sitDown(await folder());
}
/** At the end. */
export const leaveClean = () => closeAll(async () => void (await cleanBoth()));
