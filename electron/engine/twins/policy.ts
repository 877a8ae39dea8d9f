import { featuresIn, featureWords } from './features.ts';

/** What a host's Xen can give to guests of one kind: by default, and at most. */
export interface Policy {
  given: ReadonlySet<string>;
  most: ReadonlySet<string>;
}

/** By kind of guest; null: that kind doesn't run there. */
export interface Policies {
  pv: Policy | null;
  hvm: Policy | null;
}

/** One register set of `xen-cpuid -p`: by `LEAF:SUBLEAF.register`. */
type Leaves = Map<string, number>;

const registers = ['eax', 'ebx', 'ecx', 'edx'] as const;

/**
 * Reads `xen-cpuid -p`; null where it can't be told: a section that is missing, or a line that is not as known.
 *
 *     HVM Max policy: 57 leaves, 2 MSRs
 *      CPUID:
 *       leaf     subleaf  -> eax      ebx      ecx      edx
 *       00000001:ffffffff -> 000806c1:00020800:c6f82203:1789cbf5
 *      MSRs:
 *       index    -> value
 *       000000ce -> 0000000000000000
 */
export function readPolicies(text: string): Policies | null {
  const sections = readSections(text);
  if (!sections) return null;
  const policyOf = (kind: 'PV' | 'HVM'): Policy | null | 'untold' => {
    const given = sections.get(`${kind} Default`);
    const most = sections.get(`${kind} Max`);
    if (!given || !most) return 'untold';
    // a kind that the host can't run has a policy without leaves
    return most.size === 0 ? null : { given: featuresOf(given), most: featuresOf(most) };
  };
  const pv = policyOf('PV');
  const hvm = policyOf('HVM');
  if (pv === 'untold' || hvm === 'untold' || (!pv && !hvm)) return null;
  return { pv, hvm };
}

function readSections(text: string): Map<string, Leaves> | null {
  const sections = new Map<string, Leaves>();
  let leaves: Leaves | null = null;
  for (const line of text.split('\n').map((one) => one.trimEnd())) {
    const title = /^(\w[\w ]*?) policy: \d+ leaves, \d+ MSRs$/.exec(line)?.[1];
    if (title) {
      leaves = new Map();
      sections.set(title, leaves);
      continue;
    }
    const [, leaf, ...values] =
      /^ {2}([0-9a-f]{8}:[0-9a-f]{8}) -> ([0-9a-f]{8}):([0-9a-f]{8}):([0-9a-f]{8}):([0-9a-f]{8})$/.exec(line) ?? [];
    if (leaf && leaves) {
      for (const [at, register] of registers.entries()) leaves.set(`${leaf}.${register}`, Number.parseInt(values[at] ?? '', 16));
      continue;
    }
    const plain = /^$|^Xen reports| policy not supported by Xen$|^ CPUID:|^ MSRs:|^ {2}leaf |^ {2}index |^ {2}[0-9a-f]{8} -> [0-9a-f]{16}$/;
    if (!plain.test(line)) return null;
  }
  return sections;
}

function featuresOf(leaves: Leaves): Set<string> {
  return new Set(featureWords.flatMap((word) => featuresIn(word, leaves.get(word) ?? 0)));
}
