import text from '../../engine/remote/programs/move-stopped.sh?raw';
import { DiskCopy } from '../model/diskCopy.ts';
import type { SimDomain } from '../model/domain.ts';
import { type JobWork, jobPhase, jobSays, type SimJob } from '../model/jobs.ts';
import { takeLeases, tellDomid } from '../model/leases.ts';
import { ask, create, destroy } from '../model/lifecycle.ts';
import { rename } from '../model/migrate.ts';
import { asideOf, install, putBack, takeAutoAside, uninstall } from '../model/moves.ts';
import { forgetIncoming, forgetMemory, goOn, restore, save } from '../model/saving.ts';
import type { SimHost } from '../model/simHost.ts';
import { decide, hasDiskPrograms, shelveDisks, transport, type Way } from './moveJob.ts';

/** The job on the source of a move with a stop: the guest is shut down or saved, its disks go, and it is started or restored there. */
export const stoppedJob: { text: string; work: JobWork } = { text, work: run };

/** How it came to an end before the target had the config. */
type Ended = 'back' | 'undecided';

async function run(host: SimHost, job: SimJob): Promise<number> {
  const [name = '', uuid = '', domid = '', seconds = '', saves = ''] = job.args;
  const { bootedAt } = host;
  const cut = () => host.dead || host.bootedAt !== bootedAt;
  const stopped: Stopped = { at: null, kept: null };
  const here = () =>
    stopped.kept
      ? stopped.kept.pauses === 0 || !host.inOrder().includes(stopped.kept)
      : host.inOrder().some((one) => one.name === name || one.uuid === uuid);
  jobPhase(job, 'preparing');
  const came = await move(host, job, { domid, uuid, seconds: Number(seconds), saves: saves === 'save', here, stopped });
  if (cut()) return 1;
  let ended: Ended | null = typeof came === 'string' ? came : null;
  if (typeof came !== 'string') {
    if (domid) ended = await startThere(host, job, { ...came, stoppedAt: stopped.at ?? 0, kept: stopped.kept });
    came.end();
    if (cut()) return 1;
    came.incoming.takesDisks = false;
  }
  if (ended === null) {
    if (stopped.kept) await destroy(host, stopped.kept);
    shelveDisks(host, job);
    jobPhase(job, 'moved');
  } else if (ended === 'undecided') jobPhase(job, 'undecided');
  else {
    if (job.files.has('appeared')) jobSays(job, 'xenferry: started here meanwhile');
    putBack(host, job);
    if (stopped.kept && !here()) goOn(host, stopped.kept, name);
    else if (stopped.at !== null && !here()) await startAgain(host, job);
    if (cut()) return 1;
    jobPhase(job, job.files.has('changed') ? 'changed' : job.cancel.signal.aborted ? 'cancelled' : 'stayed');
  }
  job.files.delete('key');
  if (ended !== 'undecided') forgetMemory(host, job);
  return ended === null ? 0 : 1;
}

interface Stopped {
  at: number | null;
  /** It stands paused here, its memory in a file. */
  kept: SimDomain | null;
}

interface Moving {
  saves: boolean;
  domid: string;
  uuid: string;
  seconds: number;
  here: () => boolean;
  stopped: Stopped;
}

async function move(host: SimHost, job: SimJob, about: Moving): Promise<Way | Ended> {
  const { here } = about;
  if (!about.domid && here()) job.files.set('appeared', '');
  if (
    job.files.has('appeared') ||
    (about.domid && !(await (about.saves ? saveIt : shutDown)(host, job, about))) ||
    job.cancel.signal.aborted
  )
    return 'back';
  jobPhase(job, 'copying');
  const address = (job.files.get('address') ?? '').trim();
  if (!hasDiskPrograms(job)) {
    jobSays(job, 'sh: 0: cannot open ./disks: No such file');
    return 'back';
  }
  const way = await transport(host, job, { address, what: 'disks' });
  if (typeof way === 'string') {
    jobSays(job, `${way}\ndisks failed link`);
    return 'back';
  }
  way.incoming.takesDisks = true;
  const ended = await handOver(host, job, way, about);
  if (ended === null) return way;
  way.incoming.takesDisks = false;
  way.end();
  return ended;
}

