import type { Check, GuestSpec } from '../../contract/creation.ts';
import type { Guest } from '../../contract/guest.ts';
import { refuseName } from '../../contract/guestName.ts';
import type { Host } from '../../contract/host.ts';
import { type Problem, problem } from '../../contract/problem.ts';
import type { Guarded } from '../guard/guard.ts';
import { hostsNotAsked } from '../guests/safety.ts';
import type { HostAnswer } from './answer.ts';
import type { Plan } from './plan.ts';

/** All that a judgement rests on: what the host answered, and what is known of everything else. */
export interface Ground {
  host: Host;
  hosts: readonly Host[];
  guests: readonly Guest[];
  answer: HostAnswer;
  /** Who else uses the disk it takes as it is, or writes to the one it copies; null: it does neither. */
  guarded: Guarded | null;
}

/** What each check says of a plan, in the order they are shown. */
export function checksOf(plan: Plan, ground: Ground): Check[] {
  const { spec } = plan;
  const said: [Check['what'], Problem | null, 'warning'?][] = [
    ['name', nameProblem(plan, ground)],
    ['type', typeProblem(spec, ground.host)],
    ['memory', memoryProblem(spec, ground)],
    ['source', sourceProblem(plan, ground)],
    ['space', spaceProblem(plan, ground.answer)],
    ['disk', diskProblem(plan, ground) ?? ground.guarded?.clash ?? null],
  ];
  if (spec.bridge !== null) {
    const missing = ground.answer.bridgeMissing;
    said.push(['bridge', missing ? problem('bridge.missing', { bridge: spec.bridge, where: ground.host.label }) : null]);
    said.push(['mac', macProblem(plan, ground)]);
  }
  if (plan.autoLink !== null) {
    said.push(['autostart', ground.answer.taken.has('auto') ? problem('config.exists', { file: plan.autoLink }) : null]);
  }
  said.push(['config', configProblem(ground.answer)]);
  const silent = [...new Set([...hostsNotAsked(ground.hosts), ...(ground.guarded?.notAsked ?? [])])];
  said.push([
    'others',
    silent.length > 0
      ? problem('guard.notAsked', {
          name: spec.name,
          hosts: silent,
          lastSeen: null,
          ...(plan.copyOf === null ? {} : { copyOf: plan.copyOf }),
        })
      : null,
    'warning',
  ]);
  return said.map(([what, why, weight]) => ({ what, verdict: why === null ? 'good' : (weight ?? 'bad'), problem: why }));
}

function nameProblem(plan: Plan, { host, hosts, guests, answer }: Ground): Problem | null {
  const { name } = plan.spec;
  const unsafe = refuseName(name);
  if (unsafe) return unsafe;
  if (answer.taken.has('config')) return problem('config.exists', { file: plan.configFile });
  if (answer.taken.has('name')) return problem('name.taken', { name, where: host.label });
  const twin = guests.find((one) => one.name === name);
  if (twin) return problem('name.taken', { name, where: labelOf(twin.hostId, hosts) });
  const same = guests.find((one) => one.uuid === plan.uuid);
  return same ? problem('uuid.taken', { name: same.name, where: labelOf(same.hostId, hosts) }) : null;
}

function typeProblem(spec: GuestSpec, host: Host): Problem | null {
  if (spec.source.is === 'iso' && spec.type !== 'hvm') return problem('create.isoNeedsHvm', {});
  if (spec.source.is === 'copy' && spec.disk.is === 'none') return problem('create.noDisk', {});
  return host.facts?.types.includes(spec.type) ? null : problem('create.typeMissing', { type: spec.type });
}

/** As rules.ts has it for a move: its memory and about 1 % for Xen's own tables. */
function memoryProblem(spec: GuestSpec, { answer }: Ground): Problem | null {
  const needed = Math.ceil(spec.memoryMiB * 1.01) + (spec.type === 'pv' ? 1 : 4);
  const short = spec.start ? needed - (answer.memoryMiB ?? Number.POSITIVE_INFINITY) : 0;
  return short > 0 ? problem('memory.short', { shortMiB: short }) : null;
}

