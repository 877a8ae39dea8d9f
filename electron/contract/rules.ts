import type { Disk, Guest, GuestShape } from './guest.ts';
import type { Bridge, Host } from './host.ts';
import { type Problem, problem, type Verdict } from './problem.ts';

/**
 * "May I?", asked alike by buttons, drag cursor and engine. Pure; knows only what the mirror knows.
 * What needs a look at the hosts themselves is `migration.check` and `creation.check`.
 */

const yes: Verdict = { may: true };
const no = (because: Problem): Verdict => ({ may: false, because });

/** Whether anything may be changed on this host now. */
export function mayChangeHost(host: Host): Verdict {
  if (host.link.is !== 'open') return no(problem('host.notOpen', { label: host.label }));
  if (!host.facts) return no(problem('host.notOpen', { label: host.label }));
  if (host.facts.toolstack === 'none') return no(problem('host.noXen', { label: host.label }));
  if (host.facts.toolstack !== 'xl') return no(problem('host.readOnly', { toolstack: host.facts.toolstack }));
  const stopper = host.findings.find((one) => one.hinders === 'everything' || one.hinders === 'changing');
  return stopper ? no(stopper.problem) : yes;
}

/** Whether it can't be asked now which guests run on it. One that is known to have no Xen has nothing to say. */
export function isSilent(host: Host): boolean {
  return (host.link.is !== 'open' || host.seenAt === null) && host.facts?.toolstack !== 'none';
}

function mayTouch(guest: Guest, host: Host): Verdict {
  const change = mayChangeHost(host);
  if (!change.may) return change;
  if (guest.doing) return no(problem('guest.busy', { name: guest.name, taskId: guest.doing.taskId }));
  return yes;
}

function inState(guest: Guest, host: Host, states: readonly Guest['state'][]): Verdict {
  const touch = mayTouch(guest, host);
  if (!touch.may) return touch;
  if (guest.leftover) return no(problem('guest.leftover', { name: guest.name }));
  if (!states.includes(guest.state)) return no(problem('guest.wrongState', { name: guest.name, state: guest.state }));
  return yes;
}

const runs = ['running', 'blocked'] as const;

/** Start a halted guest. Short memory is refused beforehand: xl would say so late. */
export function mayStart(guest: Guest, host: Host): Verdict {
  const state = inState(guest, host, ['halted']);
  if (!state.may) return state;
  if (!guest.config) return no(problem('guest.noConfig', { name: guest.name }));
  const short = guest.memoryMiB - (host.freeMemoryMiB ?? Number.POSITIVE_INFINITY);
  return short > 0 ? no(problem('memory.short', { shortMiB: Math.ceil(short) })) : yes;
}
export const mayShutdown = (guest: Guest, host: Host): Verdict => inState(guest, host, runs);
export const mayReboot = (guest: Guest, host: Host): Verdict => inState(guest, host, runs);
export const mayPause = (guest: Guest, host: Host): Verdict => inState(guest, host, runs);
export const mayResume = (guest: Guest, host: Host): Verdict => inState(guest, host, ['paused']);
/** Force off also ends crashed domains, and what a shutdown or reboot waits for in vain. */
export function mayForceOff(guest: Guest, host: Host): Verdict {
  const waits = guest.doing?.kind === 'guest.shutdown' || guest.doing?.kind === 'guest.reboot';
  const touch = mayTouch(waits ? { ...guest, doing: null } : guest, host);
  if (!touch.may) return touch;
  if (guest.leftover) return no(problem('guest.leftover', { name: guest.name }));
  if (guest.state === 'halted' || guest.state === 'dying') {
    return no(problem('guest.wrongState', { name: guest.name, state: guest.state }));
  }
  return yes;
}
export function mayRemove(guest: Guest, host: Host): Verdict {
  const state = inState(guest, host, ['halted']);
  if (!state.may) return state;
  return guest.config ? yes : no(problem('guest.noConfig', { name: guest.name }));
}
export function mayOpenConsole(guest: Guest, host: Host, kind: 'serial' | 'vnc'): Verdict {
  if (host.link.is !== 'open') return no(problem('host.notOpen', { label: host.label }));
  if (guest.state === 'halted') return no(problem('guest.wrongState', { name: guest.name, state: guest.state }));
  const shape = guest.live ?? guest.config?.shape;
  if (!shape) return yes;
  const there = kind === 'serial' ? shape.serial : shape.graphical;
  return there ? yes : no(problem('console.none', { name: guest.name, kind }));
}

