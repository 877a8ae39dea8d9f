import text from '../../engine/remote/programs/create.sh?raw';
import recoverText from '../../engine/remote/programs/create-recover.sh?raw';
import undoText from '../../engine/remote/programs/create-undo.sh?raw';
import leaseText from '../../engine/remote/programs/lease.sh?raw';
import { isLocked, type JobWork, jobSays, jobsOf, type SimJob, stateOf, stirJob, uptime } from '../model/jobs.ts';
import { giveLeases, takeLeases, tellDomid } from '../model/leases.ts';
import { create, destroy } from '../model/lifecycle.ts';
import type { SimHost } from '../model/simHost.ts';
import type { SimProgram } from '../server/proc.ts';
import { sizeOf } from './createCheck.ts';

/** The job that makes a guest, or leaves nothing behind. */
export const createJob: { text: string; work: JobWork } = { text, work: (host, job) => new Creation(host, job).run() };

/** Something made on the way; the journal of them survives a loss of power. */
type Made = { is: 'file' | 'link'; path: string } | { is: 'volume'; group: string; name: string };

class Stopped extends Error {
  readonly exit: number;
  constructor(exit: number) {
    super('stopped');
    this.exit = exit;
  }
}

class Creation {
  private readonly host: SimHost;
  private readonly job: SimJob;
  constructor(host: SimHost, job: SimJob) {
    this.host = host;
    this.job = job;
  }
  async run(): Promise<number> {
    const { host, job } = this;
    if (job.files.get('undo') !== undoText || job.files.get('lease') !== leaseText) return 1;
    try {
      const [, config = '', auto = '', kind = '', disk = '', size = '0', from = '', , starts = 'no'] = job.args;
      await this.step('disk');
      if (kind === 'volume') await this.volume(disk, { sizeMiB: Number(size), from });
      else if (kind !== 'none') await this.file(disk, { kind, sizeMiB: Number(size), from });
      await this.step('config');
      if (host.files.lstat(config)) this.giveUp('config', `ln: failed to create hard link '${config}': File exists`);
      host.files.write(config, job.files.get('config') ?? '', 0o600);
      remember(job, { is: 'file', path: config });
      if (auto !== '') {
        await this.step('autostart');
        if (host.files.lstat(auto)) this.giveUp('autostart', `${auto}: exists`);
        host.files.link(config, auto);
        remember(job, { is: 'link', path: auto });
      }
      if (starts === 'yes') await this.start(config);
      jobSays(job, 'ok');
      return 0;
    } catch (thrown) {
      if (thrown instanceof Stopped) return thrown.exit;
      throw thrown;
    }
  }
  private async step(word: string): Promise<void> {
    this.check();
    jobSays(this.job, `step ${word}`);
    await this.host.office.time.wait(200, this.job.cancel.signal);
    this.check();
  }
  /** Without power nothing more is done; cancelled, all is taken back. */
  private check(): void {
    if (stateOf(this.host, this.job) !== 'running') throw new Stopped(1);
    if (!this.job.cancel.signal.aborted || this.job.committed) return;
    undo(this.host, this.job);
    jobSays(this.job, 'cancelled');
    throw new Stopped(9);
  }
  private giveUp(step: string, said: string): never {
    for (const line of said.split('\n').filter(Boolean)) jobSays(this.job, `|${line}`);
    undo(this.host, this.job);
    jobSays(this.job, `failed ${step}`);
    throw new Stopped(1);
  }
  private async file(path: string, what: { kind: string; sizeMiB: number; from: string }): Promise<void> {
    const { host, job } = this;
    const { tree } = host.files.mountOf(path);
    if (tree.totalMiB - tree.usedMiB() < what.sizeMiB) this.giveUp('disk', `fallocate: fallocate failed: No space left on device`);
    if (what.from !== '') await this.copy(what.from);
    if (host.files.lstat(path)) this.giveUp('disk', `ln: failed to create hard link '${path}': File exists`);
    const node = host.files.allot(path, what.kind === 'qcow2' ? 200_704 : what.sizeMiB * 1048576);
    if (what.kind === 'qcow2') node.virtualBytes = what.sizeMiB * 1048576;
    remember(job, { is: 'file', path });
  }
  private async volume(path: string, what: { sizeMiB: number; from: string }): Promise<void> {
    const { host, job } = this;
    const [groupName = '', name = ''] = path.split('/');
    const group = host.group(groupName);
    if (!group) return this.giveUp('disk', `  Volume group "${groupName}" not found`);
    if (group.volumes.has(name)) this.giveUp('disk', `  Logical Volume "${name}" already exists in volume group "${groupName}"`);
    if (!group.create(name, what.sizeMiB)) {
      this.giveUp(
        'disk',
        `  Volume group "${groupName}" has insufficient free space (${group.freeMiB() / 4} extents): ${Math.ceil(what.sizeMiB / 4)} required.`,
      );
    }
    host.active.add(path);
    remember(job, { is: 'volume', group: groupName, name });
    if (what.from !== '') await this.copy(what.from);
  }
  private async copy(from: string): Promise<void> {
    const { host, job } = this;
    const size = sizeOf(host, from);
    await this.step('copy');
    if (size === null)
      return this.giveUp('copy', `qemu-img: Could not open '${from}': Could not open '${from}': No such file or directory`);
    // about 400 MB a second, as a pair of SSDs copies
    const seconds = Math.max(1, size / 400_000_000);
    for (let at = 1; at <= seconds; at += 1) {
      await host.office.time.wait(1_000, job.cancel.signal);
      this.check();
      jobSays(job, `percent ${Math.min(99, Math.floor((100 * at) / seconds))}`);
    }
    jobSays(job, 'percent 100');
  }
  private async start(config: string): Promise<void> {
    const { host, job } = this;
    await this.step('start');
    job.committed = true;
    job.files.set('starting', String(host.bootedAt));
    const taken = takeLeases(host, job.id, leasesOf(job));
    if (taken.held) this.giveUp('start', taken.said.join('\n'));
    const said = await create(host, config, { paused: false, quiet: false });
    if (stateOf(host, job) !== 'running') throw new Stopped(1);
    if (said.exit !== 0) this.giveUp('start', said.stderr);
    tellDomid(host, job.id, leasesOf(job));
  }
}

