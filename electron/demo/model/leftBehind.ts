import { SimDomain } from './domain.ts';
import { jobsOf, prepareJob, stateOf } from './jobs.ts';
import { attach, profileOf } from './lifecycle.ts';
import { type Incoming, incomingOf } from './moves.ts';
import { whichOf, writeManifest } from './oldDisk.ts';
import type { SimHost } from './simHost.ts';
import { readConfig, type SimConfig } from './xlcfg.ts';

/** What broken moves leave on a host, as an `xl migrate` by hand or a machine that is gone for good would. */
export type Leaving =
  /** A paused NAME--incoming, never started. */
  | 'incoming'
  /** NAME is NAME--migratedaway now, suspended and paused. */
  | 'migratedaway'
  /** Suspended under its own name: its xl was killed. */
  | 'suspended'
  /** NAME runs here too, under its own name. */
  | 'copy'
  | 'keyLine'
  /** A folder of a move with a disk of which half came. */
  | 'halfDisk'
  /** A part of a disk, of work that nobody knows. */
  | 'part'
  /** What it had for a disk here, before it moved away: something used it when its config went to the trash. */
  | 'oldDisk'
  /** Its config, with an autostart link. */
  | 'config'
  /** Its config is in the folder of a job that was killed, and nowhere else. */
  | 'configAside';

/** Disks that were made for a move to here. */
const made = new WeakMap<Incoming, string[]>();
export const madeFor = (incoming: Incoming): string[] => made.get(incoming) ?? [];
/** Since when a folder is there; those of moves that go on are young. */
export const isOld = (incoming: Incoming): boolean => made.has(incoming);

export function leave(host: SimHost, what: Leaving, name: string): void {
  leaving[what](host, name);
}

const id = (host: SimHost, name: string): string => `left-${host.about.hostname}-${Buffer.from(name).toString('hex').slice(0, 12)}`;
const keysFile = '/root/.ssh/authorized_keys';

const leaving: Record<Leaving, (host: SimHost, name: string) => void> = {
  incoming(host, name) {
    const half = appear(host, name);
    half.name = `${name}--incoming`;
    half.incoming = true;
    host.add(half);
    host.write(`/local/domain/${half.domid}/name`, half.name);
  },
  copy(host, name) {
    const twin = appear(host, name);
    host.add(twin);
    attach(host, twin);
  },
  migratedaway(host, name) {
    const domain = host.domain(name);
    if (!domain) return;
    suspend(host, domain);
    domain.pauses += 1;
    domain.name = `${name}--migratedaway`;
    host.write(`/local/domain/${domain.domid}/name`, domain.name);
  },
  suspended(host, name) {
    const domain = host.domain(name);
    if (domain) suspend(host, domain);
  },
  keyLine(host, name) {
    const line = `restrict,from="10.20.0.99",expiry-time="20240101000000",command="sh /x" ssh-ed25519 AAAA xenferry-${id(host, name)}-key`;
    host.files.write(keysFile, `${line}\n${host.files.stat(keysFile)?.text ?? ''}`, 0o600);
  },
  halfDisk(host, name) {
    const path = `/var/lib/xen/images/${name}-xvda.img`;
    host.files.allot(path, 3_221_225_472);
    const incoming: Incoming = {
      id: id(host, name),
      uuid: configOf(host, name).uuid ?? '',
      bootedAt: host.bootedAt,
      keysFile: '',
      who: { from: '', key: '' },
      keyLine: null,
      expects: null,
      disks: [],
      made: [],
      takesDisks: false,
      leases: [],
      keysMade: false,
      config: null,
      auto: null,
      stage: 'failed',
      installed: false,
      later: null,
    };
    incomingOf(host).set(incoming.id, incoming);
    made.set(incoming, [path]);
  },
  part(host, name) {
    host.files.allot(`/var/lib/xen/images/.xenferry-${id(host, name)}-0.part`, 1_073_741_824).mtimeMs -= 86_400_000;
  },
  oldDisk(host, name) {
    const path = `/var/lib/xen/images/${name}-old.img`;
    host.files.allot(path, 1_073_741_824);
    const { uuid = '' } = configOf(host, name) as { uuid?: string };
    const rows = [
      ['lock', uuid],
      ['name', name],
      ['at', '1'],
      ['moved', 'another'],
      ['kept', whichOf(host, path), path, 'xvda'],
    ];
    writeManifest(host, id(host, name), rows);
  },
  config(host, name) {
    const file = `/etc/xen/${name}.cfg`;
    host.files.write(file, `${configText(host, name)}`);
    host.files.link(file, `/etc/xen/auto/${name}.cfg`);
  },
  configAside(host, name) {
    const file = `/etc/xen/${name}.cfg`;
    const { uuid = '' } = configOf(host, name) as { uuid?: string };
    const other = host.office.hosts.find((one) => one !== host);
    const about = {
      kind: 'guest.migrate',
      guestId: uuid,
      guestName: name,
      uuid,
      domid: null,
      memoryMiB: 512,
      target: other?.about.machineId ?? '',
      targetLabel: other?.about.label ?? '',
      configFile: file,
      pingAddress: null,
      activated: [],
      startedAt: host.now(),
    };
    const job = prepareJob(host, id(host, name), JSON.stringify(about));
    job.files.set('where-config', file).set('aside/config', configText(host, name)).set('program', '');
    // its process was killed, and whoever settles moves has given up on it
    Object.assign(job, {
      started: true,
      boot: -1,
      committed: true,
      phase: 'undecided',
      exit: 1,
      touchedAt: host.office.time.now() - 3_600_000,
    });
    host.files.remove(file);
    if (stateOf(host, job) !== 'ended') jobsOf(host).delete(job.id);
  },
};

/** The config of a guest, on whichever host it stands. */
function configText(host: SimHost, name: string): string {
  for (const one of [host, ...host.office.hosts]) {
    const found = one.files.stat(`/etc/xen/${name}.cfg`);
    if (found) return found.text;
  }
  throw new Error(`no config of ${name} on any host`);
}
const configOf = (host: SimHost, name: string): SimConfig => readConfig(`/etc/xen/${name}.cfg`, configText(host, name));

function appear(host: SimHost, name: string): SimDomain {
  const config = configOf(host, name);
  const now = host.office.time.now();
  return new SimDomain({
    domid: host.takeDomid(),
    uuid: config.uuid ?? host.office.makeUuid(),
    config,
    profile: profileOf(config),
    now,
    bootMs: 0,
  });
}

function suspend(host: SimHost, domain: SimDomain): void {
  domain.count(host.office.time.now());
  domain.shutdown = 'suspend';
  host.stir('@releaseDomain');
}

/** A guest called `sim-broken-move` is what somebody tried to move by hand: soon after its start the other host shows it. */
export function breakMove(host: SimHost, name: string): void {
  const other = host.office.hosts.find((one) => one !== host && !one.dead);
  if (!other || [...other.domains.values()].some((one) => one.name.startsWith(name))) return;
  for (const what of ['incoming', 'keyLine', 'halfDisk', 'config'] as const) leave(other, what, name);
}
