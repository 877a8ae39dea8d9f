import type { ProblemCode } from '../../../../electron/contract/problem.ts';
import type { ProblemWords } from './shape.ts';

export const said = (text: string) => (text.trim() ? `The server said: ${text.trim()}` : 'The server gave no reason.');
export const listed = (items: readonly string[]) => items.join(', ');
/** Why an interface can't be a bridge's port. */
const unfit = {
  missing: 'it is not there any more',
  address: 'it carries an address, and may be the way by which the server is reached',
  member: 'it belongs to another bridge or bond',
  below: 'other networks (VLANs, say) are built on it',
};
/** Features in a sentence: some by name, the rest by count. */
const some = (items: readonly string[]) =>
  items.length > 12 ? `${items.slice(0, 10).join(', ')} and ${items.length - 10} more` : items.join(', ');

/** Of several servers together: partners, what one of them lacks, plans. */
export const problemsTogetherEn: Pick<
  ProblemWords,
  Extract<ProblemCode, 'bridge.missing' | 'guard.notAsked' | `twin.${string}` | `fix.${string}` | `plan.${string}`>
> = {
  'guard.notAsked': (p) =>
    p.copyOf
      ? [
          `These hosts could not be asked whether anything there writes to ${p.copyOf}: ${listed(p.hosts)}.`,
          `A copy made meanwhile can be damaged. Connect to them, or make sure of it and type the name of the new machine, ${p.name}.`,
        ]
      : [
          `These hosts could not be asked whether ${p.name} is running there: ${listed(p.hosts)}.${p.lastSeen === null ? '' : ` When last seen it was running on ${p.lastSeen}.`}`,
          'If it runs there too, its disks are destroyed. Connect to them, or make sure of it and type its name.',
        ],
  'twin.sameHost': () => ['That is the same server twice.', 'Choose another one.'],
  'bridge.missing': ({ bridge, where, there }) => {
    if (there === 'down')
      return [`The bridge ${bridge} on ${where} is down.`, `A machine would be cut off there. Bring it up: ip link set dev ${bridge} up.`];
    if (there === 'noUplink')
      return [
        `No network interface of ${where} joins its bridge ${bridge}.`,
        `A machine would reach only others on ${where}. Join an interface to ${bridge} there, or give the machine another bridge.`,
      ];
    return [
      `The bridge ${bridge} is missing on ${where}.`,
      `Make ${bridge} on ${where} (it can be done from here), or give the machine another bridge.`,
    ];
  },
  'twin.featuresMissing': (p) => [
    `${p.host} can’t give ${p.types.map((type) => type.toUpperCase()).join(' and ')} machines these CPU features: ${some(p.features)}.`,
    p.grave
      ? 'A running machine that uses them can crash there. Mask them with cpuid= in its config before it starts, or move it halted.'
      : 'Machines run without them, perhaps more slowly.',
  ],
  'twin.policyUnknown': (p) => [
    `The CPU policy of ${listed(p.hosts)} can’t be told.`,
    'xen-cpuid -p is missing there, or answers in an unknown form. Compare the CPU models by eye.',
  ],
  'twin.keymapMissing': (p) => [
    `${p.host} lacks the keymap ${p.keymap}, which ${listed(p.guests)} use.`,
    'They would not start there. Install QEMU’s keymaps (Debian: qemu-system-data), or change keymap= in the config.',
  ],
  'twin.keymapsUnknown': (p) => [
    `Whether ${p.host} has the keymap ${p.keymap} can’t be told.`,
    'No folder of QEMU’s keymaps was found there. Look before moving a machine that uses it.',
  ],
  'twin.groupMissing': (p) => [
    `${p.host} lacks the volume group ${p.group}, on which disks of ${listed(p.guests)} are.`,
    'Connect the same storage there (SAN, iSCSI), or use a group of that name.',
  ],
  'twin.volumeMissing': (p, f) => [
    `${p.host} lacks the volume ${p.group}/${p.volume} (${f.memory(p.sizeMiB)}) of ${listed(p.guests)}.`,
    'An empty one of the same size can be made there, as the target of a copy.',
  ],
  'twin.folderMissing': (p) => [
    `${p.host} lacks the folder ${p.path}, in which disks of ${listed(p.guests)} are.`,
    'The folder can be made there; the disks themselves are still only on the other server.',
  ],
  'twin.mountMissing': (p) => [
    `${p.host} does not have ${p.source} on ${p.path}, where disks of ${listed(p.guests)} are.`,
    `Mount it there in the same place (a line in /etc/fstab).`,
  ],
  'twin.mountDiffers': (p) => [
    `${p.path} on ${p.host} is not ${p.source}; disks of ${listed(p.guests)} are on that.`,
    'Mount the same there in the same place.',
  ],
  'twin.disksUnknown': (p) =>
    p.disks.length === 0
      ? [`Which disks ${listed(p.guests)} use can’t be told: the config can’t be read.`, 'Look at it before moving them.']
      : [
          `Whether ${p.host} has these disks of ${listed(p.guests)} was not looked at: ${some(p.disks)}.`,
          'They are devices, or come by a script or from another machine. The checks before a move look at each disk they can reach; compare the rest by eye.',
        ],
  'twin.devicesUnknown': (p) => [
    `${listed(p.guests)} use devices of their server itself (PCI, USB). Whether ${p.host} has the like was not looked at.`,
    'While running they can’t move. What is stored on such a device stays where it is.',
  ],
  'twin.storageLocal': (p) => [
    `Both have ${p.place}, but each its own. Disks of ${listed(p.guests)} are in it.`,
    'They can’t move while running: their disks would have to be copied.',
  ],
  'fix.exists': (p) => [`${p.thing} is already there on ${p.host}.`, 'It was left as it is. Examine the server again.'],
  'fix.portUnfit': (p) => [`The interface ${p.port} of ${p.host} can’t join a bridge: ${unfit[p.unfit]}.`, 'Choose another one, or none.'],
  'fix.groupMissing': (p) => [`${p.host} has no volume group ${p.group}.`, 'Examine the server again.'],
  'fix.changed': (p) => [`What would be done on ${p.host} is not what was shown any more.`, 'Look at it again.'],
  'fix.busy': (p) => [`Something else is being made on ${p.host} just now.`, 'Try again in a moment.'],
  'fix.failed': (p) => [
    p.left.length > 0
      ? `${p.thing} could not be made, and not all of it could be taken back: ${listed(p.left)}.`
      : `${p.thing} could not be made; what had been done was taken back.`,
    said(p.said),
  ],
  'plan.unknown': () => ['That plan is not there any more.', 'Look at the list of plans.'],
  'plan.underWay': () => ['Moves of this plan are under way.', 'Pause it if it runs, and wait until those that have begun have ended.'],
  'plan.nothingWaits': () => ['Nothing in this plan waits to be moved.', 'Take a machine into it, or make a new plan.'],
  'plan.stepCancelled': (p) => [`The move of ${p.name} was cancelled.`, 'It is where it was. Try it again, or leave it out.'],
  'plan.stopHalted': (p) => [
    `${p.name} does not run now, and so would not be started at its target.`,
    'Start it here, or take the stop off its move: then it moves as it is.',
  ],
  'plan.notRunning': (p) => [
    `${p.name} is on ${p.host}, and does not run there.`,
    'Look why it stands still, and start it there. Then try this step again: it counts as done.',
  ],
  'plan.movedAway': (p) => [`${p.name} is on ${p.where} now, and not where this plan has it.`, 'Move it from there, or leave it out.'],
  'plan.twice': (p) => [`${p.name} stands in the plan twice.`, 'Leave one of them out.'],
};