/** As `lease` takes them: UUID, name, SEEN DISK in pairs. */
const leasesOf = (job: SimJob): string[] => [job.args[0] ?? '', ...job.args.slice(9)];
const madeOf = (job: SimJob): Made[] => JSON.parse(job.files.get('made') ?? '[]');
const remember = (job: SimJob, made: Made): void => void job.files.set('made', JSON.stringify([...madeOf(job), made]));
const nameOf = (made: Made): string => (made.is === 'volume' ? `/dev/${made.group}/${made.name}` : made.path);

/** Takes back what was made: autostart and config first, so that nothing starts while its disk goes. */
function undo(host: SimHost, job: SimJob): void {
  giveLeases(host, job.id, leasesOf(job));
  for (const made of madeOf(job).reverse()) {
    if (made.is === 'volume') {
      host.group(made.group)?.volumes.delete(made.name);
      host.active.delete(`${made.group}/${made.name}`);
    } else if (host.files.lstat(made.path)) host.files.remove(made.path);
    jobSays(job, `undone ${nameOf(made)}`);
  }
}

/** Puts an end to a creation whose process is gone. */
export const createRecover: SimProgram = {
  name: 'create-recover',
  text: recoverText,
  async run(proc) {
    const { host } = proc;
    const failed = (why: string): number => {
      proc.out(`failed ${why}\n`);
      return 1;
    };
    const job = jobsOf(host).get(proc.args[0] ?? '');
    if (!job?.started || !job.files.has('undo')) return failed('gone');
    if (job.exit !== null) return failed('ended');
    if (isLocked(host, job.lock)) return failed('busy');
    await host.office.time.wait(100);
    job.exit = await settle(host, job);
    job.finishedAt = uptime(host);
    stirJob(job);
    proc.out('ok\n');
    return 0;
  },
};

async function settle(host: SimHost, job: SimJob): Promise<number> {
  const starting = job.files.get('starting');
  const domain = host.inOrder().find((one) => one.uuid === job.args[0]);
  if (starting !== undefined) {
    if (domain && domain.pauses === 0) {
      jobSays(job, 'ok');
      return 0;
    }
    if (starting !== String(host.bootedAt)) {
      // the guest may have run before the host went down: nothing of it is thrown away
      for (const made of madeOf(job)) jobSays(job, `left ${nameOf(made)}`);
      jobSays(job, 'failed start');
      return 8;
    }
    if (domain) await destroy(host, domain);
  }
  undo(host, job);
  jobSays(job, 'failed interrupted');
  return 1;
}