/** xl info's free_memory must cover the guest and about 1 % for its tables (XEN.md, section 19). */
export function memoryNeededMiB(guest: Guest): number {
  const own = guest.live?.maxMemoryMiB ?? guest.config?.shape?.maxMemoryMiB ?? guest.memoryMiB;
  const most = Math.max(own, guest.memoryMiB);
  return Math.ceil(most * 1.01) + (guest.type === 'pv' ? 1 : 4);
}

/** Whether dom0 itself serves a disk from the path that `target` says, so that the path can be looked at. */
export const isOfDom0 = (disk: Disk): boolean => !disk.script && !disk.backend;

/** Whether this guest may go to that host; also the drag's cursor. `others`: all guests on the target. */
export const mayMigrate = (guest: Guest, source: Host, target: Host, others: readonly Guest[]): Verdict =>
  mayGo({ guest, source, target, others, saved: false });

/**
 * Whether it may go with its memory while it stands still: saved here, restored there. As live, but that nobody need tell what it writes
 * (a PV guest under a Xen without shadow paging).
 */
export function mayMoveSaved(guest: Guest, source: Host, target: Host, others: readonly Guest[]): Verdict {
  if (guest.state === 'halted') return no(problem('guest.wrongState', { name: guest.name, state: guest.state }));
  return mayGo({ guest, source, target, others, saved: true });
}

/** Between whom it goes; `saved`: it stands still on the way. */
interface Going {
  guest: Guest;
  source: Host;
  target: Host;
  others: readonly Guest[];
  saved: boolean;
}

function mayGo({ guest, source, target, others, saved }: Going): Verdict {
  if (source.id === target.id) return no(problem('move.sameHost', {}));
  const from = mayTouch(guest, source);
  if (!from.may) return from;
  const to = mayChangeHost(target);
  if (!to.may) return to;
  if (guest.leftover) return no(problem('guest.leftover', { name: guest.name }));
  if (guest.state === 'paused') return no(problem('move.paused', { name: guest.name }));
  if (!['running', 'blocked', 'halted'].includes(guest.state)) {
    return no(problem('guest.wrongState', { name: guest.name, state: guest.state }));
  }
  const refused = firstHindrance({ guest, source, target, others, saved });
  if (refused) return no(refused);
  const warnings = moveWarnings(guest, source, target);
  return warnings.length > 0 ? { may: true, warnings } : yes;
}

/** A guest as it is while it runs nowhere: what its config says counts, nothing of what runs. */
export const asHalted = (guest: Guest): Guest => ({ ...guest, state: 'halted', domid: null, live: null, needsRestart: [] });

/**
 * Whether this guest may go to that host with a stop: shut down here, copied, started there. Versions of Xen, CPUs and what a running
 * domain can't give up do not count; that it can be started there does.
 */
export function mayMoveStopped(guest: Guest, source: Host, target: Host, others: readonly Guest[]): Verdict {
  const verdict = mayMigrate(asHalted(guest), source, target, others);
  if (!verdict.may || guest.state === 'halted') return verdict;
  if (guest.state === 'paused') return no(problem('move.paused', { name: guest.name }));
  if (guest.state !== 'running' && guest.state !== 'blocked')
    return no(problem('guest.wrongState', { name: guest.name, state: guest.state }));
  const { config } = guest;
  if (config?.unreadable) return no(problem('config.unreadable', { file: config.file, ...config.unreadable }));
  if (config?.shape?.passthrough) return no(problem('move.passthrough', { name: guest.name }));
  const short = memoryNeededMiB(asHalted(guest)) - freeMemory(target);
  return short > 0 ? no(problem('memory.short', { shortMiB: Math.ceil(short) })) : verdict;
}

const freeMemory = (host: Host): number => host.freeMemoryMiB ?? host.facts?.freeMemoryMiB ?? 0;

/** The same config kept on the other host as well, byte for byte, and not running there: as many operators do for plain `xl migrate`. */
export function isCopyOf(other: Guest, guest: Guest): boolean {
  return other.state === 'halted' && !!other.config && !!guest.config && other.config.version === guest.config.version;
}

