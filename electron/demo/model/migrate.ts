import { SimDomain } from './domain.ts';
import { attach, destroy, refusedLate } from './lifecycle.ts';
import { type SimHost, tablesMiB } from './simHost.ts';
import { startTicking } from './ticking.ts';
import type { SimConfig } from './xlcfg.ts';

/** One `xl migrate` between simulated hosts. Its stderr is word for word that of the captures migrate-ok and migrate-fail-*. */
export interface Move {
  source: SimHost;
  target: SimHost;
  domain: SimDomain;
  /** What the target is told (`-C`) instead of what runs here. */
  config?: SimConfig;
  /** A line of xl's stderr, without newline. */
  say(line: string): void;
  /** Bytes the transport has carried so far. */
  sent(bytes: number): void;
  /** Aborted when the transport is killed. */
  cut: AbortSignal;
  /** Asked when the target is ready, with the guest standing still: false kills the transport at the last moment. */
  permit(): Promise<boolean>;
}

class Failed extends Error {
  readonly lines: string[];
  /** The source's domain was suspended already and goes on again. */
  constructor(lines: string[]) {
    super('failed');
    this.lines = lines;
  }
}

/** Runs it to xl's exit code: 0, or 1 with the guest going on at the source. */
export async function migrate(move: Move): Promise<number> {
  const { source, target, domain, say } = move;
  const { time } = source.office;
  await time.wait(500, move.cut);
  const arriving = new Arrival(target, domain, move.config ?? domain.config);
  try {
    say('migration target: Ready to receive domain.');
    say('Saving to migration stream new xl format (info 0x3/0x0/1286)');
    say('Loading new save file <incoming migration stream> (new xl fmt info 0x3/0x0/1286)');
    say(' Savefile contains xl domain config in JSON format');
    say('Parsing config from <saved>');
    say(`xc: info: Saving domain ${domain.domid}, type x86 ${domain.config.type === 'pv' ? 'PV' : 'HVM'}`);
    await refuseEarly(move, arriving);
    say(
      `xc: info: Found x86 ${domain.config.type === 'pv' ? 'PV' : 'HVM'} domain from Xen ${source.about.xen.major}.${source.about.xen.minor}`,
    );
    say('xc: info: Restoring domain');
    await copyMemory(move, arriving);
    await suspend(move, arriving);
    say('migration target: Transfer complete, requesting permission to start domain.');
    if (!(await move.permit()) || target.dead || source.dead) throw new Failed(transportDied(domain));
    return (await handOver(move, arriving)) ? 0 : 1;
  } catch (thrown) {
    if (!(thrown instanceof Failed)) throw thrown;
    for (const line of thrown.lines) say(line);
    arriving.leave();
    if (domain.shutdown === 'suspend') {
      domain.count(time.now());
      domain.shutdown = null;
    }
    return 1;
  }
}

const lost = (move: Move): boolean => move.cut.aborted || move.target.dead || move.source.dead;

/** The target's half: a paused NAME--incoming whose memory grows. */
class Arrival {
  readonly domain: SimDomain;
  private readonly target: SimHost;
  private there = false;
  constructor(target: SimHost, from: SimDomain, config: SimConfig) {
    this.target = target;
    this.domain = new SimDomain({
      domid: target.takeDomid(),
      uuid: from.uuid,
      config,
      profile: from.profile,
      now: target.office.time.now(),
      bootMs: 0,
      console: from.console,
    });
    Object.assign(this.domain.counters, from.counters);
    this.domain.name = `${from.name}--incoming`;
    this.domain.vcpus = 0;
    this.domain.memoryMiB = 0;
    this.domain.incoming = true;
  }
  appear(): void {
    this.there = true;
    this.target.add(this.domain);
    this.target.write(`/local/domain/${this.domain.domid}/name`, this.domain.name);
  }
  leave(): void {
    // a dead machine forgets nothing and does nothing: what stands there is for whoever cleans up
    if (!this.there || this.target.dead) return;
    this.target.office.time.after(500, () => void destroy(this.target, this.domain));
  }
}

