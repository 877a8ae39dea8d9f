import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configJson, yajl } from './domainJson.ts';
import { ConfigRefusal, readConfig } from './xlcfg.ts';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const section = (capture: string, name: 'stdout' | 'stderr'): string => {
  const text = read(`tests/transcripts/captures/${capture}.txt`);
  const from = text.indexOf(`--- ${name}\n`) + name.length + 5;
  return name === 'stderr' ? text.slice(from) : text.slice(from, text.indexOf('--- stderr'));
};

test.each(['tiny1', 'pv1', 'hvm1', 'local2'])('the lab config of %s is printed by a dry run as real xl printed it', (name) => {
  const config = readConfig(`/etc/xen/${name}.cfg`, read(`lab/dom0/etc/xen/${name}.cfg`));
  const recorded = section(`xl-create-n-${name}`, 'stdout');
  const uuid = /"uuid": "([^"]+)"/.exec(recorded)?.[1] ?? '';
  expect(`${yajl(configJson(config, uuid, null))}\n`).toBe(recorded);
});

test('refusals are those of xl, word for word', () => {
  const refusal = (file: string, text: string): string => {
    try {
      readConfig(file, text);
    } catch (thrown) {
      if (thrown instanceof ConfigRefusal) return `Parsing config from ${file}\n${thrown.message}\n`;
    }
    return 'accepted';
  };
  expect(refusal('/tmp/x.cfg', 'name = "x\nmemory = 64\n')).toBe(section('xl-create-syntax-error', 'stderr'));
  expect(refusal('/tmp/x.cfg', 'memory = 64\n')).toBe(section('xl-create-no-name', 'stderr'));
  expect(refusal('/tmp/x.cfg', 'name = "x"\ntype = "vm"\n')).toBe(section('xl-create-bad-type', 'stderr'));
  expect(refusal('/tmp/x.cfg', 'name = "x"\ndisk = [ "banana" ]\n')).toBe(section('xl-create-bad-disk-spec', 'stderr'));
});

test('lists over several lines, comments, both quotes and old prefixes', () => {
  const config = readConfig(
    'a',
    `# a comment\nname = 'x' # behind\ndisk = [\n  'phy:/dev/vg0/x,xvda,w', # one\n  "format=qcow2, vdev=xvdb, access=ro, target=/a,b.qcow2",\n]\nvif=['mac=00:16:3E:00:00:01, bridge=br1','']\nmemory="64"; vcpus=2\n`,
  );
  expect(config.disks).toEqual([
    { target: '/dev/vg0/x', vdev: 'xvda', format: 'raw', readwrite: true, cdrom: false },
    { target: '/a,b.qcow2', vdev: 'xvdb', format: 'qcow2', readwrite: false, cdrom: false },
  ]);
  expect(config).toMatchObject({ name: 'x', memoryMiB: 64, vcpus: 2 });
  expect(config.nics.map((one) => one.mac)).toEqual(['00:16:3e:00:00:01', null]);
});
