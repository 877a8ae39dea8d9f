import type { Check, GuestSpec } from '../../contract/creation.ts';
import type { Disk } from '../../contract/guest.ts';
import { refuseName } from '../../contract/guestName.ts';
import { fail, ProblemError, type Verdict } from '../../contract/problem.ts';
import { mayChangeHost } from '../../contract/rules.ts';
import { type Guarded, guardGuest, guardSource, refuseGuarded, refuseUnasked } from '../guard/guard.ts';
import type { Suspect } from '../guests/safety.ts';
import type { Limits } from '../limits.ts';
import type { Creation, Guests, Hosts, TaskHand, Tasks } from '../parts.ts';
import { startJob } from '../remote/jobs.ts';
import type { Remote } from '../remote/remote.ts';
import type { World } from '../world.ts';
import { readGuestConfig, writeGuestConfig } from '../xen/guestConfig.ts';
import { askHost, type HostAnswer } from './answer.ts';
import { checksOf } from './check.ts';
import { adoptCreations, followCreation } from './following.ts';
import { newMac, newUuid } from './identity.ts';
import { creationJob } from './making.ts';
import { type Identity, type Plan, planOf } from './plan.ts';

export interface CreationParts {
  world: World;
  limits: Limits;
  hosts: Hosts;
  guests: Guests;
  tasks: Tasks;
}

/** New guests: what would be written, what the host says of it, and the job that makes it. */
export function createCreation(parts: CreationParts): Creation {
  const { world, hosts, guests, tasks } = parts;
  // Kept until a guest is made with it, so that preview, check and creation show the same UUID and MAC.
  let next: Identity | null = null;
  const identity = (): Identity => {
    const taken = takenMacs(guests);
    if (next === null || taken.has(next.mac)) next = { uuid: newUuid(world.random), mac: newMac(world.random, taken) };
    return next;
  };
  const check = async (hostId: string, spec: GuestSpec, who: Identity, signal?: AbortSignal) => {
    const plan = planFor(hosts, hostId, spec, who);
    const remote = hosts.remote(hostId);
    const answer = await askHost(remote, plan, textOf(plan), signal);
    const settled = planFor(hosts, hostId, spec, who, answer.from?.format ?? 'raw');
    const guarded = await guardDisk({ world, hosts, guests }, hostId, settled);
    const checks = checksOf(settled, { host: hosts.get(hostId), hosts: hosts.all(), guests: guests.all(), answer, guarded });
    return { plan: settled, checks, answer, guarded, remote };
  };
  const stopAdopting = hosts.onJobs(({ hostId, remote }, gone) => {
    adoptCreations(parts, hostId, remote, gone).catch((thrown: unknown) => {
      if (!gone.aborted) world.log('warn', 'creation.adopt', { hostId, why: String(thrown) });
    });
  });
  return {
    handlers: {
      'creation.preview': async ({ hostId, spec }) => ({ text: textOf(planFor(hosts, hostId, spec, identity())) }),
      'creation.check': async ({ hostId, spec }, signal) => {
        const change = mayChangeHost(hosts.get(hostId));
        if (!change.may) throw new ProblemError(change.because);
        const { plan, checks } = await check(hostId, spec, identity(), signal);
        return { text: textOf(plan), checks };
      },
      'creation.create': async ({ hostId, spec, typedName }) => {
        const change = mayChangeHost(hosts.get(hostId));
        if (!change.may) throw new ProblemError(change.because);
        const unsafe = refuseName(spec.name);
        if (unsafe) throw new ProblemError(unsafe);
        const who = identity();
        const asked = { key: `${hostId}/${who.uuid}`, name: spec.name, uuid: who.uuid, copyOf: copyOf(spec) };
        if (needsAll(spec)) refuseUnasked({ hosts, guests }, asked, typedName);
        next = null;
        const what = { kind: 'guest.create', hostId, guestId: who.uuid, guestName: spec.name, mayCancel: yes } as const;
        const taskId = tasks.start(what, async (hand) => {
          const found = await check(hostId, spec, who, hand.signal);
          const notAsked = found.guarded?.notAsked ?? [];
          if (needsAll(spec)) refuseGuarded({ clash: null, lastSeen: null, notAsked, copyOf: copyOf(spec) }, spec.name, typedName);
          await make(parts, hand, { hostId, ...found });
        });
        return { taskId };
      },
    },
    close: stopAdopting,
  };
}

