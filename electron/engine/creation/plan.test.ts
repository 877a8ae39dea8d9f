import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GuestSpec, guestSpec } from '../../contract/creation.ts';
import { refuseName } from '../../contract/guestName.ts';
import { readGuestConfig, writeGuestConfig } from '../xen/guestConfig.ts';
import { newMac, newUuid } from './identity.ts';
import { volumeName } from './name.ts';
import { planOf } from './plan.ts';

const who = { uuid: '5e1f0c2a-0000-4000-8000-00000000c0de', mac: '00:16:3e:01:02:03' };
const spec = (more: Partial<GuestSpec> = {}): GuestSpec =>
  guestSpec.parse({
    name: 'web',
    type: 'pvh',
    source: { is: 'kernel', kernel: '/boot/vmlinuz', ramdisk: '/boot/initrd', cmdline: 'console=hvc0' },
    disk: { is: 'volume', group: 'vg0', sizeMiB: 1024 },
    memoryMiB: 512,
    vcpus: 2,
    bridge: 'xenbr0',
    autostart: true,
    ...more,
  });
const plan = (more: Partial<GuestSpec> = {}, format: 'raw' | 'qcow2' = 'raw') =>
  planOf(spec(more), who, { autoFolder: '/etc/xen/auto' }, format);
const read = (more: Partial<GuestSpec> = {}, format?: 'raw' | 'qcow2') => {
  const made = plan(more, format);
  return readGuestConfig(writeGuestConfig(made.entries), made.configFile);
};

describe('the config of a new guest', () => {
  it('always has a uuid and a mac', () => {
    expect(read()).toMatchObject({
      name: 'web',
      uuid: who.uuid,
      shape: {
        type: 'pvh',
        memoryMiB: 512,
        vcpus: 2,
        kernel: '/boot/vmlinuz',
        cmdline: 'console=hvc0',
        disks: [{ target: '/dev/vg0/web', vdev: 'xvda' }],
        nics: [{ mac: who.mac, bridge: 'xenbr0' }],
      },
    });
    expect(read({ mac: '00:16:3E:AA:BB:CC' }).shape.nics[0]?.mac).toBe('00:16:3e:aa:bb:cc');
    expect(read({ bridge: null }).shape.nics).toEqual([]);
  });

  it('installs from a CD that comes first, with a screen only the host reaches', () => {
    const disk = { is: 'file', directory: '/srv/xen/', format: 'qcow2', sizeMiB: 2048 } as const;
    const config = read({ type: 'hvm', source: { is: 'iso', iso: '/srv/a,b.iso' }, disk });
    expect(config.shape.disks).toMatchObject([
      { target: '/srv/xen/web.qcow2', format: 'qcow2' },
      { target: '/srv/a,b.iso', cdrom: true, access: 'ro' },
    ]);
    expect(config.shape).toMatchObject({ graphical: true, serial: true });
    const text = writeGuestConfig(plan({ type: 'hvm', source: { is: 'iso', iso: '/a.iso' } }).entries);
    expect(text).toMatch(/boot *= "dc"[\s\S]*vnclisten *= "127.0.0.1"/);
  });

  it('lets a copied system boot itself: pygrub, or its own disk in HVM', () => {
    const copy = { is: 'copy', from: '/srv/golden.img', kernel: null, ramdisk: null, cmdline: '' } as const;
    expect(read({ source: copy }).values.get('bootloader')).toMatchObject({ text: 'pygrub' });
    expect(read({ source: copy, type: 'hvm' }).values.get('boot')).toMatchObject({ text: 'c' });
    const used = { is: 'existing', disk: '/srv/old', kernel: null, ramdisk: null, cmdline: '' } as const;
    expect(read({ source: used }, 'qcow2').shape.disks).toMatchObject([{ target: '/srv/old', format: 'qcow2' }]);
  });

  it('holds any name that is not refused, byte for byte', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom(...'ab"\'\\$();`日 ') })), (name) => {
        fc.pre(refuseName(name) === null);
        expect(read({ name }).name).toBe(name);
        expect(plan({ name }).configFile).toBe(`/etc/xen/${name}.cfg`);
      }),
    );
  });
});

describe('names', () => {
  it.each([
    ['', 'empty'],
    ['a/b', 'slash'],
    ['a\nb', 'control'],
    ['a\tb', 'control'],
    ['x'.repeat(300), 'length'],
    ['仮'.repeat(67), 'length'],
    ['123', 'reserved'],
    ['Domain-0', 'reserved'],
    ['web--incoming', 'reserved'],
    ['-rf', 'characters'],
    ['.hidden', 'characters'],
    [' web', 'characters'],
    ['\ud800x', 'characters'],
  ])('%j is refused: %s', (name, why) => {
    expect(refuseName(name)).toMatchObject({ code: 'config.unsafeName', why });
  });

  it('are taken with quotes, $(), ; and in Japanese', () => {
    for (const name of ['o\'n"e', '$(reboot)', 'a;b', '受付 2', 'vm-1']) expect(refuseName(name)).toBeNull();
  });

  it('become what LVM takes', () => {
    expect(volumeName('web-1', who.uuid)).toBe('web-1');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
        const volume = volumeName(name, who.uuid);
        expect(volume).toMatch(/^[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,126}$/);
        expect(volume).not.toMatch(/^\.{1,2}$|^(snapshot|pvmove)|_(tdata|rimage|mlog)/);
      }),
    );
  });
});

it('UUIDs and MACs are well formed, and nobody has the MAC', () => {
  let next = 0;
  const random = { bytes: (count: number) => Uint8Array.from({ length: count }, () => next++ % 256) };
  expect(newUuid(random)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const first = newMac(random, new Set());
  next -= 3;
  const second = newMac(random, new Set([first]));
  expect(second).toMatch(/^00:16:3e:[0-7][0-9a-f](:[0-9a-f]{2}){2}$/);
  expect(second).not.toBe(first);
});
