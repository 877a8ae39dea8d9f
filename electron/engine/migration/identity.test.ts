import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lookAtDisks } from '../guard/look.ts';
import { type MadeUpHost, madeUpHost, shells } from '../remote/programTest.ts';
import type { Remote } from '../remote/remote.ts';
import { lookAtFiles } from './files.ts';

/** Said by drbd-utils 9.22 with DRBD 8.4.11 on two lab hosts; and the same resource as DRBD 9 writes it (drbdsetup-9.0(8), `show`). */
const drbd = {
  show8: (own: number, peer: number) => `resource web {
    options {
    }
    net {
        allow-two-primaries\tyes;
    }
    _remote_host {
        address\t\t\tipv4 10.77.0.${peer}:7789;
    }
    _this_host {
        address\t\t\tipv4 10.77.0.${own}:7789;
        volume 0 {
            device\t\t\tminor 3;
            disk\t\t\t"/dev/vg0/drbdweb";
            meta-disk\t\t\tinternal;
            disk {
            }
        }
    }
}
resource other {
    _this_host {
        address\t\t\tipv4 10.77.0.${own}:7790;
        volume 0 {
            device\t\t\tminor 33;
        }
    }
}
`,
  show9: (own: number, peer: number) => `resource "web" {
    _this_host {
        node-id\t\t\t${own};
        volume 0 {
            device\t\t\tminor 3;
            disk\t\t\t"/dev/vg0/drbdweb";
        }
    }
    connection {
        _peer_node_id ${peer};
        path {
            _this_host ipv4 10.77.0.${own}:7789;
            _remote_host ipv4 10.77.0.${peer}:7789;
        }
    }
}
`,
  events: (role: string, connection: string, disk: string) => `exists resource name:web role:${role} suspended:no
exists connection name:web peer-node-id:0 conn-name:peer connection:${connection} role:Primary
exists device name:web volume:0 minor:3 disk:${disk}
exists peer-device name:web peer-node-id:0 conn-name:peer volume:0 replication:Established peer-disk:UpToDate resync-suspended:no
exists -
`,
};
const BLOCK = 'block special file';
/** Of the devices of this host: major and minor, in hex, as stat says them. */
const numbers: Record<string, string> = {
  '/dev/sda': '8 0',
  '/dev/sda2': '8 2',
  '/dev/sdb': '8 10',
  '/dev/vdb': 'fd 10',
  '/dev/md0': '9 0',
  '/dev/vg/live': 'fe 0',
  '/dev/mapper/crypt': 'fe 1',
  '/dev/mapper/way': 'fe 2',
  '/dev/drbd3': '93 3',
};
const stat = `for path; do :; done
case $path in
${Object.entries(numbers)
  .map(([path, number]) => {
    const [major, minor] = number.split(' ');
    return `  ${path}) case $* in *'%F|'*) echo '${BLOCK}|${major}|${minor}|5|0' ;; *) echo '${number}' ;; esac ;;`;
  })
  .join('\n')}
  /dev/*) exit 1 ;;
  *) exec /usr/bin/stat "$@" ;;
esac`;
const isBlock = `case $1 in -b) case $2 in ${Object.keys(numbers).join('|')}) exit 0 ;; esac; exit 1 ;; esac; exec /usr/bin/test "$@"`;
const lvs = `case "$*" in
  *vg_uuid*vg/live | *vg_uuid*vg/off) echo "  vgid|lvid-\${*##*/}|active|1024|vg|\${*##*/}" ;;
  *lv_uuid*/dev/vg/off) echo '  lv-id-off vg' ;;
  *) exit 5 ;;
esac`;

