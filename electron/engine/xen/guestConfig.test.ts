import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capture } from '../remote/programTest.ts';
import { type ConfigInput, editGuestConfig, readGuestConfig, writeGuestConfig } from './guestConfig.ts';

const labConfigs = new URL('../../../lab/dom0/etc/xen/', import.meta.url);
const read = (text: string) => readGuestConfig(text, '/etc/xen/x.cfg');
const lab = (name: string) => readFileSync(new URL(`${name}.cfg`, labConfigs), 'utf8');

describe('reading', () => {
  // what the real `xl create -n` made of the same files
  it.each(['tiny1', 'pv1', 'hvm1', 'local2', 'fb1'])('reads %s as xl does', (name) => {
    const config = read(lab(name));
    const xl = JSON.parse(capture(`xl-create-n-${name}`).stdout);
    expect(config.name).toBe(xl.c_info.name);
    expect(config.shape).toMatchObject({
      type: xl.c_info.type,
      memoryMiB: xl.b_info.target_memkb / 1024,
      maxMemoryMiB: xl.b_info.max_memkb / 1024,
      vcpus: xl.b_info.avail_vcpus.length,
      maxVcpus: xl.b_info.max_vcpus,
      kernel: xl.b_info.kernel,
      ramdisk: xl.b_info.ramdisk,
      cmdline: xl.b_info.cmdline,
      serial: xl.c_info.type !== 'hvm' || xl.b_info['type.hvm'].serial === 'pty',
      graphical: name === 'hvm1' || name === 'fb1',
      passthrough: false,
      noMigrate: false,
    });
    expect(config.shape.disks.map(({ target, vdev, format }) => ({ pdev_path: target, vdev, format }))).toEqual(
      (xl.disks ?? []).map(({ pdev_path, vdev, format }: Record<string, string>) => ({ pdev_path, vdev, format })),
    );
    expect(config.shape.nics.map(({ mac, bridge }) => ({ mac, bridge }))).toEqual(
      xl.nics.map(({ mac, bridge }: Record<string, string>) => ({ mac, bridge })),
    );
  });

  it('reads every config of the lab', () => {
    for (const file of readdirSync(labConfigs)) expect(read(readFileSync(new URL(file, labConfigs), 'utf8')).name).toBe(file.slice(0, -4));
  });

  // each line tried with the real `xl create -n` (Xen 4.17)
  it.each([
    ['extra="a" ; vcpus=2\n', { cmdline: 'a', vcpus: 2 }],
    ['extra="a" # "b"\n', { cmdline: 'a' }],
    ['extra="a"\nextra="b"\n', { cmdline: 'b' }],
    ['extra="a"\nextra+="b"', { cmdline: 'ab' }],
    ['extra="a\\"b"\n', { cmdline: 'a"b' }],
    ["extra='it\\'s'\n", { cmdline: "it's" }],
    ['memory="128"\n', { memoryMiB: 128 }],
    ['memory=0x80\n', { memoryMiB: 128 }],
    ['vcpus=010\n', { vcpus: 8 }],
    ['vif = [\n]\n', { nics: [] }],
    [
      'vif=[ "bridge=x",\n # c\n "bridge=y",\n]\n',
      {
        nics: [
          { mac: null, bridge: 'x', model: null, ip: null },
          { mac: null, bridge: 'y', model: null, ip: null },
        ],
      },
    ],
  ])('reads %j', (text, expected) => {
    expect(read(text).shape).toMatchObject(expected);
  });

  it.each([
    ['vif=[ "a"\n"b" ]', 2],
    ['MEMORY=128', 1],
    ['name="a"\nextra =\n"x"', 2],
    ['vcpus=2\r\n', 1],
    ["extra='a\nb'", 1],
    ['extra=abc', 1],
    ['memory=128.5', 1],
    ['vif = [ , ]', 1],
    ['extra="x" vcpus=2', 1],
    ['extra="\\x41"', 1],
    ['import os', 1],
    ['a=1\nname = "x\nmemory = 64\n', 2],
    ['name="x"\ndisk=["banana"]', 2],
  ])('refuses %j, naming the line', (text, line) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ problem: expect.objectContaining({ code: 'config.unreadable', line }) }));
  });

  it.each([
    ['/dev/vg/guest-volume,,hda', { target: '/dev/vg/guest-volume', format: 'raw', vdev: 'hda', access: 'rw', cdrom: false }],
    ['/dev/vg/guest-volume,raw,hda,rw', { target: '/dev/vg/guest-volume', format: 'raw', vdev: 'hda' }],
    ['format=raw, vdev=hda, access=rw, target=/dev/vg/a,b', { target: '/dev/vg/a,b', vdev: 'hda' }],
    ['/root/image.iso,,hdc,cdrom', { target: '/root/image.iso', vdev: 'hdc', cdrom: true, access: 'ro' }],
    [',hdc:cdrom,r', { target: '', vdev: 'hdc', cdrom: true, format: 'empty', access: 'ro' }],
    ['devtype=cdrom, vdev=hdc, target=/a.iso', { target: '/a.iso', cdrom: true }],
    ['tap:qcow2:/x/y.img,xvda,w', { target: '/x/y.img', format: 'qcow2', vdev: 'xvda', access: 'rw' }],
    ['iscsi:target,hda,w', { target: 'target', script: 'block-iscsi' }],
    ['vdev=xvda,backend=storage,target=/dev/vg/a', { target: '/dev/vg/a', backend: 'storage' }],
    ['/dev/vg/a,raw,xvda,w,backend=Domain-0', { target: '/dev/vg/a', backend: null }],
    ['vdev=xvda,script=block-x,target=abc', { target: 'abc', script: 'block-x' }],
  ])('reads the disk %s of xl-disk-configuration(5)', (spec, expected) => {
    expect(read(`disk=['${spec}']`).shape.disks[0]).toMatchObject(expected);
  });
});