async function refuseEarly(move: Move, arriving: Arrival): Promise<void> {
  const { source, target, domain } = move;
  const { time } = source.office;
  const id = arriving.domain.domid;
  if (domain.config.type === 'pv' && !source.about.virtCaps.split(' ').includes('shadow')) {
    await time.wait(1_500, move.cut);
    throw new Failed([
      'xc: error: Failed to enable logdirty: 95,22,0 (22 = Invalid argument): Internal error',
      'xc: error: Save failed (22 = Invalid argument): Internal error',
      `libxl: error: libxl_stream_write.c:347:libxl__xc_domain_save_done: Domain ${domain.domid}:saving domain: domain did not respond to suspend request: Invalid argument`,
      'migration sender: libxl_domain_suspend failed (rc=-8)',
      ...ended(id, 'migration target: Domain creation failed (code -3).'),
      'Migration failed, failed to suspend at sender.',
    ]);
  }
  const missing = arriving.domain.config.disks.find((one) => one.target !== '' && !target.hasDisk(one.target));
  if (missing) {
    await time.wait(800, move.cut);
    throw new Failed([
      `libxl: error: libxl_device.c:455:libxl__device_disk_set_backend: Disk vdev=${missing.vdev} failed to stat: ${missing.target}: No such file or directory`,
      `libxl: error: libxl_create.c:1318:initiate_domain_create: Domain ${id}:Unable to set disk defaults for disk 0`,
      ...ended(id, 'migration target: Domain creation failed (code -3).'),
      ...senderSaw(domain),
    ]);
  }
  arriving.appear();
}

/** All memory, then what the guest wrote meanwhile, at most five passes: xl's own hard-coded policy. */
async function copyMemory(move: Move, arriving: Arrival): Promise<void> {
  const { source, target, domain } = move;
  const { time, linkBytesPerS } = source.office;
  const memoryBytes = domain.memoryMiB * 1048576;
  const dirtyShare = domain.name.includes('sim-dirty') ? 0.7 : 0.02 + domain.profile.busy * 0.25;
  const failAt = domain.name.includes('sim-migration-fails') ? 0.6 : null;
  const room = target.freeMiB() - tablesMiB(domain);
  let total = 0;
  let left = memoryBytes;
  for (let pass = 1; pass <= 5 && left > 50 * 4096; pass += 1) {
    let done = 0;
    while (done < left) {
      await time.wait(100, move.cut);
      if (lost(move)) throw new Failed(transportDied(domain));
      const step = Math.min(linkBytesPerS / 10, left - done);
      done += step;
      total += step;
      move.sent(total);
      if (pass > 1) continue;
      arriving.domain.memoryMiB = Math.floor(done / 1048576);
      if (arriving.domain.memoryMiB > room) throw new Failed(noRoom(domain, arriving.domain.domid));
      if (failAt !== null && done > memoryBytes * failAt) throw new Failed(transportDied(domain));
    }
    left = Math.floor(left * dirtyShare);
  }
  arriving.domain.memoryMiB = domain.memoryMiB;
  arriving.domain.vcpus = domain.vcpus;
}

/** The guest stands still from here on; the last pages go over. */
async function suspend(move: Move, arriving: Arrival): Promise<void> {
  const { source, target, domain, say } = move;
  const { time } = source.office;
  const id = arriving.domain.domid;
  if (domain.pauses > 0) {
    await time.wait(60_000, move.cut);
    throw new Failed([
      `libxl: error: libxl_dom_suspend.c:269:domain_suspend_common_pvcontrol_suspending: Domain ${domain.domid}:guest didn't acknowledge suspend, cancelling request`,
      'xc: error: Domain has not been suspended: shutdown 0, reason 255: Internal error',
      'xc: error: Save failed (0 = Success): Internal error',
      ...ended(id, 'migration target: Domain creation failed (code -3).'),
      'Migration failed, failed to suspend at sender.',
    ]);
  }
  if (!domain.runs) throw new Failed(transportDied(domain));
  domain.count(time.now());
  domain.shutdown = 'suspend';
  source.stir('@releaseDomain');
  await time.wait(domain.name.includes('sim-dirty') ? 2_600 : 250, move.cut);
  if (lost(move)) throw new Failed(transportDied(domain));
  say('xc: info: Restore successful');
  say('xc: info: XenStore: mfn 0xfeffc, dom 0, evt 1');
  say('xc: info: Console: mfn 0xfefff, dom 0, evt 2');
  await time.wait(150, move.cut);
  const late = refusedLate(target, { ...arriving.domain.config, name: domain.config.name.replace('sim-fails-to-start', '') }, id);
  if (!late) return;
  throw new Failed([
    ...late,
    ...ended(id, 'migration target: Domain creation failed (code -3).'),
    'libxl: error: libxl_utils.c:505:libxl_read_exactly: file/stream truncated reading ready message from migration receiver stream',
    'Migration failed, resuming at sender.',
  ]);
}

