import { describe, expect, test } from 'vitest';
import { readPolicies } from './policy.ts';

const section = (name: string, leaves: string[]) => [
  `${name} policy: ${leaves.length} leaves, 2 MSRs`,
  ' CPUID:',
  '  leaf     subleaf  -> eax      ebx      ecx      edx',
  ...leaves.map((one) => `  ${one}`),
  ' MSRs:',
  '  index    -> value           ',
  '  000000ce -> 0000000080000000',
];
// leaves of an Ivy Bridge as Xen prints them
const basic = '00000001:ffffffff -> 000306e4:00200800:f7ba2203:1fcbfbff';
const seven = '00000007:00000000 -> 00000000:00000281:00000000:9c000400';
const text = (hvm: string[] = [basic, seven]) =>
  [
    'Xen reports there are maximum 120 leaves and 2 MSRs',
    ...['Raw', 'Host', 'PV Max', 'PV Default'].flatMap((name) => section(name, [basic])),
    ...section('HVM Max', hvm),
    ...section('HVM Default', hvm),
    '',
  ].join('\n');

describe('xen-cpuid -p', () => {
  test('bits become names', () => {
    const policies = readPolicies(text());
    expect([...(policies?.hvm?.given ?? [])]).toEqual(
      expect.arrayContaining(['avx', 'f16c', 'smep', 'erms', 'fsgsbase', 'spec_ctrl', 'ssbd']),
    );
    expect(policies?.hvm?.given).not.toContain('hypervisor'); // every guest has it
    expect(policies?.pv?.given).not.toContain('smep');
  });

  test('a kind without leaves does not run there', () => {
    expect(readPolicies(text([]))).toMatchObject({ hvm: null, pv: {} });
  });

  test.each([
    ['a section is missing', text().replace('HVM Default policy', 'HVM policy')],
    ['a line is not as known', text().replace('000306e4:00200800', '306e4:200800')],
    [
      'an error stands between',
      text().replace('HVM Max policy: 2 leaves, 2 MSRs', 'xen-cpuid: xc_cpu_policy_get_system: Invalid argument'),
    ],
    ['nothing was said', ''],
    ['not supported by Xen', text().replace(/^HVM Max policy.*$/m, 'HVM Max policy not supported by Xen')],
  ])('%s: it can’t be told', (_why, said) => {
    expect(readPolicies(said)).toBeNull();
  });
});