function sourceProblem(plan: Plan, { answer }: Ground): Problem | null {
  if (plan.copyOf !== null && (answer.from === null || answer.from.format === null)) {
    return problem('create.imageUnreadable', { path: plan.copyOf });
  }
  const unreadable = plan.needed.find((path) => !answer.readable.has(path));
  return unreadable === undefined ? null : problem('create.imageUnreadable', { path: unreadable });
}

function spaceProblem({ disk }: Plan, answer: HostAnswer): Problem | null {
  if (disk.is === 'none') return null;
  const place = disk.is === 'file' ? disk.directory : disk.group;
  if (answer.spaceMiB === null || answer.spaceMiB < 0) return problem('disk.missing', { path: place });
  // a qcow2 file takes what is written into it: what it holds at once must fit
  const atOnce = disk.is === 'file' && disk.format === 'qcow2' ? Math.ceil((answer.from?.allocatedBytes ?? 0) / MIB) + 1 : disk.sizeMiB;
  const short = atOnce - answer.spaceMiB;
  return short > 0 ? problem('space.short', { place, shortMiB: short }) : null;
}

function diskProblem(plan: Plan, { host, hosts, guests, answer }: Ground): Problem | null {
  const { disk, spec } = plan;
  if (disk.is !== 'none' && answer.taken.has('disk')) return problem('disk.exists', { path: disk.path });
  if (answer.toolMissing && needsQemuImg(plan, answer)) return problem('create.toolMissing', { tool: 'qemu-img' });
  const neededMiB = Math.ceil((answer.from?.bytes ?? 0) / MIB);
  if (plan.copyOf !== null && disk.is !== 'none' && disk.sizeMiB < neededMiB) return problem('create.diskTooSmall', { neededMiB });
  const used = spec.source.is === 'existing' ? spec.source.disk : plan.copyOf;
  if (used === null) return null;
  for (const guest of guests) {
    // a disk that is copied may belong to a guest that is off; one used as it is may belong to nobody
    if (spec.source.is === 'copy' && guest.state === 'halted') continue;
    if (guest.hostId !== host.id && !onShared(used, host, hosts)) continue;
    const shape = [guest.live, guest.config?.shape].find((one) => one?.disks.some(({ target }) => target === used));
    if (shape) return problem('guest.diskInUse', { disk: used, name: guest.name, where: labelOf(guest.hostId, hosts) });
  }
  return null;
}

function needsQemuImg({ disk }: Plan, { from }: HostAnswer): boolean {
  return (disk.is === 'file' && disk.format === 'qcow2') || from?.format === 'qcow2';
}

/** Whether another host sees the same storage under this path: the same volume group (its UUID), or the same export. */
function onShared(path: string, host: Host, hosts: readonly Host[]): boolean {
  const mine = host.facts?.places.find((place) =>
    place.is === 'directory' ? place.shared !== null && path.startsWith(`${place.path}/`) : path.startsWith(`/dev/${place.name}/`),
  );
  if (!mine) return false;
  return hosts.some((other) =>
    other.facts?.places.some((place) => {
      if (other.id === host.id) return false;
      if (place.is === 'directory') return mine.is === 'directory' && place.shared === mine.shared;
      return mine.is === 'volumeGroup' && place.uuid === mine.uuid;
    }),
  );
}

function macProblem(plan: Plan, { hosts, guests }: Ground): Problem | null {
  const { mac } = plan;
  if (mac === null) return null;
  const twin = guests.find((one) =>
    [one.live, one.config?.shape].some((shape) => shape?.nics.some((nic) => nic.mac?.toLowerCase() === mac)),
  );
  return twin ? problem('mac.taken', { mac, name: twin.name, where: labelOf(twin.hostId, hosts) }) : null;
}

function configProblem({ dryRun }: HostAnswer): Problem | null {
  if (dryRun === null || dryRun.exit === 0) return null;
  return problem('create.checkFailed', { check: 'config', said: dryRun.said }, { detail: dryRun.said });
}

const labelOf = (hostId: string, hosts: readonly Host[]): string => hosts.find((one) => one.id === hostId)?.label ?? hostId;
const MIB = 1024 * 1024;