/** null: the target has all of it. */
async function handOver(host: SimHost, job: SimJob, way: Way, { here, stopped: { kept } }: Moving): Promise<Ended | null> {
  if (!(await new DiskCopy({ source: host, job, ...way, domain: null }).still())) return 'back';
  jobPhase(job, 'switching');
  if (here()) job.files.set('appeared', '');
  if (job.files.has('appeared') || !decide(host, job)) return 'back';
  takeAutoAside(host, job);
  if (kept) rename(host, kept, `${kept.config.name}--migratedaway`);
  await host.office.time.wait(1000);
  if (way.target.dead || way.cut.aborted || !way.incoming.takesDisks) {
    jobSays(job, 'disks failed link');
    return 'undecided';
  }
  const hindered = install(way.target, way.incoming);
  if (!hindered) return null;
  jobSays(job, `disks failed ${hindered}`);
  job.committed = false;
  return 'back';
}

const noPvControl = [
  'PV control interface not available: external graceful shutdown not possible.',
  'Use "-F" to fallback to ACPI power event.',
  'shutdown failed (rc=-10)',
].join('\n');

async function shutDown(host: SimHost, job: SimJob, { domid, uuid, seconds, here, stopped }: Moving): Promise<boolean> {
  if (job.cancel.signal.aborted) return false;
  jobPhase(job, 'stopping');
  const { time } = host.office;
  const domain = host.domains.get(Number(domid));
  if (domain?.uuid !== uuid) {
    jobSays(job, `xenferry: domain ${domid} is not ${uuid} any more`);
    return false;
  }
  jobSays(job, `Shutting down domain ${domid}`);
  if (!host.store.has(`/local/domain/${domid}/control/feature-poweroff`)) {
    jobSays(job, noPvControl);
    return false;
  }
  ask(host, domain, 'poweroff');
  for (let waited = 0; here(); waited += 1) {
    if (host.dead) return false;
    if (waited >= seconds) {
      jobSays(job, `xenferry: still running after ${seconds} seconds`);
      return false;
    }
    await time.wait(1000);
  }
  stopped.at = time.now();
  return true;
}

/** Its memory goes to a file, and it stands paused. */
async function saveIt(host: SimHost, job: SimJob, { domid, uuid, stopped }: Moving): Promise<boolean> {
  if (job.cancel.signal.aborted) return false;
  jobPhase(job, 'saving');
  const domain = host.domains.get(Number(domid));
  if (domain?.uuid !== uuid) {
    jobSays(job, `xenferry: domain ${domid} is not ${uuid} any more`);
    return false;
  }
  stopped.at = host.office.time.now();
  if (!(await save(host, job, domain))) {
    stopped.at = null;
    return false;
  }
  stopped.kept = domain;
  return !host.dead;
}

/** null: it runs there. */
async function startThere(
  host: SimHost,
  job: SimJob,
  { target, incoming, cut, stoppedAt, kept }: Way & { stoppedAt: number; kept: SimDomain | null },
): Promise<Ended | null> {
  jobPhase(job, 'starting');
  const boot = target.bootedAt;
  const said = kept
    ? await restore(target, incoming, kept, job.files.has('config.target'))
    : await create(target, incoming.config?.path ?? '', { paused: false, quiet: false });
  const lost = () => {
    jobSays(job, 'disks failed link\nxenferry: not started there');
    return 'undecided' as const;
  };
  if (!target.isUpSince(boot)) return lost();
  if (said.exit !== 0) {
    uninstall(target, incoming);
    jobSays(job, `disks failed returned ${said.stderr.replaceAll('\n', ' ')}\nxenferry: not started there`);
    job.committed = false;
    return 'back';
  }
  forgetIncoming(target, incoming);
  lease(target, incoming.id, incoming.leases);
  if (cut.aborted) return lost();
  jobSays(job, `stopped for ${Math.round((host.office.time.now() - stoppedAt) / 100)}`);
  return null;
}

async function startAgain(host: SimHost, job: SimJob): Promise<void> {
  const said = await create(host, asideOf(job).config ?? '', { paused: false, quiet: false });
  jobSays(job, said.stderr);
  if (said.exit !== 0) jobSays(job, 'xenferry: not started again');
  else lease(host, job.id, (job.files.get('lease.of') ?? '').split('\n').filter(Boolean));
}

/** `lease over`. */
function lease(host: SimHost, id: string, [guest = '', name = '', ...disks]: readonly string[]): void {
  if (name === '') return;
  const words = [guest, name, ...disks.flatMap((disk) => ['*', disk])];
  takeLeases(host, id, words);
  tellDomid(host, id, words);
}
