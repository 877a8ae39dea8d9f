import { add, type Counters, noCounters, type Profile } from './load.ts';
import type { SimConfig } from './xlcfg.ts';

/** Why a domain stands still although nobody paused it: column 5 of `xl list`. */
export type ShutdownReason = 'poweroff' | 'reboot' | 'suspend' | 'crash';

/** A running domain of a simulated host. */
export class SimDomain {
  readonly domid: number;
  readonly uuid: string;
  readonly config: SimConfig;
  readonly profile: Profile;
  readonly createdAt: number;
  name: string;
  /** The config file it was made from; null when it came by migration. */
  memoryMiB: number;
  vcpus: number;
  /** Pauses count: two need two unpauses (XEN.md 22.5). */
  pauses = 0;
  shutdown: ShutdownReason | null = null;
  dying = false;
  /** Made for a migration and not yet started: `xl list -l` can't tell its configuration. */
  incoming = false;
  /** Still being built: there already, and its configuration not yet told (seen on the lab: `xl list -l` fails as for one that is dying). */
  building = false;
  /** Its kernel is up and listens to xenstore (control/shutdown). */
  bootedAt: number;
  vncPort: number | null = null;
  tty = '';
  readonly console: ConsoleText;
  readonly counters: Counters = noCounters();
  private countedAt: number;
  constructor(about: {
    domid: number;
    uuid: string;
    config: SimConfig;
    profile: Profile;
    now: number;
    bootMs: number;
    console?: ConsoleText;
  }) {
    this.domid = about.domid;
    this.uuid = about.uuid;
    this.config = about.config;
    this.profile = about.profile;
    this.name = about.config.name;
    this.memoryMiB = about.config.memoryMiB;
    this.vcpus = about.config.vcpus;
    this.createdAt = about.now;
    this.countedAt = about.now;
    this.bootedAt = about.now + about.bootMs;
    this.console = about.console ?? new ConsoleText();
  }
  /** Executes instructions now. */
  get runs(): boolean {
    return this.pauses === 0 && this.shutdown === null && !this.dying && !this.incoming;
  }
  /** Brings the counters up to now. */
  count(now: number): void {
    const seconds = Math.max(0, (now - this.countedAt) / 1000);
    this.countedAt = now;
    if (this.runs) add(this.counters, this.profile, now / 1000, seconds, this.vcpus);
  }
  private onCpu(now: number): boolean {
    return Math.sin(now / 700 + this.profile.seed) > 1 - 2 * Math.min(0.9, this.profile.busy);
  }
  /** The six letters of `xl list`: r b p s reason d. */
  state(now: number): string {
    if (this.dying) return '--p--d';
    if (this.shutdown !== null) {
      const paused = this.pauses > 0 ? 'p' : '-';
      return `--${paused}s${{ poweroff: '-', reboot: 'r', suspend: 's', crash: 'c' }[this.shutdown]}-`;
    }
    if (this.pauses > 0 || this.incoming) return '--p---';
    return this.onCpu(now) ? 'r-----' : '-b----';
  }
  /** The six letters of xentop, which draws states its own way: d s b c p r. */
  topState(now: number): string {
    if (this.shutdown === 'crash') return '---c--';
    if (this.shutdown !== null) return this.pauses > 0 ? '-s--p-' : '-s----';
    if (this.pauses > 0 || this.incoming) return '----p-';
    return this.onCpu(now) ? '-----r' : '--b---';
  }
}

/** What a guest wrote to its console; late readers get the buffered end first, as xenconsoled replays it. */
export class ConsoleText {
  private kept = '';
  private readonly readers = new Set<(text: string) => void>();
  write(text: string): void {
    this.kept = (this.kept + text).slice(-4096);
    for (const reader of this.readers) reader(text);
  }
  read(heard: (text: string) => void): () => void {
    if (this.kept !== '') heard(this.kept);
    this.readers.add(heard);
    return () => this.readers.delete(heard);
  }
}
