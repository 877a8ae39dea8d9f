import type { GuestType } from '../../contract/host.ts';
import { type Problem, problem } from '../../contract/problem.ts';
import { compareVersions, lostOn, minorStep, shapeOf } from '../../contract/rules.ts';
import { type TwinFinding, type TwinSubject, twinSubjects } from '../../contract/twin.ts';
import { isGrave } from './features.ts';
import type { Policies } from './policy.ts';
import { groupBy, type StorageEnd, storageFindings } from './storage.ts';

/** All that is known of one of two hosts. */
export type TwinEnd = StorageEnd;

type Found = { bad: boolean; problem: Problem };

/** Two hosts as partners: a finding good, or each reason why not, by subject; both ways where the direction matters. Pure. */
export function compareTwins(a: TwinEnd, b: TwinEnd): TwinFinding[] {
  return twinSubjects.flatMap((what): TwinFinding[] => {
    const alike = mutual[what]?.(a, b).map((one) => told(what, one, null)) ?? [];
    const ways = directed[what];
    const found = [
      ...alike,
      ...(ways ? [...ways(a, b).map((one) => told(what, one, b)), ...ways(b, a).map((one) => told(what, one, a))] : []),
    ];
    return found.length > 0 ? found : [{ what, verdict: 'good', to: null, problem: null }];
  });
}

const told = (what: TwinSubject, { bad, problem: why }: Found, to: TwinEnd | null): TwinFinding => ({
  what,
  verdict: bad ? 'bad' : 'warning',
  to: to?.host.id ?? null,
  problem: why,
});

/** What is the same from both sides. */
const mutual: Partial<Record<TwinSubject, (a: TwinEnd, b: TwinEnd) => Found[]>> = {
  cpu: ({ facts: a }, { facts: b }) =>
    a.cpuVendor && b.cpuVendor && a.cpuVendor !== b.cpuVendor
      ? [{ bad: true, problem: problem('move.vendor', { from: a.cpuVendor, to: b.cpuVendor }) }]
      : [],
  features: (a, b) => {
    const untold = [a, b].filter((one) => one.look.policies === null).map((one) => one.host.label);
    return untold.length > 0 ? [{ bad: false, problem: problem('twin.policyUnknown', { hosts: untold }) }] : [];
  },
  clock: (a, b) => {
    const apart = Math.abs(a.facts.clockOffsetMs - b.facts.clockOffsetMs);
    return apart > 2000 ? [{ bad: false, problem: problem('move.clock', { differenceMs: apart, host: b.host.label }) }] : [];
  },
};

/** What a guest that goes from `here` to `there` would meet. */
const directed: Partial<Record<TwinSubject, (here: TwinEnd, there: TwinEnd) => Found[]>> = {
  version: ({ facts: here }, { facts: there }) => {
    const params = { from: here.xenVersion, to: there.xenVersion };
    if (compareVersions(here.xenVersion, there.xenVersion) > 0) return [{ bad: true, problem: problem('move.versionDown', params) }];
    return minorStep(here.xenVersion, there.xenVersion) > 1 ? [{ bad: false, problem: problem('move.versionStep', params) }] : [];
  },
  features: featuresMissing,
  type: (here, there) => {
    const missing = here.facts.types.filter((type) => !there.facts.types.includes(type));
    const stays = !here.facts.shadow && here.guests.some((one) => one.type === 'pv');
    return [
      ...missing.map((type) => ({
        bad: here.guests.some((one) => one.type === type),
        problem: problem('move.typeMissing', { type, host: there.host.label }),
      })),
      ...(stays ? [{ bad: false, problem: problem('move.pvNoShadow', { host: here.host.label }) }] : []),
    ];
  },
  bridge: (here, there) => {
    const used = new Set(here.guests.flatMap((one) => (shapeOf(one)?.nics ?? []).map((nic) => nic.bridge ?? 'xenbr0')));
    const names = new Set([...here.facts.bridges.map((one) => one.name), ...used]);
    const find = ({ facts }: TwinEnd, name: string) => facts.bridges.find((one) => one.name === name);
    return [...names].flatMap((name): Found[] => {
      const other = find(there, name);
      const lost = other && lostOn(find(here, name), other);
      if (lost === null) return [];
      const params = { bridge: name, where: there.host.label, ...(lost ? { there: lost } : {}) };
      return [{ bad: used.has(name), problem: problem('bridge.missing', params) }];
    });
  },
  storage: storageFindings,
  keymap: (here, there) => {
    const host = there.host.label;
    return groupBy(here.look.wanted, (one) => one.keymap).flatMap((those): Found[] => {
      const keymap = those[0]?.keymap ?? '';
      if (!there.look.keymaps) return [{ bad: false, problem: problem('twin.keymapsUnknown', { keymap, host }) }];
      if (there.look.keymaps.includes(keymap)) return [];
      return [{ bad: true, problem: problem('twin.keymapMissing', { keymap, guests: those.map((one) => one.guest), host }) }];
    });
  },
};

/** PVH guests have the policy of HVM. */
const kinds: readonly { policy: keyof Policies; types: readonly GuestType[] }[] = [
  { policy: 'pv', types: ['pv'] },
  { policy: 'hvm', types: ['pvh', 'hvm'] },
];

/** What guests see here by default, and could not have there at all. The same for several kinds is told once. */
function featuresMissing(here: TwinEnd, there: TwinEnd): Found[] {
  const byFeatures = new Map<string, GuestType[]>();
  for (const { policy, types } of kinds) {
    const given = here.look.policies?.[policy]?.given;
    const most = there.look.policies?.[policy]?.most;
    if (!given || !most) continue;
    const missing = [...given].filter((one) => !most.has(one));
    const key = missing.join(' ');
    if (missing.length > 0) byFeatures.set(key, [...(byFeatures.get(key) ?? []), ...types]);
  }
  return [...byFeatures].map(([key, types]) => {
    const all = key.split(' ');
    const grave = all.some(isGrave);
    const features = all.sort((a, b) => Number(isGrave(b)) - Number(isGrave(a)));
    return { bad: grave, problem: problem('twin.featuresMissing', { types, features, host: there.host.label, grave }) };
  });
}