function firstHindrance({ guest, source, target, others, saved }: Going): Problem | null {
  const here = source.facts;
  const there = target.facts;
  if (!here || !there) return problem('host.notOpen', { label: target.label });
  const shape = guest.live ?? guest.config?.shape ?? null;
  const running = guest.state !== 'halted';
  if (!running && !guest.config) return problem('guest.noConfig', { name: guest.name });
  const strangers = others.filter((one) => !isCopyOf(one, guest));
  for (const one of strangers) {
    if (one.name === guest.name || one.guestId === guest.guestId) return problem('name.taken', { name: one.name, where: target.label });
  }
  if (guest.type && !there.types.includes(guest.type)) return problem('move.typeMissing', { type: guest.type, host: target.label });
  if (running) {
    if (guest.type === 'pv' && !here.shadow && !saved) return problem('move.pvNoShadow', { host: source.label });
    if (shape?.passthrough) return problem('move.passthrough', { name: guest.name });
    if (shape?.noMigrate) return problem('move.noMigrate', { name: guest.name });
    if (compareVersions(here.xenVersion, there.xenVersion) > 0)
      return problem('move.versionDown', { from: here.xenVersion, to: there.xenVersion });
    if (here.cpuVendor && there.cpuVendor && here.cpuVendor !== there.cpuVendor)
      return problem('move.vendor', { from: here.cpuVendor, to: there.cpuVendor });
    const short = memoryNeededMiB(guest) - freeMemory(target);
    if (short > 0) return problem('memory.short', { shortMiB: Math.ceil(short) });
  }
  for (const { target: disk, backend } of shape?.disks ?? []) {
    if (backend) return problem('move.diskBackend', { disk, domain: backend });
  }
  for (const nic of shape?.nics ?? []) {
    const bridge = nic.bridge ?? 'xenbr0';
    if (!there.bridges.some((one) => one.name === bridge)) return problem('bridge.missing', { bridge, where: target.label });
    const twin = strangers.find((one) => nic.mac && (one.live ?? one.config?.shape)?.nics.some((other) => other.mac === nic.mac));
    if (twin && nic.mac) return problem('mac.taken', { mac: nic.mac, name: twin.name, where: target.label });
  }
  return null;
}

/** What the guest has now; of a halted one, by its config. null: neither can be read. */
export const shapeOf = (guest: Guest): GuestShape | null => guest.live ?? guest.config?.shape ?? null;

/** What a guest would lose that goes from a bridge to the one of that name elsewhere; null: nothing, or there is none to compare with. */
export function lostOn(here: Bridge | undefined, there: Bridge): 'down' | 'noUplink' | null {
  if (!here?.up) return null;
  if (!there.up) return 'down';
  return here.ports.length > 0 && there.ports.length === 0 ? 'noUplink' : null;
}

/** Bridges by which the guest reaches something now, and would not on the target. */
function cutOff(guest: Guest, source: Host, target: Host): Problem[] {
  const named = new Set((shapeOf(guest)?.nics ?? []).map((nic) => nic.bridge ?? 'xenbr0'));
  return [...named].flatMap((bridge) => {
    const find = (host: Host) => host.facts?.bridges.find((one) => one.name === bridge);
    const other = find(target);
    const there = other ? lostOn(find(source), other) : null;
    return there ? [problem('bridge.missing', { bridge, where: target.label, there })] : [];
  });
}

function moveWarnings(guest: Guest, source: Host, target: Host): Problem[] {
  const warnings: Problem[] = [];
  const here = source.facts;
  const there = target.facts;
  if (!here || !there) return warnings;
  if (guest.state !== 'halted' && minorStep(here.xenVersion, there.xenVersion) > 1) {
    warnings.push(problem('move.versionStep', { from: here.xenVersion, to: there.xenVersion }));
  }
  warnings.push(...cutOff(guest, source, target));
  const apart = Math.abs(here.clockOffsetMs - there.clockOffsetMs);
  if (apart > 2000) warnings.push(problem('move.clock', { differenceMs: apart, host: target.label }));
  return warnings;
}

const numbersOf = (version: string): number[] => version.split('.').map((part) => Number.parseInt(part, 10) || 0);

/** Compares major and minor only: a stable release of the same minor keeps the stream format. */
export function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = numbersOf(a);
  const [majorB = 0, minorB = 0] = numbersOf(b);
  return majorA - majorB || minorA - minorB;
}
/** How many minor releases b is above a. */
export function minorStep(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = numbersOf(a);
  const [majorB = 0, minorB = 0] = numbersOf(b);
  return majorA === majorB ? minorB - minorA : 2;
}
