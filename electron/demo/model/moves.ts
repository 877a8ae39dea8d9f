import { type Inode, parentOf } from './files.ts';
import type { SimJob } from './jobs.ts';
import { layDown, type TakenOld, usedUp } from './oldDisk.ts';
import type { SimHost } from './simHost.ts';
import type { SimVolume } from './volumes.ts';

/** A disk that was made at the target for a guest that comes: known again by what it is, not by its name. */
export type MadeDisk = ({ is: 'file'; path: string; node: Inode } | { is: 'volume'; group: string; name: string; volume: SimVolume }) & {
  /** It was not made but taken out of the trash. */
  old?: TakenOld;
};
const pathOf = (one: MadeDisk): string => (one.is === 'file' ? one.path : `/dev/${one.group}/${one.name}`);

/** Disks that were taken out of the trash go back there, or are let go where the guest `came`. */
export function settleOlds(host: SimHost, incoming: Incoming, came: boolean): void {
  for (const one of incoming.made) {
    if (!one.old) continue;
    if (came) usedUp(host, one.old);
    else layDown(host, pathOf(one), one.old);
  }
  incoming.made = incoming.made.filter((one) => !one.old);
}

/** The folder of a move at its target: what is made ready there, and how far it came. */
export interface Incoming {
  id: string;
  /** The guest's; '' where it has none. */
  uuid: string;
  bootedAt: number;
  keysFile: string;
  /** Who may come: the source's addresses and the public half of its key. */
  who: { from: string; key: string };
  /** The line in root's authorized_keys that lets the source in, once. */
  keyLine: string | null;
  /** Where no such line does (`byAgent`): what may come, and until when. */
  expects: { what: 'disks' | 'memory' | 'knock'; until: number } | null;
  /** Disks that come with the guest, in the order of their numbers; what stands there of them. */
  disks: { kind: string; dest: string; old: string }[];
  made: MadeDisk[];
  /** A process receives disks now (until the host is booted anew). */
  takesDisks: boolean;
  keysMade: boolean;
  config: { path: string; mode: number; text: string } | null;
  auto: { path: string; target: string } | null;
  /** What `lease over` takes over: UUID, name, disks. */
  leases: string[];
  stage: 'staged' | 'claimed' | 'receiving' | 'received' | 'failed';
  installed: boolean;
  /** It waits for its time: what is looked at when its source knocks. */
  later: { name: string; needsMiB: number; volumes: string[] } | null;
}

const folders = new WeakMap<SimHost, Map<string, Incoming>>();
export function incomingOf(host: SimHost): Map<string, Incoming> {
  const found = folders.get(host) ?? new Map<string, Incoming>();
  folders.set(host, found);
  return found;
}

/** The folder of what comes, as the programs that are simulated name it. */
export const incomingFolder = (id: string): string => `/var/lib/xenferry/incoming/${id}`;

/** What came is done with: its folder goes, with all that lies in it. */
export function dropIncoming(host: SimHost, id: string): void {
  for (const path of host.files.below(incomingFolder(id))) host.files.remove(path);
  incomingOf(host).delete(id);
}

/** Stands for a file of keys where the source comes in by the operator's agent. */
const byAgent = '-';

/** Lets the source in once: for the disks, or for the guest's memory. Our line goes in front, so that not a byte of the others changes. */
export function admit(host: SimHost, incoming: Incoming, what: 'disks' | 'memory' | 'knock'): void {
  if (incoming.keysFile === byAgent) {
    incoming.expects = { what, until: host.office.time.now() + 600_000 };
    return;
  }
  const { from, key } = incoming.who;
  const expiry = new Date(host.now() + 600_000).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  const program = what === 'knock' ? what : `receive${what === 'disks' ? ' disks' : ''}`;
  const command = `sh ${incomingFolder(incoming.id)}/${program}`;
  incoming.keyLine = `restrict,from="${from}",expiry-time="${expiry}",command="${command}" ${key} xenferry-${incoming.id}`;
  const before = host.files.stat(incoming.keysFile);
  if (!before) incoming.keysMade = true;
  host.files.write(incoming.keysFile, `${incoming.keyLine}\n${before?.text ?? ''}`, 0o600);
}