/** From "Giving target permission to start" nothing is taken back. False: the transport broke before that had arrived. */
async function handOver(move: Move, arriving: Arrival): Promise<boolean> {
  const { source, target, domain, say } = move;
  const { time } = source.office;
  const { name } = domain;
  say('migration sender: Target has acknowledged transfer.');
  say('migration sender: Giving target permission to start.');
  domain.pauses += 1;
  rename(source, domain, `${name}--migratedaway`);
  await time.wait(80);
  if (move.cut.aborted) {
    say('** Migration failed during final handshake **');
    say('Domain state is now undefined !');
    say('Please CHECK AT BOTH ENDS for running instances, before renaming and resuming at most one domain.');
    arriving.leave();
    return false;
  }
  say('migration target: Got permission, starting domain.');
  if (target.domain(name)) {
    say(`libxl: error: libxl_domain.c:81:libxl__domain_rename: Domain ${arriving.domain.domid}:Domain with name "${name}" already exists.`);
    say('migration sender: Target reports startup failure (status code 6).');
    say('migration target: Failure, destroying our copy.');
    say('migration target: Cleanup OK, granting sender permission to resume.');
    say('migration sender: Trying to resume at our end.');
    rename(source, domain, name);
    domain.pauses -= 1;
    throw new Failed(['migration sender: Resumed OK.', 'Migration failed due to problems at target.']);
  }
  arriving.domain.count(time.now());
  arriving.domain.incoming = false;
  arriving.domain.name = name;
  attach(target, arriving.domain);
  target.stir('@introduceDomain');
  startTicking(target, arriving.domain, false);
  await time.wait(60);
  say('migration target: Domain started successsfully.');
  say('migration sender: Target reports successful startup.');
  await destroy(source, domain);
  say('Migration successful.');
  return true;
}

export function rename(host: SimHost, domain: SimDomain, name: string): void {
  domain.name = name;
  host.write(`/local/domain/${domain.domid}/name`, name);
}

function ended(domid: number, ...more: string[]): string[] {
  return [
    `libxl: error: libxl_domain.c:1183:libxl__destroy_domid: Domain ${domid}:Non-existant domain`,
    `libxl: error: libxl_domain.c:1137:domain_destroy_callback: Domain ${domid}:Unable to destroy guest`,
    `libxl: error: libxl_domain.c:1064:domain_destroy_cb: Domain ${domid}:Destruction of domain failed`,
    ...more,
  ];
}

function senderSaw(domain: SimDomain): string[] {
  return [
    `libxl: error: libxl_utils.c:505:libxl_read_exactly: file/stream truncated reading ipc msg header from domain ${domain.domid} save/restore helper stdout pipe`,
    `libxl: error: libxl_exec.c:127:libxl_report_child_exitstatus: domain ${domain.domid} save/restore helper [5713] died due to fatal signal Broken pipe`,
    'migration sender: libxl_domain_suspend failed (rc=-3)',
    'libxl: info: libxl_exec.c:117:libxl_report_child_exitstatus: migration transport process [5712] exited with error status 1',
    'Migration failed, resuming at sender.',
    `xc: error: Dom ${domain.domid} not suspended: (shutdown 0, reason 255): Internal error`,
    `libxl: error: libxl_dom_suspend.c:666:domain_resume_done: Domain ${domain.domid}:xc_domain_resume failed: Invalid argument`,
  ];
}

const transportDied = (domain: SimDomain): string[] => senderSaw(domain);

function noRoom(domain: SimDomain, domid: number): string[] {
  return [
    'xc: error: Failed to populate physmap (16 = Device or resource busy): Internal error',
    'xc: error: Failed to populate pfns for batch of 1024 pages: Internal error',
    'xc: error: Restore failed (16 = Device or resource busy): Internal error',
    'libxl: error: libxl_stream_read.c:850:libxl__xc_domain_restore_done: restoring domain: Device or resource busy',
    `libxl: error: libxl_create.c:1640:domcreate_rebuild_done: Domain ${domid}:cannot (re-)build domain: -3`,
    ...ended(domid, 'migration target: Domain creation failed (code -3).'),
    ...senderSaw(domain),
  ];
}
