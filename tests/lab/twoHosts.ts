import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Finding } from '../../electron/contract/doctor.ts';
import type { Guest } from '../../electron/contract/guest.ts';
import type { HostInput } from '../../electron/contract/host.ts';
import type { Task } from '../../electron/contract/task.ts';
import type { Remote } from '../../electron/engine/remote/remote.ts';
import { nodeWorld } from '../../electron/world/nodeWorld.ts';
import { type Desk, openDesk, problemOf } from '../contract/desk.ts';
import { labFolder, labLimits, labPort, openLabRemote } from './labRemote.ts';

/** Both hosts of the lab before one desktop, and eyes of our own on each: what tests of moves share. */

/** A move takes half a minute here when nothing else is going on. */
export const MOVE_MS = 500_000;
const folders: string[] = [];
const desks: Desk[] = [];
const closers: (() => void)[] = [];
const eyeClosers: (() => void)[] = [];
const eyes: Record<1 | 2, Remote> = { 1: undefined as unknown as Remote, 2: undefined as unknown as Remote }; // set before any test

/** Opens our own eyes on both hosts. */
export async function openEyes(): Promise<void> {
  for (const n of [1, 2] as const) {
    const open = await openLabRemote(n);
    eyes[n] = open.remote;
    eyeClosers.push(open.close);
  }
}

/** Before hosts go down: what hangs is given up. */
export function closeEyes(): void {
  for (const close of eyeClosers.splice(0)) close();
}

/** At the end: desks, eyes and folders. `last` runs while the eyes are open. */
export async function closeAll(last: () => Promise<void>): Promise<void> {
  for (const one of desks) one.close();
  if (eyeClosers.length > 1) await last();
  closeEyes();
  for (const close of closers) close();
  for (const made of folders) await rm(made, { recursive: true, force: true });
}

/** Called at the end, before the eyes close. */
export const atEnd = (close: () => void): void => void closers.push(close);

export async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'xenferry-move-'));
  folders.push(made);
  return made;
}

/** A desktop with its own files and both hosts open and seen. The operator's own ~/.ssh and agent have no part in it. */
export async function sitDown(data: string, agent: string | null = null): Promise<{ desk: Desk; ids: [string, string] }> {
  const real = nodeWorld({ data, version: '0', shell: 'server' });
  const made = await openDesk({ ...real, desktop: { ...real.desktop, home: data, agent } }, labLimits);
  desks.push(made);
  await made.client.call('app.info', {}); // by then its saved hosts are told
  const ids = await Promise.all([1, 2].map((n) => addLabHost(made, n)));
  return { desk: made, ids: [ids[0] ?? '', ids[1] ?? ''] };
}

async function addLabHost(at: Desk, n: number): Promise<string> {
  const known = [...at.hosts.values()].find((host) => host.port === labPort(n));
  const key = { by: 'key', path: join(labFolder, 'lab_key') } as const;
  const host: HostInput = {
    label: `xen${n}`,
    address: '127.0.0.1',
    port: labPort(n),
    user: 'root',
    auth: key,
    tags: [],
    jump: null,
    remember: true,
  };
  const add = async () => {
    const why = await problemOf(at.client.call('host.add', { host }));
    if (why.code !== 'hostKey.unknown') throw new Error(why.code);
    return (await at.client.call('host.add', { host, accept: why.fingerprint })).hostId;
  };
  const id = known?.id ?? (await add());
  await at.until(`xen${n} seen`, () => at.hosts.get(id)?.link.is === 'open' && at.hosts.get(id)?.facts && at.hosts.get(id)?.seenAt);
  return id;
}

export const sh = async (n: 1 | 2, text: string, ...args: string[]): Promise<string> => {
  const ran = await eyes[n].program({ name: 'test', text }, args);
  return ran.stdout.trim();
};
export const domidOf = (n: 1 | 2, name: string) => sh(n, 'xl domid "$1" 2>/dev/null', name);

/** For shells: `inside DISK FIRST COUNT` is that much of a disk, in sectors, whatever file or volume it is in. */
export const INSIDE = `inside() {
  case $1 in
    *.qcow2)
      qemu-img dd -U -f qcow2 -O raw bs=512 skip="$2" count=$(($2 + $3)) if="$1" of=/tmp/inside.$$ >/dev/null 2>&1
      cat /tmp/inside.$$
      rm -f /tmp/inside.$$
      ;;
    *) dd if="$1" bs=512 skip="$2" count="$3" $([ ! -b "$1" ] || echo iflag=direct) 2>/dev/null ;;
  esac
}`;

/** The records a guest wrote to its disk, by number: uptime of its kernel at that moment. Sector 1+n holds record n. */
async function records(n: 1 | 2, disk: string, name: string): Promise<Map<number, number>> {
  const text = await sh(n, `${INSIDE}; inside "$1" 0 4000 | tr -d "\\000" | grep -a " count "`, disk);
  return new Map(
    [...text.matchAll(/^(\S+) count (\d+) up ([\d.]+)/gm)].flatMap((one) =>
      one[1] === name ? [[Number(one[2]), Number(one[3])] as const] : [],
    ),
  );
}

/** No record is missing, and the guest's kernel was started anew so often meanwhile. */
export async function expectUnbroken(n: 1 | 2, disk: string, name: string, from: number, starts: number | 'any' = 0): Promise<void> {
  const all = await records(n, disk, name);
  const last = Math.max(...all.keys());
  expect(last).toBeGreaterThan(from + 3);
  const anew: number[] = [];
  for (let at = from + 1; at <= last; at++) {
    expect(all.has(at), `record ${at} of ${from}…${last}`).toBe(true);
    if ((all.get(at) ?? 0) <= (all.get(at - 1) ?? 0)) anew.push(at);
  }
  if (starts !== 'any') expect(anew, 'records before which it was started').toHaveLength(starts);
}

export const newest = async (n: 1 | 2, disk: string, name: string) => Math.max(0, ...(await records(n, disk, name)).keys());
/** Until a guest has written its record of that number, or a later one. */
export async function writes(n: 1 | 2, disk: string, name: string, record: number): Promise<void> {
  while ((await newest(n, disk, name)) < record) await new Promise((next) => setTimeout(next, 2000));
}
/** Has the doctor do what it offers. */
export async function mend(at: Desk, found: Finding): Promise<void> {
  const { taskId } = await at.client.call('doctor.mend', { findingId: found.id, version: found.version, typedName: '' });
  const task = await ended(at, taskId);
  expect(task.outcome, JSON.stringify(task.log)).toEqual({ is: 'done' });
}
export const seen = (at: Desk, hostId: string, name: string, states: Guest['state'][] = ['running', 'blocked']) =>
  at.until(`${name} ${states.join('/')}`, () => {
    const guest = at.guest(hostId, name);
    return guest && states.includes(guest.state) && guest;
  });
export const begin = async (
  at: Desk,
  from: string,
  to: string,
  name: string,
  how: { stop?: boolean; save?: boolean; limitMiBPerS?: number } = {},
) => {
  const guest = at.guest(from, name);
  if (!guest) throw new Error(`${name} is not there`);
  return (await at.client.call('migration.start', { hostId: from, guestId: guest.guestId, targetHostId: to, ...how })).taskId;
};
export const ended = (at: Desk, taskId: string): Promise<Task> =>
  at.until(
    `end of ${taskId}`,
    () => {
      const task = at.tasks.get(taskId);
      return task?.outcome ? task : null;
    },
    MOVE_MS,
  );
