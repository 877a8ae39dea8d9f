import { createHash } from 'node:crypto';
import type { Copy, Evidence, Finding, NoAction } from '../../contract/doctor.ts';
import type { Guest } from '../../contract/guest.ts';
import type { Host, HostId } from '../../contract/host.ts';
import { moveOf } from '../migration/plan.ts';
import { lockOf } from '../remote/jobs.ts';
import type { HostLook, SeenIncoming, SeenJob } from './look.ts';

/** All that a diagnosis stands on: the looks of the hosts that could be asked, and what the mirror knows of configs. */
export interface Scene {
  looks: readonly HostLook[];
  /** All saved hosts, those that could not be asked too. */
  hosts: readonly Pick<Host, 'id' | 'label'>[];
  /** The mirror: configs, and what is being done. */
  guests: readonly Guest[];
  /** Machine of a host, by which jobs name it. */
  machineOf: ReadonlyMap<HostId, string>;
  /** Whether the configs of two are one file, on storage that both hosts see. */
  isOneFile: (one: Guest, other: Guest) => boolean;
}

export const notAskedIn = (scene: Scene): HostId[] =>
  scene.hosts.flatMap((host) => (scene.looks.some((look) => look.hostId === host.id) ? [] : [host.id]));
export const askedIn = (scene: Pick<Scene, 'looks'>, but: HostId | null = null): HostId[] =>
  scene.looks.flatMap((look) => (look.hostId === but ? [] : [look.hostId]));

/** null: everybody who matters was asked. */
export function askOthers(scene: Scene, others: string[] = []): NoAction | null {
  const hostIds = notAskedIn(scene);
  return hostIds.length > 0 || others.length > 0 ? { is: 'notAsked', hostIds, others } : null;
}

export const plainName = (name: string): string => name.replace(/--(incoming|migratedaway)$/, '');

/** What a copy is, by its name and the letters of its state. */
export type Role = 'runs' | 'paused' | 'suspended' | 'neverStarted' | 'givenAway' | 'ended';
export function roleOf(copy: Pick<Copy, 'name' | 'state'>): Role {
  const { state } = copy;
  if (copy.name.endsWith('--incoming')) return state[2] === 'p' && state[3] !== 's' ? 'neverStarted' : 'runs';
  // suspended by xl migrate, or paused by a move that had saved it
  if (copy.name.endsWith('--migratedaway')) return state[4] === 's' || (state[2] === 'p' && state[3] !== 's') ? 'givenAway' : 'runs';
  if (state[5] === 'd') return 'ended';
  if (state[3] === 's') return state[4] === 's' ? 'suspended' : 'ended';
  return state[2] === 'p' ? 'paused' : 'runs';
}

/** May execute, now or when somebody unpauses it. */
export const isAlive = (copy: Copy): boolean => ['runs', 'paused'].includes(roleOf(copy));

/** The domains of one guest on all hosts that were asked; `oneName` false: of one UUID, and perhaps of two guests. */
export interface Copies {
  uuid: string;
  name: string;
  oneName: boolean;
  all: Copy[];
}
export function copiesOf(scene: Scene): Copies[] {
  const found = new Map<string, Copies>();
  for (const look of scene.looks) {
    for (const { uuid, ...domain } of look.domains) {
      if (domain.state[5] === 'd') continue; // it is going
      const name = plainName(domain.name);
      const known = found.get(uuid) ?? { uuid, name, oneName: true, all: [] };
      if (known.name !== name) known.oneName = false;
      known.all.push({ hostId: look.hostId, ...domain });
      found.set(uuid, known);
    }
  }
  return [...found.values()];
}

/** Whether work of ours is at this guest now, or it is being moved: then all that is seen is on its way. */
export function isAtWork(scene: Scene, guest: { uuid: string | null; name: string }): boolean {
  const lock = lockOf(guest);
  const busy = scene.guests.some((one) => one.doing !== null && one.doing.kind !== 'doctor.mend' && isOf(one, guest));
  if (busy) return true;
  return scene.looks.some(
    (look) =>
      look.jobs.some((job) => job.state === 'running' && job.lock === lock) ||
      look.incoming.some((one) => one.state === 'receiving' && (one.uuid === null || one.uuid === guest.uuid)) ||
      look.locks.some((one) => one.held && one.name === lock),
  );
}

/** Whether what the mirror has is this guest. */
export function isOf(one: Guest, guest: { uuid: string | null; name: string }): boolean {
  return guest.uuid !== null && one.uuid !== null ? one.uuid === guest.uuid : plainName(one.name) === guest.name;
}

/** An xl moves or saves a guest there, and it is none of ours: it may be any. */
export const isMoving = (scene: Scene, hostIds: readonly HostId[]): boolean =>
  scene.looks.some((look) => hostIds.includes(look.hostId) && look.movers.some((one) => one.ours === null));

/** Whether any host that was asked knows this work of ours: as a job, or as the folder of a move. */
export const isKnown = (scene: Scene, id: string): boolean =>
  scene.looks.some((look) => look.jobs.some((one) => one.id === id) || look.incoming.some((one) => one.id === id));

/** A move into this folder goes on, or waits for its time. */
export const isOnItsWay = (one: SeenIncoming): boolean => one.state === 'receiving' || one.state === 'waiting';

/** Younger than this it may still be on its way: it is made before anything else says so. */
export const YOUNG_SECONDS = 900;

/** The job of this id, wherever it is. */
export function jobOf(scene: Scene, id: string): { job: SeenJob; hostId: HostId } | null {
  for (const look of scene.looks) {
    const job = look.jobs.find((one) => one.id === id);
    if (job) return { job, hostId: look.hostId };
  }
  return null;
}

/** What a job is about, as far as it is a move of ours. */
export const aboutOf = (job: SeenJob) => moveOf({ ...job, exit: null, logBytes: 0 });

export function evidenceOf(copy: Copy): Evidence {
  return { is: 'copy', copy, as: roleOf(copy) };
}

/** Gives a finding its id and its version: figures that always grow are left out of it. */
export function finding(what: Omit<Finding, 'id' | 'version'>, about: string): Finding {
  const still = JSON.stringify(what, (key, value: unknown) => (key === 'seconds' ? undefined : key === 'state' ? stateText(value) : value));
  return { id: `${what.kind} ${what.hostId} ${about}`, version: createHash('sha256').update(still).digest('hex').slice(0, 32), ...what };
}

/** A guest that waits for a CPU, or has one, is the same guest. */
const stateText = (state: unknown): unknown => (typeof state === 'string' ? state.replace(/^[rb-][rb-](?=....$)/, '--') : state);
