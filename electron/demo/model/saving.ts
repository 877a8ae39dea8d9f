import type { SimDomain } from './domain.ts';
import { FileError } from './files.ts';
import { jobFolder, jobSays, type SimJob } from './jobs.ts';
import { pause, type Said, start, unpause } from './lifecycle.ts';
import { rename } from './migrate.ts';
import { type Incoming, incomingFolder } from './moves.ts';
import type { SimHost } from './simHost.ts';
import { readConfig } from './xlcfg.ts';

/** A guest of a simulated host whose memory is saved to a file, and restored elsewhere (captures xl-save-p, xl-restore). */

const mib = 1048576;
/** Written to a disk of the host, not sent. */
const savedBytesPerS = 400 * mib;
const memoryOf = (job: SimJob): string => `${jobFolder(job.id)}/memory`;

/** `xl save -p DOMID memory` in a job's folder, and the line of disks.list that it becomes. False: it runs on. */
export async function save(host: SimHost, job: SimJob, domain: SimDomain): Promise<boolean> {
  const { time } = host.office;
  job.files.set('saving', '');
  jobSays(job, 'Saving to memory new xl format (info 0x3/0x0/1286)');
  jobSays(job, `xc: info: Saving domain ${domain.domid}, type x86 ${domain.config.type === 'pv' ? 'PV' : 'HVM'}`);
  pause(host, domain);
  const bytes = domain.memoryMiB * mib;
  try {
    host.files.mkdir(memoryOf(job).replace(/\/memory$/, ''));
    host.files.allot(memoryOf(job), bytes);
    const { tree } = host.files.mountOf(memoryOf(job));
    if (tree.usedMiB() > tree.totalMiB) throw new FileError('No space left on device');
  } catch (thrown) {
    if (!(thrown instanceof FileError)) throw thrown;
    forgetMemory(host, job);
    unpause(host, domain);
    jobSays(job, 'xc: error: Failed to write page data to stream (28 = No space left on device): Internal error');
    jobSays(job, 'xc: error: Save failed (28 = No space left on device): Internal error');
    jobSays(job, 'Failed to save domain, resuming domain');
    return false;
  }
  await time.wait((bytes / savedBytesPerS) * 1000);
  jobSays(job, 'xc: progress: Frames: 1044480/1044480  100%');
  const list = job.files.get('disks.list') ?? '';
  job.files.set('disks.list', `${list}${list.split('\n').length - 1}\tstill\t${bytes}\tmemory\tmemory\n`);
  return true;
}

/** It goes on where it stood, if it stands still. */
export function goOn(host: SimHost, domain: SimDomain, name: string): void {
  rename(host, domain, name);
  unpause(host, domain);
}

/** `xl restore` at the target, from what came with its disks: as it was saved, or by the config that stands there. */
export async function restore(target: SimHost, incoming: Incoming, from: SimDomain, byConfig: boolean): Promise<Said> {
  const { config } = incoming;
  const own = byConfig && config ? readConfig(config.path, config.text) : from.config;
  return await start(target, own, false, from);
}

/** The file goes; the guest needs it no more. */
export function forgetMemory(host: SimHost, job: SimJob): void {
  if (host.files.lstat(memoryOf(job))) host.files.remove(memoryOf(job));
  job.files.delete('saving');
}
/** The same at the target. */
export function forgetIncoming(target: SimHost, incoming: Incoming): void {
  const memory = incoming.made.find((one) => one.is === 'file' && one.path === `${incomingFolder(incoming.id)}/memory`);
  if (memory?.is !== 'file') return;
  if (target.files.lstat(memory.path) === memory.node) target.files.remove(memory.path);
  incoming.made = incoming.made.filter((one) => one !== memory);
}