describe.each(shells)('what a disk lies on, under %s %s', (...shell) => {
  let host: MadeUpHost;
  const sys = (path: string, text = '') => {
    const file = join(host.root, 'sys/devices', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const device = (name: string, number: string, under: string[] = []) => {
    const folder = join(host.root, 'sys/devices', name);
    mkdirSync(join(folder, 'slaves'), { recursive: true });
    writeFileSync(join(folder, 'dev'), `${number}\n`);
    for (const [index, to] of [
      ['dev/block', number],
      ['class/block', name.split('/').at(-1) ?? ''],
    ] as const) {
      mkdirSync(join(host.root, 'sys', index), { recursive: true });
      symlinkSync(folder, join(host.root, 'sys', index, to));
    }
    for (const one of under) symlinkSync(join(host.root, 'sys/devices', one), join(folder, 'slaves', one.split('/').at(-1) ?? ''));
  };
  beforeEach(() => {
    host = madeUpHost();
    mkdirSync(join(host.root, 'proc/sys/kernel/random'), { recursive: true });
    writeFileSync(join(host.root, 'proc/sys/kernel/random/boot_id'), 'b\n');
    mkdirSync(join(host.root, 'etc'));
    writeFileSync(join(host.root, 'etc/machine-id'), 'm\n');
    device('sda', '8:0');
    sys('sda/device/wwid', 'naa.5000, a\n');
    device('sda/sda2', '8:2');
    sys('sda/sda2/partition', '2\n');
    device('sdb', '8:16');
    sys('sdb/device/wwid', 't10.ATA QEMU HARDDISK QM00001\n'); // every virtual machine's first disk
    device('vdb', '253:16');
    sys('vdb/serial', 'shared');
    device('md0', '9:0', ['sda/sda2', 'vdb']);
    mkdirSync(join(host.root, 'sys/devices/md0/md'));
    device('dm-0', '254:0', ['md0']);
    sys('dm-0/dm/uuid', `LVM-${'g'.repeat(32)}${'v'.repeat(32)}\n`);
    device('dm-1', '254:1', ['vdb']);
    sys('dm-1/dm/uuid', 'CRYPT-LUKS2-1234-x\n');
    device('dm-2', '254:2', ['vdb']);
    sys('dm-2/dm/uuid', 'mpath-3600\n');
    device('drbd3', '147:3', ['dm-0']);
  });
  afterEach(() => host.remove());

  const remote = (own = 1, events = drbd.events('Primary', 'Connected', 'UpToDate'), show: 'show8' | 'show9' = 'show8') =>
    ({
      program: (program: { name: string; text: string }, args: readonly string[]) =>
        host.run(
          shell as never,
          // a shell's own [ knows nothing of made-up devices
          { ...program, text: program.text.replaceAll('[ -b "$path" ]', 'isblock -b "$path"') },
          {
            args,
            inside: ['/sys', '/proc', '/etc'],
            standIns: {
              stat,
              lvs,
              isblock: isBlock,
              vgs: "printf '  /dev/md0\\n'",
              readlink: `for path; do :; done; case $path in /dev/vg/live) echo /dev/dm-0 ;; *) exec /usr/bin/readlink "$@" ;; esac`,
              findmnt: 'exit 1',
              drbdsetup: `case $1 in show) cat <<'EOF'\n${drbd[show](own, 3 - own)}EOF\n;; events2) cat <<'EOF'\n${events}EOF\n;; esac`,
            },
          },
        ),
    }) as unknown as Remote;
  const paths = ['/dev/sda', '/dev/sda2', '/dev/sdb', '/dev/vdb', '/dev/md0', '/dev/mapper/crypt', '/dev/mapper/way'];
  const ids = ['naa.5000_a', 'naa.5000_a#2', null, 'shared', 'md@naa.5000_a#2,shared', 'CRYPT-LUKS2-1234-x@shared', 'shared'];

  it('is told down to the hardware, or not at all', async () => {
    const seen = ids.map((id) => (id ? { is: 'device', id } : { is: 'unknown' }));
    expect(await lookAtFiles(remote(), paths)).toEqual(seen);
    expect((await lookAtDisks(remote(), paths)).disks.map((one) => one.seen)).toEqual(seen);
  });
  it('is told of a volume, active or not', async () => {
    const under = 'naa.5000_a#2,shared';
    const volume = (name: string) => ({
      is: 'volume',
      group: 'vgid',
      volume: `lvid-${name}`,
      active: true,
      size: 1024,
      under,
      name: `vg/${name}`,
    });
    expect(await lookAtFiles(remote(), ['/dev/vg/live', '/dev/vg/off'])).toEqual([volume('live'), volume('off')]);
    expect((await lookAtDisks(remote(), ['/dev/vg/live', '/dev/vg/off'])).disks.map((one) => one.seen)).toEqual([
      { is: 'volume', uuid: 'v'.repeat(32), under },
      { is: 'volume', uuid: 'lvidoff', under },
    ]);
  });
  it.each(['show8', 'show9'] as const)('of DRBD is the resource, which both its hosts name alike (%s)', async (show) => {
    for (const own of [1, 2])
      expect(await lookAtFiles(remote(own, undefined, show), ['/dev/drbd3'])).toEqual([
        { is: 'device', id: 'drbd0+10.77.0.2:7789+10.77.0.1:7789+' },
      ]);
  });
  it.each([
    ['Secondary', 'Connected', 'UpToDate', 'secondary'],
    ['Primary', 'StandAlone', 'UpToDate', 'apart'],
    ['Primary', 'Connected', 'Inconsistent', 'stale'],
  ])('of DRBD says what it lacks: %s, %s, %s', async (role, connection, disk, lacks) => {
    expect(await lookAtFiles(remote(1, drbd.events(role, connection, disk)), ['/dev/drbd3'])).toMatchObject([{ is: 'device', lacks }]);
    expect(await lookAtFiles(remote(1, ''), ['/dev/drbd3'])).toMatchObject([{ lacks: 'stale' }]);
  });
});
