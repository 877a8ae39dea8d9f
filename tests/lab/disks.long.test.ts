import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../contract/desk.ts';
import { begin, closeAll, domidOf, ended, expectUnbroken, folder, newest, openEyes, seen, sh, sitDown } from './twoHosts.ts';

/** Real live moves of guests whose disks only one host has. Guests and disks of this file's own. */

const names = ['d-file', 'd-volume'] as const;
const kinds = [
  { name: 'd-file', disk: '/var/lib/xen/images/d-file.img', spec: '/var/lib/xen/images/d-file.img,raw,xvda,w', last: 121 },
  { name: 'd-volume', disk: '/dev/vg0/d-volume', spec: 'phy:/dev/vg0/d-volume,xvda,w', last: 122 },
] as const;
let desk: Desk;
let [one, two] = ['', ''];

const config = ({ name, spec, last }: (typeof kinds)[number]) => `name = "${name}"
uuid = "7e0d15c5-0000-4000-8000-0000000000${last % 100}"
type = "pvh"
kernel = "/var/lib/xen/boot/vmlinuz-tiny"
ramdisk = "/var/lib/xen/boot/initrd-tiny"
extra = "console=hvc0 quiet name=${name} ip=10.77.0.${last}/24"
memory = 80
disk = [ '${spec}' ] # the only one
vif = [ 'mac=00:16:3e:77:02:${last % 100},bridge=xenbr0' ]
`;

/** Nothing of ours: guests, configs, disks, and the trash of earlier runs. */
async function clean(n: 1 | 2): Promise<void> {
  await sh(
    n,
    `for g; do xl destroy "$g" 2>/dev/null; rm -f "/etc/xen/$g.cfg" "/var/lib/xen/images/$g.img"; done
    for bin in /var/lib/xenferry/trash/*; do grep -q '^name	d-' "$bin/manifest" 2>/dev/null && rm -rf "$bin"; done
    rm -rf /var/lib/xen/images/.xenferry-trash
    lvs --noheadings -o lv_name vg0 | while read -r v; do case $v in *d-volume) lvremove -f -y "vg0/$v" >/dev/null ;; esac; done
    for one in /var/lib/xenferry/jobs/* /var/lib/xenferry/incoming/*; do
      if grep -q '"guestName":"d-' "$one/about" 2>/dev/null || grep -q '/d-' "$one/where-config" 2>/dev/null; then [ ! -e "$one/unlock" ] || sh "$one/unlock"; rm -rf "$one"; fi
    done
    for i in /sys/kernel/tracing/instances/xenferry-*; do [ ! -d "$i" ] || rmdir "$i"; done`,
    ...names,
  );
}

/** Half of each disk is of bytes that nobody can guess. */
async function make(kind: (typeof kinds)[number]): Promise<void> {
  await sh(
    1,
    `case $1 in
      /dev/*) lvcreate -y -Wy -Zy -L 32m -n "\${1##*/}" vg0 >/dev/null </dev/null ;;
      *) mkdir -p "\${1%/*}"; truncate -s 32M "$1" ;;
    esac
    dd if=/dev/zero of="$1" bs=1M count=16 conv=notrunc,fsync 2>/dev/null
    dd if=/dev/urandom of="$1" bs=1M seek=16 count=16 conv=notrunc,fsync 2>/dev/null
    printf %s "$3" | base64 -d >"/etc/xen/$2.cfg"
    xl create "/etc/xen/$2.cfg" >/dev/null`,
    kind.disk,
    kind.name,
    Buffer.from(config(kind)).toString('base64'),
  );
}

const upperHalf = (n: 1 | 2, disk: string) => sh(n, 'dd if="$1" bs=1M skip=16 count=16 2>/dev/null | sha256sum', disk);

beforeAll(async () => {
  await openEyes();
  await Promise.all([clean(1), clean(2)]);
  const sat = await sitDown(await folder());
  desk = sat.desk;
  [one, two] = sat.ids;
});
afterAll(() => closeAll(async () => void (await Promise.all([clean(1), clean(2)]))));

describe.each(kinds)('a running guest with a disk that only its host has: $name', (kind) => {
  test('moves live: counter unbroken, both ends the same, the old disk set aside', async () => {
    await make(kind);
    const guest = await seen(desk, one, kind.name);
    while ((await newest(1, kind.disk, kind.name)) < 5) await new Promise((next) => setTimeout(next, 2000));
    const check = await desk.client.call('migration.check', { hostId: one, guestId: guest.guestId, targetHostId: two });
    expect(check.checks.filter((found) => found.verdict === 'bad')).toEqual([]);
    expect(check.disks).toMatchObject([{ travels: 'copied', vdev: 'xvda', path: kind.disk, to: kind.disk, sizeMiB: 32, how: 'traced' }]);
    const sum = await upperHalf(1, kind.disk);
    const before = await newest(1, kind.disk, kind.name);
    const task = await ended(desk, await begin(desk, one, two, kind.name));
    expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
    process.stdout.write(
      `${kind.name}: ${task.migration?.wallMs} ms, stood still ${task.migration?.downtimeMs} ms, ${JSON.stringify(task.migration?.disks)}\n`,
    );
    expect(task.migration?.disks).toMatchObject({ totalBytes: 32 * 1024 * 1024, same: true });
    // the pause holds what changed, not the disk
    expect(task.migration?.disks?.rounds.at(-1)).toBeLessThan(16 * 1024 * 1024);
    await seen(desk, two, kind.name);
    expect(await domidOf(1, kind.name)).toBe('');
    await new Promise((next) => setTimeout(next, 5000));
    await expectUnbroken(2, kind.disk, kind.name, before);
    expect(await upperHalf(2, kind.disk)).toBe(sum);
    expect(
      await sh(
        1,
        'ls -d "$1" "/etc/xen/$2.cfg" 2>/dev/null; ls -d /sys/kernel/tracing/instances/xenferry-* 2>/dev/null',
        kind.disk,
        kind.name,
      ),
    ).toBe('');
    const [kept] = (await desk.client.call('trash.list', { hostId: one })).filter((entry) => entry.name === kind.name);
    expect(kept).toMatchObject({ movedTo: 'xen2', configFile: `/etc/xen/${kind.name}.cfg`, disks: [{ from: kind.disk, sizeMiB: 32 }] });
    expect(
      await sh(
        2,
        'lvs --noheadings -o lv_tags vg0/d-volume 2>/dev/null; ls /var/lib/xenferry/incoming; grep -c xenferry- /root/.ssh/authorized_keys',
      ),
    ).toBe('0');
  });
});