const yes: Verdict = { may: true };

const copyOf = ({ source }: GuestSpec): string | null => (source.is === 'copy' ? source.from : null);

/** Whether it starts from a disk that somebody else may use, or copies one that somebody else may write to. */
const needsAll = ({ source, start }: GuestSpec): boolean => source.is === 'copy' || (source.is === 'existing' && start);

/** Who else uses the disk it takes as it is, or writes to the one it copies; null: it does neither. */
async function guardDisk(parts: Pick<CreationParts, 'world' | 'hosts' | 'guests'>, hostId: string, plan: Plan): Promise<Guarded | null> {
  if (plan.copyOf !== null) return await guardSource(parts, hostId, () => sourceOf(hostId, plan, plan.copyOf ?? ''));
  return plan.spec.source.is === 'existing' ? await guardGuest(parts, hostId, () => suspectOf(hostId, plan)) : null;
}

/** The new guest as one that reads what it will be a copy of, and has nothing else that could be anybody's. */
function sourceOf(hostId: string, plan: Plan, target: string): Suspect {
  const whole = suspectOf(hostId, plan);
  const source: Disk = { target, vdev: 'xvda', format: 'raw', access: 'ro', cdrom: false, script: null, backend: null };
  const shape = whole.config?.shape ? { ...whole.config.shape, disks: [source], nics: [] } : null;
  return { ...whole, config: whole.config && { ...whole.config, shape } };
}

/** The new guest, as the guard looks at it. */
function suspectOf(hostId: string, plan: Plan): Suspect {
  const { shape } = readGuestConfig(textOf(plan), plan.configFile);
  const config = { file: plan.configFile, version: '', autostart: false, hasUuid: true, shape, unreadable: null };
  return { key: `${hostId}/${plan.uuid}`, hostId, name: plan.spec.name, uuid: plan.uuid, config, live: null };
}

/** Starts the job when nothing is against it, and follows it to its end. */
async function make(
  parts: CreationParts,
  hand: TaskHand,
  found: { hostId: string; plan: Plan; checks: Check[]; answer: HostAnswer; guarded: Guarded | null; remote: Remote },
): Promise<void> {
  const { plan, answer } = found;
  const bad = found.checks.find((one) => one.verdict === 'bad');
  if (bad?.problem) throw new ProblemError(bad.problem);
  hand.signal.throwIfAborted();
  const job = creationJob(hand.id, plan, {
    text: textOf(plan),
    format: answer.from?.format ?? 'raw',
    sourceBytes: answer.from?.bytes ?? 0,
    startedAt: parts.world.clock.now(),
    leases: found.guarded?.leases ?? [],
  });
  await startJob(found.remote, job, plan.spec.name);
  await followCreation(parts, hand, { hostId: found.hostId, jobId: hand.id, copyBytes: answer.from?.bytes ?? 0 });
}

/** The plan of a spec whose name can be a file's. */
function planFor(hosts: Hosts, hostId: string, spec: GuestSpec, who: Identity, format = formatByName(spec)): Plan {
  // NUL and newline can't travel as an argument: such a name is refused before anything is asked
  const unsafe = refuseName(spec.name);
  if (unsafe?.code === 'config.unsafeName' && unsafe.why !== 'empty') throw new ProblemError(unsafe);
  const { facts, label } = hosts.get(hostId);
  return planOf(spec, who, facts ?? fail('host.notOpen', { label }), format);
}

/** Until the host has looked into it, a disk's format is what its name says. */
function formatByName({ source }: GuestSpec): 'raw' | 'qcow2' {
  return source.is === 'existing' && /\.qcow2$/i.test(source.disk) ? 'qcow2' : 'raw';
}

const textOf = (plan: Plan): string => writeGuestConfig(plan.entries);

function takenMacs(guests: Guests): Set<string> {
  const macs = guests.all().flatMap((one) => [one.live, one.config?.shape].flatMap((shape) => shape?.nics.map((nic) => nic.mac) ?? []));
  return new Set(macs.flatMap((mac) => (mac === null ? [] : [mac.toLowerCase()])));
}