const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,12}$/);
// biome-ignore lint/suspicious/noControlCharactersInRegex: what no config can carry is left out
const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((one) => !/[\u0000-\u0006\u000e-\u001f\u007f]/.test(one));
const input: fc.Arbitrary<ConfigInput> = fc.oneof(text, fc.nat(), fc.array(text, { maxLength: 4 }));
const plain = (config: ReturnType<typeof read>, key: string) => {
  const value = config.values.get(key);
  if (value?.is === 'list') return value.items.map((one) => (one.is === 'list' ? null : one.text));
  return value?.is === 'number' ? Number(value.text) : value?.text;
};
const free = (key: string) => key !== 'disk'; // whose texts must be disks

describe('writing', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name.filter(free), input), { selector: ([key]) => key }), (pairs) => {
        const config = read(writeGuestConfig(pairs));
        for (const [key, value] of pairs) expect(plain(config, key)).toEqual(value);
      }),
    );
  });

  it('refuses what no config can carry', () => {
    expect(() => writeGuestConfig([['name', 'a\0b']])).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code: 'command.quoting' }) }),
    );
  });

  it('leaves every other byte alone when it sets a key', () => {
    const before = '# mine\nname = "a" # keep\nmemory=80;vcpus = 1\nfrobnicate = [ "x",\n  # inside\n "y", ]\n\tlast=1';
    expect(editGuestConfig(before, 'f', { memory: 96 })).toBe(before.replace('memory=80', 'memory=96'));
    expect(editGuestConfig(before, 'f', { frobnicate: ['z'] })).toBe(before.replace(/\[[^\]]*\]/, '[ "z" ]'));
    expect(editGuestConfig(before, 'f', { uuid: 'u' })).toBe(`${before}\nuuid    = "u"\n`);
    expect(editGuestConfig('', 'f', { uuid: 'u' })).toBe('uuid    = "u"\n');
  });

  it('sets what it says, whatever stood there, and adds at most lines', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name.filter(free), input)), name.filter(free), input, (pairs, key, value) => {
        const before = `# kept\n${writeGuestConfig(pairs)}`;
        const after = editGuestConfig(before, 'f', { [key]: value });
        expect(plain(read(after), key)).toEqual(value);
        for (const [other] of pairs) if (other !== key) expect(plain(read(after), other)).toEqual(plain(read(before), other));
        expect(after.startsWith('# kept\n')).toBe(true);
      }),
    );
  });

  it('puts a plain setting after one that adds', () => {
    const after = editGuestConfig('extra="a"\nextra+="b" # c\nmemory=1\n', 'f', { extra: 'x' });
    expect(after).toBe('extra="a"\nextra+="b" # c\nextra   = "x"\nmemory=1\n');
    expect(read(after).shape.cmdline).toBe('x');
  });

  it('never takes garbage for a config without saying so', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (garbage) => {
        try {
          read(garbage);
        } catch (thrown) {
          expect(thrown).toMatchObject({ problem: { code: 'config.unreadable' } });
        }
      }),
    );
  });
});