/** Waits, and then lets the source knock, for ten minutes; unless the move is given up, or this host goes down. */
export function openDoor(host: SimHost, incoming: Incoming, seconds: number): void {
  const { time } = host.office;
  const stands = () => incomingOf(host).get(incoming.id) === incoming && host.isUpSince(incoming.bootedAt);
  time.later(seconds * 1000, () => {
    if (!stands()) return;
    admit(host, incoming, 'knock');
    const line = incoming.keyLine;
    time.later(600_000, () => {
      if (stands() && incoming.keyLine === line) unlock(host, incoming);
    });
  });
}

/** The autostart link of a config. */
export const autoLinkOf = (host: SimHost, config: string, auto: string): string | undefined =>
  (host.files.list(auto) ?? [])
    .map((name) => `${auto}/${name}`)
    .find((path) => path !== config && host.files.lstat(path)?.kind === 'link' && realPath(host, path) === realPath(host, config));

/** Takes back the disks that were made for a guest that did not come; what has become something else stays. */
export function dropDisks(host: SimHost, incoming: Incoming): void {
  settleOlds(host, incoming, false);
  for (const one of incoming.made) {
    if (one.is === 'file') {
      if (host.files.lstat(one.path) === one.node) host.files.remove(one.path);
      continue;
    }
    const group = host.group(one.group);
    if (group?.volumes.get(one.name) !== one.volume) continue;
    group.volumes.delete(one.name);
    host.active.delete(`${one.group}/${one.name}`);
  }
  incoming.made = [];
}

/** Takes the one-shot key's line out; every other byte stays. */
export function unlock(host: SimHost, incoming: Incoming): void {
  incoming.expects = null;
  const { keysFile, keyLine } = incoming;
  if (keyLine === null || !host.files.stat(keysFile)) return;
  const left = host.files
    .read(keysFile)
    .split('\n')
    .filter((line) => line !== keyLine)
    .join('\n');
  if (left === '' && incoming.keysMade) host.files.remove(keysFile);
  else host.files.write(keysFile, left, 0o600);
}

/** Puts the staged config and autostart link in their places; answers what hinders, or null. */
export function install(host: SimHost, incoming: Incoming): string | null {
  const { config, auto } = incoming;
  if (config) {
    if (!host.files.lstat(config.path)) host.files.write(config.path, config.text, config.mode);
    else if (host.files.stat(config.path)?.text !== config.text) return `taken ${config.path}`;
  }
  if (auto && !host.files.lstat(auto.path)) host.files.link(auto.target, auto.path);
  incoming.installed = true;
  return null;
}

/** Takes away again what `install` put there. */
export function uninstall(host: SimHost, incoming: Incoming): void {
  for (const one of [incoming.config, incoming.auto]) if (one && host.files.lstat(one.path)) host.files.remove(one.path);
  incoming.installed = false;
}

/** What a move set aside at its source. */
export const asideOf = (job: SimJob): { config: string | null; auto: string | null } => ({
  config: job.files.get('where-config') ?? null,
  auto: job.files.get('where-auto') ?? null,
});

export function takeAutoAside(host: SimHost, job: SimJob): void {
  const { auto } = asideOf(job);
  if (auto && host.files.lstat(auto)) host.files.remove(auto);
}

/** Takes the config away, if it is still what was copied. */
export function takeConfigAside(host: SimHost, job: SimJob): boolean {
  const { config } = asideOf(job);
  if (config && host.files.stat(config)?.text !== job.files.get('aside/config')) return false;
  job.committed = true;
  if (config) host.files.remove(config);
  return true;
}

/** Puts back what was set aside, unless something stands there again. */
export function putBack(host: SimHost, job: SimJob): void {
  const { config, auto } = asideOf(job);
  const link = job.files.get('aside/link');
  if (config && link !== undefined && !host.files.lstat(config)) {
    host.files.link(link, config);
    if (!host.files.stat(config)) host.files.remove(config); // it leads nowhere by now
  }
  if (config && !host.files.lstat(config)) {
    const made = host.files.write(config, job.files.get('aside/config') ?? '', Number(job.files.get('aside/mode') ?? 0o644));
    made.mtimeMs = Number(job.files.get('aside/mtime') ?? made.mtimeMs);
  }
  if (auto && !host.files.lstat(auto)) host.files.link(job.files.get('aside/auto') ?? '', auto);
}

/** Where a link points, as readlink -f says it. */
export function realPath(host: SimHost, path: string): string {
  const node = host.files.lstat(path);
  if (node?.kind !== 'link') return path;
  return node.target.startsWith('/') ? node.target : `${parentOf(path)}/${node.target}`;
}
