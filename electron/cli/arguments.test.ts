import { describe, expect, test } from 'vitest';
import { readArguments, timeOf } from './arguments.ts';
import { Refusal } from './refusal.ts';
import { specOf } from './spec.ts';

const refusalOf = (work: () => unknown): string => {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown.code;
    throw thrown;
  }
  return 'understood';
};
const read = (line: string) => readArguments(line.split(' ').filter((word) => word !== ''));

describe('a command line', () => {
  test('has a command, its words, flags and values, in any order', () => {
    const asked = read('--json --data /d migrate web --ping 10.0.0.5 osaka --check');
    expect(asked).toMatchObject({ command: 'migrate', words: ['web', 'osaka'], yes: null });
    expect([...asked.flags].sort()).toEqual(['check', 'json']);
    expect(Object.fromEntries(asked.values)).toEqual({ data: ['/d'], ping: ['10.0.0.5'] });
  });

  test('may say a value with = and a list word by word', () => {
    const asked = readArguments(['add', 'xen1', '--tag=a', '--tag', 'b b', '--port=2200']);
    expect(Object.fromEntries(asked.values)).toEqual({ tag: ['a', 'b b'], port: ['2200'] });
  });

  test('knows xl’s -F, and takes values that begin with a dash', () => {
    expect([...read('shutdown web -F').flags]).toEqual(['acpi']);
    expect(readArguments(['create', 'x', '--cmdline=-s']).values.get('cmdline')).toEqual(['-s']);
  });

  test('confirms with the name itself, whatever is in it; after -- nothing is an option', () => {
    expect(readArguments(['destroy', '受付 1', '--yes-受付 1'])).toMatchObject({ words: ['受付 1'], yes: '受付 1' });
    expect(readArguments(['pause', '--', '--yes-web'])).toMatchObject({ words: ['--yes-web'], yes: null });
  });

  test.each([
    ['', 'understood'],
    ['--help', 'understood'],
    ['help migrate', 'understood'],
    ['frob', 'unknownCommand'],
    ['frob --deep', 'unknownCommand'],
    ['list --deep', 'unknownOption'],
    ['--deep', 'unknownOption'],
    ['list --ping 1', 'unknownOption'],
    ['list --json=1', 'valueUnwanted'],
    ['add xen1 --port', 'valueMissing'],
    ['add xen1 --port=', 'valueMissing'],
    ['migrate web', 'wordMissing'],
    ['start web server', 'wordsTooMany'],
    ['toString', 'unknownCommand'],
  ])('“%s” is %s', (line, code) => {
    expect(refusalOf(() => read(line))).toBe(code);
  });
});

test('a time is of this computer’s clock unless it says its zone, and nothing else is one', () => {
  const at = (text: string) => timeOf({ values: new Map([['at', [text]]]) }, 'at');
  expect(at('2026-05-09T02:00')).toBe(new Date(2026, 4, 9, 2, 0).getTime());
  expect(at('2026-05-09T02:00+09:00')).toBe(Date.UTC(2026, 4, 8, 17, 0));
  expect(timeOf({ values: new Map() }, 'at')).toBeUndefined();
  for (const text of ['tonight', '2026-05-09', '02:00', '2026-13-09T02:00', '5']) expect(refusalOf(() => at(text))).toBe('notATime');
});

describe('a new guest', () => {
  const full = 'create web --type pvh --kernel /k --ramdisk /r --memory 2G --vcpus 2 --bridge xenbr0 --disk-group vg0 --disk-size 1.5G';
  const specFrom = (line: string, base: Record<string, unknown> = {}) => specOf(read(line), base);

  test('is all said by options', () => {
    expect(specFrom(`${full} --mac 00:16:3e:00:00:01 --autostart --no-start`)).toEqual({
      name: 'web',
      type: 'pvh',
      source: { is: 'kernel', kernel: '/k', ramdisk: '/r', cmdline: '' },
      disk: { is: 'volume', group: 'vg0', sizeMiB: 1536 },
      memoryMiB: 2048,
      vcpus: 2,
      bridge: 'xenbr0',
      mac: '00:16:3e:00:00:01',
      autostart: true,
      start: false,
    });
  });

  test('has the other beginnings and disks', () => {
    const rest = '--type hvm --memory 512 --no-network';
    expect(specFrom(`create a ${rest} --iso /i --disk-directory /d --disk-format qcow2 --disk-size 10G`)).toMatchObject({
      source: { is: 'iso', iso: '/i' },
      disk: { is: 'file', directory: '/d', format: 'qcow2', sizeMiB: 10_240 },
      bridge: null,
      vcpus: 1,
    });
    expect(specFrom(`create a ${rest} --copy /c --kernel /k`)).toMatchObject({
      source: { is: 'copy', from: '/c', kernel: '/k', ramdisk: null },
    });
    expect(specFrom(`create a ${rest} --existing /e`)).toMatchObject({
      source: { is: 'existing', disk: '/e', kernel: null },
      disk: { is: 'none' },
    });
  });

  test('comes from JSON, and options say it over', () => {
    const base = { ...specFrom(full), mac: null, unknown: 1 };
    expect(specFrom('create other --memory 4G', base)).toEqual({ ...base, name: 'other', memoryMiB: 4096 });
  });

  test.each([
    ['create', 'optionMissing'],
    [full.replace('--memory 2G', ''), 'optionMissing'],
    [full.replace('--bridge xenbr0', ''), 'optionMissing'],
    [full.replace('--kernel /k', ''), 'optionMissing'],
    [full.replace('--disk-group vg0', ''), 'optionMissing'],
    [full.replace('--disk-size 1.5G', ''), 'optionMissing'],
    [`${full} --iso /i`, 'optionsApart'],
    [`${full} --iso /i --copy /c`, 'optionsApart'],
    [`${full} --no-network`, 'optionsApart'],
    [`${full} --no-disk`, 'optionsApart'],
    [`${full} --disk-format raw`, 'optionsApart'],
    [full.replace('2G', 'much'), 'notASize'],
    [full.replace('--vcpus 2', '--vcpus two'), 'notANumber'],
    [full.replace('pvh', 'vm'), 'notOneOf'],
  ])('“%s” is %s', (line, code) => {
    expect(refusalOf(() => specFrom(line))).toBe(code);
  });
});
