import type { SimDomain } from './domain.ts';
import { jobFolder, jobSays, type SimJob } from './jobs.ts';
import { profileOf } from './lifecycle.ts';
import { swing } from './load.ts';
import { type Incoming, incomingFolder } from './moves.ts';
import { takeOld } from './oldDisk.ts';
import { type SimHost, volumeOf } from './simHost.ts';

/**
 * A guest's own disks on their way between two simulated hosts: what `disks` at the source and `disks-in` at the target do and say
 * (engine/remote/programs), over the model. Contents are sizes, and the counter that the guest writes.
 */

const chunk = 1048576;
const most = 64;
const rounds = 8;
/** Both ends read and sum at the same time. */
const digestBytesPerS = 380_000_000;
/** So many bytes of what a guest writes lie in one chunk: it writes here and there. */
const perChunk = 48 * 1024;

/** Of a qcow2 file, before what is in it: all of the disk is written into it. */
const qcow2HeadBytes = 5 * 65_536;

/** A line of disks.list. */
export interface SimDiskCopy {
  how: string;
  bytes: number;
  vdev: string;
  path: string;
}

export const disksListOf = (text: string): SimDiskCopy[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'))
    .map(([, how = '', bytes = '0', vdev = '', path = '']) => ({ how, bytes: Number(bytes), vdev, path }));

/** The program ends here: what it says has been said. */
class Ended extends Error {}

export class DiskCopy {
  private readonly source: SimHost;
  private readonly job: SimJob;
  private readonly target: SimHost;
  private readonly incoming: Incoming;
  private readonly cut: AbortSignal;
  private readonly domain: SimDomain | null;
  private readonly disks: readonly SimDiskCopy[];
  private readonly boots: readonly [number, number];
  private dirtyBytes = 0;
  private dirtySeconds = 0;
  private roundSent = 0;
  /** Compared before the first round, and watched since: it is not compared again. */
  private proven = 0;
  constructor(between: { source: SimHost; job: SimJob; target: SimHost; incoming: Incoming; domain: SimDomain | null; cut: AbortSignal }) {
    this.source = between.source;
    this.job = between.job;
    this.target = between.target;
    this.incoming = between.incoming;
    this.cut = between.cut;
    this.domain = between.domain;
    const inFolder = (path: string) => (path.startsWith('/') ? path : `${jobFolder(this.job.id)}/${path}`);
    this.disks = disksListOf(this.job.files.get('disks.list') ?? '').map((one) => ({ ...one, path: inFolder(one.path) }));
    this.boots = [this.source.bootedAt, this.target.bootedAt];
  }

  /** `disks live`: all of it, then what changed, then a comparison. False: it said why not. */
  live(): Promise<boolean> {
    return this.run(async () => {
      const unread = this.disks.find((one) => !this.source.hasDisk(one.path));
      if (unread) this.failed(`read ${unread.path}`);
      await this.make();
      const total = this.disks.reduce((sum, one) => sum + one.bytes, 0);
      this.say(`total ${total}`);
      const speed = await this.round(1, await this.first());
      let before = total;
      let nth = 1;
      let todo = this.take();
      while (nth < rounds && todo > speed && (nth < 3 || todo * 10 <= before * 7)) {
        nth += 1;
        before = todo;
        await this.round(nth, todo);
        todo = this.take();
      }
      this.say('comparing');
      await this.pass(total - this.proven, digestBytesPerS);
      // of what is written during it, it sees about half
      this.say(`different ${Math.floor((todo + this.dirtyBytes / 2) / chunk)}`);
      todo += this.take();
      if (todo > 0) await this.round(nth + 1, todo);
    });
  }

  /** What the first round sends: all of the new disks, and of those that begin as an old state what differs. */
  private async first(): Promise<number> {
    const olds = this.disks.filter((_one, n) => this.incoming.made[n]?.old);
    const compared = olds.reduce((sum, one) => sum + one.bytes, 0);
    if (compared === 0) return this.all();
    this.say('comparing');
    await this.pass(compared, digestBytesPerS);
    const changed = this.disks.reduce((sum, disk, n) => sum + this.changedSince(disk, n), 0);
    this.proven = olds.reduce((sum, one) => sum + (one.how === 'compared' ? 0 : one.bytes), 0);
    return this.all() - compared + Math.min(compared, Math.ceil(changed / chunk) * chunk);
  }
  /** What the guest wrote since it left: its busier parts again and again, and each count of its own. */
  private changedSince(disk: SimDiskCopy, n: number): number {
    const old = this.incoming.made[n]?.old;
    if (!old) return 0;
    const seconds = Math.max(0, this.source.now() - old.leftAt) / 1000;
    const hot = Math.max(chunk, disk.bytes * 0.06);
    // of one that runs nowhere now, too, only its name tells how busy it was
    const { writtenPerS } = profileOf({ name: this.job.args[0] ?? '' });
    const written = writtenPerS * seconds * (chunk / perChunk);
    return Math.min(disk.bytes, hot * (1 - Math.exp(-written / hot)) + Math.abs(this.countedOn(disk) - old.counted) * chunk);
  }
  private countedOn({ path }: SimDiskCopy): number {
    const place = volumeOf(path);
    const volume = place && this.source.group(place.group)?.volumes.get(place.name);
    return volume ? volume.ticks : Number(this.source.files.stat(path)?.text || '0');
  }

  /** `disks last`: the guest stands still, and both ends become the same. */
  last(): Promise<boolean> {
    return this.run(async () => {
      let todo = this.take();
      const compared = this.disks.filter((one) => one.how === 'compared').reduce((sum, one) => sum + one.bytes, 0);
      if (compared > 0) await this.pass(compared, digestBytesPerS);
      todo = Math.min(todo, this.all());
      this.say(`last ${todo}`);
      await this.send(todo);
      await this.pass(todo, digestBytesPerS);
      this.settle();
      this.incoming.takesDisks = false;
      this.say('same');
    });
  }

  /** `disks still`: nobody writes; once, and a comparison. */
  still(): Promise<boolean> {
    return this.run(async () => {
      const unread = this.disks.find((one) => !this.source.hasDisk(one.path));
      if (unread) this.failed(`read ${unread.path}`);
      await this.make();
      const total = this.all();
      this.say(`total ${total}`);
      if (total > 0) {
        await this.round(1, await this.first());
        this.say('comparing');
        await this.pass(total - this.proven, digestBytesPerS);
        this.say('different 0');
      }
      this.settle();
      this.say('same');
    });
  }

  private async run(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (thrown) {
      if (!(thrown instanceof Ended)) throw thrown;
      if (this.target.bootedAt === this.boots[1] && !this.source.dead) this.incoming.takesDisks = false;
      return false;
    }
  }
  private say(text: string): void {
    jobSays(this.job, `disks ${text}`);
  }
  private failed(why: string): never {
    if (!this.source.dead) this.say(`failed ${why}`);
    throw new Ended();
  }
  private all(): number {
    return this.disks.reduce((sum, one) => sum + one.bytes, 0);
  }
  /** Time passes; the guest writes; whatever cuts the link ends it. */
  private async pass(bytes: number, bytesPerS: number): Promise<void> {
    const { time } = this.source.office;
    for (let seconds = bytes / bytesPerS; seconds > 0; seconds -= 1) {
      const now = Math.min(seconds, 1);
      await time.wait(now * 1000, this.cut);
      this.look();
      this.wrote(now);
    }
  }
  private look(): void {
    const { source, target, cut, incoming } = this;
    if (!source.isUpSince(this.boots[0])) throw new Ended();
    if (cut.aborted || !target.isUpSince(this.boots[1]) || !incoming.takesDisks) this.failed('link');
  }
  private wrote(seconds: number): void {
    if (!this.domain?.runs) return;
    const { writtenPerS, seed } = this.domain.profile;
    const rate = this.domain.name.includes('sim-dirty') ? 40_000_000 : writtenPerS;
    this.dirtySeconds += seconds;
    this.dirtyBytes += rate * swing(seed, this.dirtySeconds) * seconds * (chunk / perChunk);
  }
  /** What changed since it was asked last: whole chunks; the busier parts of a disk are written again and again. */
  private take(): number {
    const hot = Math.max(chunk, this.all() * 0.06);
    const bytes = hot * (1 - Math.exp(-this.dirtyBytes / hot));
    this.dirtyBytes = 0;
    return Math.ceil(bytes / chunk - 0.5) * chunk;
  }
  /** Bytes a second that it went at. */
  private async round(nth: number, todo: number): Promise<number> {
    this.roundSent = 0;
    this.say(`round ${nth} ${todo}`);
    const rate = Math.floor(this.bytesPerS() * 0.98);
    await this.send(todo);
    if (todo > 4 * chunk || (nth === 1 && !this.incoming.made.some((one) => one.old))) this.say(`rate ${rate}`);
    return rate;
  }
  private bytesPerS(): number {
    const limit = Number(this.job.files.get('limit') ?? '0') * 1048576;
    const line = this.source.office.linkBytesPerS;
    return limit > 0 ? Math.min(limit, line) : line;
  }
  private async send(todo: number): Promise<void> {
    for (let left = todo; left > 0; ) {
      const part = Math.min(left, most * chunk);
      await this.pass(part, this.bytesPerS());
      left -= part;
      this.roundSent += part;
      this.job.sentBytes = (this.job.sentBytes ?? 0) + part;
      this.room();
      this.say(`copied ${this.roundSent}`);
    }
  }
  /** Files are made sparse: that there is no room shows when they are written. */
  private room(): void {
    for (const one of this.incoming.made) {
      if (one.is !== 'file') continue;
      const { tree } = this.target.files.mountOf(one.path);
      if (tree.usedMiB() > tree.totalMiB) this.failed(`dd: error writing '${one.path}': No space left on device `);
    }
  }
  private async make(): Promise<void> {
    await this.source.office.time.wait(400, this.cut);
    this.look();
    this.disks.forEach((disk, n) => {
      const { kind = '', dest = '', old = '' } = this.incoming.disks[n] ?? {};
      if (old !== '') this.takeOld(old, kind === 'volume' ? `/dev/${dest}` : dest, disk.bytes);
      else if (kind === 'volume') this.makeVolume(dest, disk.bytes);
      else this.makeFile(dest, disk.bytes, kind);
    });
  }
  private takeOld(trashId: string, path: string, bytes: number): void {
    const taken = takeOld(this.target, { trashId, path, bytes });
    if (typeof taken === 'string') this.failed(taken);
    const { old, thing } = taken;
    const place = volumeOf(path);
    if ('ticks' in thing) this.incoming.made.push({ is: 'volume', group: place?.group ?? '', name: thing.name, volume: thing, old });
    else this.incoming.made.push({ is: 'file', path, node: thing, old });
  }
  private makeVolume(dest: string, bytes: number): void {
    const [groupName = '', name = ''] = dest.split('/');
    const group = this.target.group(groupName);
    if (!group) this.failed(`  Volume group "${groupName}" not found `);
    if (group.volumes.has(name)) this.failed(`  Logical Volume "${name}" already exists in volume group "${groupName}" `);
    const volume = group.create(name, Math.ceil(bytes / 1048576));
    if (!volume) {
      const extents = Math.ceil(bytes / 1048576 / group.extentMiB);
      this.failed(
        `failed   Volume group "${groupName}" has insufficient free space (${group.freeMiB() / group.extentMiB} extents): ${extents} required. `,
      );
    }
    this.target.active.add(dest);
    this.incoming.made.push({ is: 'volume', group: groupName, name, volume });
  }
  private makeFile(asked: string, bytes: number, kind: string): void {
    const { files, lacks } = this.target;
    const dest = asked.replace(/^\.\//, `${incomingFolder(this.incoming.id)}/`);
    const tool = kind === 'qcow2' ? ['qemu-img', 'qemu-nbd'].find((one) => lacks.has(one)) : undefined;
    if (tool) this.failed(`./disks-in: 1: ${tool}: not found `);
    if (files.lstat(dest)) this.failed(`ln: failed to create hard link '${dest}': File exists `);
    if (dest !== asked) files.mkdir(dest.replace(/\/[^/]*$/, ''));
    const node = files.allot(dest, kind === 'qcow2' ? bytes + qcow2HeadBytes : bytes);
    if (kind === 'qcow2') node.virtualBytes = bytes;
    this.incoming.made.push({ is: 'file', path: dest, node });
  }
  /** What the guest counted on its disks has come with them. */
  private settle(): void {
    this.disks.forEach((disk, n) => {
      const made = this.incoming.made[n];
      const counted = this.countedOn(disk);
      if (made?.is === 'volume') made.volume.ticks = counted;
      else if (made) made.node.text = String(counted || '');
    });
  }
}
