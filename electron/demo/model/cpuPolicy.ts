/** What `xen-cpuid -p` prints on a simulated host: sections and leaves as real Xen has them, with the registers of its CPU. */

/** Leaf 1 and 7 as `ecx edx` and `ebx ecx edx`, of guests with hardware virtualisation. */
interface Cpu {
  one: [ecx: string, edx: string];
  seven: [ebx: string, ecx: string, edx: string];
}

/** Ice Lake has AVX-512, Coffee Lake has not. */
const iceLake: Cpu = { one: ['f7fa3203', '1fcbfbff'], seven: ['f1bf07ab', '00405f46', 'bc000410'] };
const coffeeLake: Cpu = { one: ['f7fa3203', '1fcbfbff'], seven: ['009c27ab', '00000000', 'bc000400'] };

export function policyText(cpuModel: string): string {
  const cpu = cpuModel.includes('E-2236') ? coffeeLake : iceLake;
  const sections = ['Raw', 'Host', 'PV Max', 'HVM Max', 'PV Default', 'HVM Default'];
  return `Xen reports there are maximum 120 leaves and 2 MSRs\n${sections.map((name) => section(name, cpu)).join('')}`;
}

function section(name: string, cpu: Cpu): string {
  // PV guests see neither what the hypervisor itself needs nor AVX-512
  const [ebx, ecx, edx] = name.startsWith('PV') ? ['009c0329', '00000000', 'ac000400'] : cpu.seven;
  const leaves = [
    '00000000:ffffffff -> 0000000d:756e6547:6c65746e:49656e69',
    `00000001:ffffffff -> 000606a6:00200800:${cpu.one.join(':')}`,
    `00000007:00000000 -> 00000000:${ebx}:${ecx}:${edx}`,
    '80000001:ffffffff -> 00000000:00000000:00000121:2c100800',
  ];
  const lines = [
    `${name} policy: 32 leaves, 2 MSRs`,
    ' CPUID:',
    '  leaf     subleaf  -> eax      ebx      ecx      edx     ',
    ...leaves.map((one) => `  ${one}`),
    ' MSRs:',
    '  index    -> value           ',
    '  000000ce -> 0000000080000000',
    '  0000010a -> 0000000000000000',
  ];
  return lines.map((line) => `${line}\n`).join('');
}
