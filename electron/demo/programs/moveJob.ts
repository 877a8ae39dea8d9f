import carryText from '../../engine/remote/programs/move-carry.sh?raw';
import disksText from '../../engine/remote/programs/move-disks.sh?raw';
import text from '../../engine/remote/programs/move-job.sh?raw';
import linkText from '../../engine/remote/programs/move-link.sh?raw';
import shownText from '../../engine/remote/programs/move-shown.sh?raw';
import watchText from '../../engine/remote/programs/move-watch-writes.sh?raw';
import { logInByAgent } from '../model/agentLogin.ts';
import { DiskCopy, disksListOf } from '../model/diskCopy.ts';
import type { SimDomain } from '../model/domain.ts';
import { connectFrom } from '../model/doors.ts';
import { type JobWork, jobPhase, jobSays, type SimJob } from '../model/jobs.ts';
import { takeLeases, tellDomid } from '../model/leases.ts';
import { migrate } from '../model/migrate.ts';
import { admit, asideOf, type Incoming, incomingOf, install, putBack, takeAutoAside, takeConfigAside, unlock } from '../model/moves.ts';
import type { SimHost } from '../model/simHost.ts';
import { readConfig } from '../model/xlcfg.ts';
import { configText as keepText, shelve } from './config.ts';

/** The job on the source: `xl migrate` through the transport `carry`, and what must be true before and after. */
export const moveJob: { text: string; work: JobWork } = { text, work: run };

async function run(host: SimHost, job: SimJob): Promise<number> {
  const [name = '', domid = '', uuid = '', address = ''] = job.args;
  jobPhase(job, 'preparing');
  const domain = host.domains.get(Number(domid));
  if (domain?.uuid !== uuid) {
    jobSays(job, `xenferry: domain ${domid} is not ${uuid} any more`);
    jobPhase(job, 'stayed');
    return 1;
  }
  takeAutoAside(host, job);
  const { bootedAt } = host;
  const disks = await copyDisks(host, job, { domain, address });
  if (host.dead || host.bootedAt !== bootedAt) return 1;
  jobPhase(job, 'connecting');
  let exit = 1;
  if (disks !== 'failed' && !job.cancel.signal.aborted) {
    const way = await transport(host, job, { address, what: 'memory' });
    if (typeof way === 'string') jobSays(job, `${way}\n${brokenBanner(255)}`);
    else {
      exit = await carry(host, job, { ...way, domid: Number(domid), disks });
      way.end();
    }
  }
  if (host.dead || host.bootedAt !== bootedAt) return 1;
  if (exit === 0 && disks) shelveDisks(host, job);
  const still = host.domains.get(Number(domid));
  const changed = job.files.has('changed');
  if (exit === 0) jobPhase(job, 'moved');
  else if (still?.name === name || (!still && !job.committed)) {
    putBack(host, job);
    jobPhase(job, changed ? 'changed' : job.cancel.signal.aborted ? 'cancelled' : 'stayed');
  } else jobPhase(job, 'undecided');
  job.files.delete('key');
  return exit;
}

/** Disks that only this host has go first. null: there are none. */
async function copyDisks(host: SimHost, job: SimJob, about: { domain: SimDomain; address: string }): Promise<DiskCopy | 'failed' | null> {
  if (!job.files.has('disks.list')) return null;
  if (job.cancel.signal.aborted) return 'failed';
  jobPhase(job, 'copying');
  if (!hasDiskPrograms(job)) {
    jobSays(job, 'sh: 0: cannot open ./disks: No such file');
    return 'failed';
  }
  const way = await transport(host, job, { address: about.address, what: 'disks' });
  if (typeof way === 'string') {
    jobSays(job, `${way}\ndisks failed link`);
    return 'failed';
  }
  way.incoming.takesDisks = true;
  const disks = new DiskCopy({ source: host, job, ...way, domain: about.domain });
  if (!(await disks.live())) return 'failed';
  admit(way.target, way.incoming, 'memory');
  return disks;
}

/** The job's folder holds what moves its disks, word by word. */
export function hasDiskPrograms({ files }: SimJob): boolean {
  const shows = !files.has('qcow2') || files.get('shown') === shownText;
  return shows && files.get('disks') === disksText && files.get('watch-writes') === watchText && files.get('keep') === keepText;
}

/** The guest has gone: what it leaves goes to the trash, and stays there until somebody lets it go. */
export function shelveDisks(host: SimHost, job: SimJob): void {
  const line = (name: string): string => (job.files.get(name) ?? '').split('\n')[0] ?? '';
  const guest = {
    lock: job.lock,
    name: line('name'),
    text: job.files.get('aside/config') ?? '',
    file: asideOf(job).config ?? '',
    where: line('target'),
  };
  const disks = disksListOf(job.files.get('disks.list') ?? '').filter(({ vdev }) => vdev !== 'memory');
  if (disks.length === 0) return;
  for (const why of shelve(host, job.id, guest, disks)) jobSays(job, `disks kept ${why}`);
}

export interface Way {
  target: SimHost;
  incoming: Incoming;
  /** Aborted when the transport breaks, or somebody cancels. */
  cut: AbortSignal;
  end(): void;
}

const brokenBanner = (exit: number): string =>
  `libxl: error: libxl_utils.c:505:libxl_read_exactly: file/stream truncated reading banner from migration receiver stream\nlibxl: info: libxl_exec.c:117:libxl_report_child_exitstatus: migration transport process [5700] exited with error status ${exit}`;

/** ssh to the target with the one-shot key, or by the operator's agent: the pinned host keys, and whether it is let in. A text: why not. */
export async function transport(
  host: SimHost,
  job: SimJob,
  to: { address: string; what: 'disks' | 'memory' | 'knock' },
): Promise<Way | string> {
  const { address, what } = to;
  await host.office.time.wait(300, job.cancel.signal);
  if (job.files.get('link') !== linkText) return 'sh: 0: cannot open link: No such file';
  const onward = await connectFrom(host, address, Number(job.files.get('port') ?? '22'));
  if (typeof onward === 'string') return onward;
  const { target } = onward;
  const pinned = (job.files.get('known_hosts') ?? '').split('\n').map((line) => line.split(' ').slice(1, 3).join(' '));
  if (!target.keys.some((key) => pinned.includes(key))) return 'Host key verification failed.';
  const found = await (job.files.has('agent') ? byAgent : byKey)(host, job, { target, address, what });
  if (typeof found === 'string') return found;
  const { incoming, allows } = found;
  unlock(target, incoming);
  if (incoming.stage !== 'staged' || allows !== what) return 'xenferry: this key was used already';
  if (what === 'memory') incoming.stage = 'receiving';
  const told = () => jobSays(job, `Connection to ${address} closed by remote host.`);
  onward.lost.addEventListener('abort', told, { once: true });
  const end = () => {
    onward.lost.removeEventListener('abort', told);
    onward.end();
  };
  return { target, incoming, cut: AbortSignal.any([job.cancel.signal, onward.lost]), end };
}

interface LetIn {
  incoming: Incoming;
  allows: 'disks' | 'memory' | 'knock';
}

interface ToLetIn {
  target: SimHost;
  address: string;
  what: LetIn['allows'];
}

/** The key's line, and its conditions. */
async function byKey(host: SimHost, job: SimJob, { target, address }: ToLetIn): Promise<LetIn | string> {
  const key = (job.files.get('key.pub') ?? '').split(' ').slice(0, 2).join(' ');
  const incoming = [...incomingOf(target).values()].find((one) => one.keyLine?.includes(key) && hasLine(target, one));
  // through a desktop it comes from the target itself
  const from = address === '127.0.0.1' ? address : host.about.ownAddress;
  if (!incoming?.keyLine?.includes(from)) return `root@${address}: Permission denied (publickey,password).`;
  const allows = incoming.keyLine.includes('/receive disks"') ? 'disks' : incoming.keyLine.includes('/knock"') ? 'knock' : 'memory';
  return { incoming, allows };
}

/** A signature of the operator's agent, then our program by its name, which looks whether it is expected. */
async function byAgent(host: SimHost, job: SimJob, { target, address, what }: ToLetIn): Promise<LetIn | string> {
  const [socket = '', user = '', asks = ''] = ['agent', 'login', 'asks'].map((name) => (job.files.get(name) ?? '').trimEnd());
  if (!(await logInByAgent(host, socket, target, user))) return `${user}@${address}: Permission denied (publickey,password).`;
  const id = /^sh \/var\/lib\/xenferry\/incoming\/([^/]+)\/receive$/.exec(asks)?.[1] ?? '';
  const incoming = incomingOf(target).get(id);
  if (!incoming) return `sh: 0: cannot open ${asks.slice(3)}: No such file`;
  const { expects } = incoming;
  if (expects?.what !== what || host.office.time.now() > expects.until) return 'xenferry: nobody is expected here now';
  return { incoming, allows: what };
}

const hasLine = (target: SimHost, incoming: Incoming): boolean =>
  (target.files.stat(incoming.keysFile)?.text ?? '').split('\n').includes(incoming.keyLine ?? '');

async function carry(host: SimHost, job: SimJob, way: Way & { domid: number; disks: DiskCopy | null }): Promise<number> {
  const { target, incoming } = way;
  const domain = host.domains.get(way.domid);
  if (!domain) return 1;
  const { bootedAt } = target;
  const told = job.files.get('config.target');
  if (job.files.get('carry') !== carryText) {
    jobSays(job, 'sh: 0: cannot open carry: No such file');
    return 1;
  }
  jobPhase(job, 'moving');
  job.sentBytes = 0; // the process that memory goes through counts from nothing, and is there before xl's first word
  const exit = await migrate({
    source: host,
    target,
    domain,
    ...(told === undefined ? {} : { config: readConfig('config.target', told) }),
    say: (line) => jobSays(job, line),
    sent: (bytes) => {
      job.sentBytes = bytes;
    },
    cut: way.cut,
    permit: async () => (!way.disks || (await way.disks.last())) && decide(host, job),
  });
  // a target that lost power meanwhile writes nothing into its folder any more
  if (target.dead || target.bootedAt !== bootedAt) return exit;
  if (exit === 0) {
    const hindered = install(target, incoming);
    jobSays(job, hindered ? `failed ${hindered}` : 'ok');
    const [guest = '', name = '', ...disks] = incoming.leases;
    const words = [guest, name, ...disks.flatMap((disk) => ['*', disk])];
    takeLeases(target, incoming.id, words);
    tellDomid(target, incoming.id, words);
  }
  incoming.stage = exit === 0 ? 'received' : 'failed';
  return exit;
}

/** Under the job's lock: cancelled before, or the point of no return. */
export function decide(host: SimHost, job: SimJob): boolean {
  if (job.cancel.signal.aborted) return false;
  if (takeConfigAside(host, job)) return true;
  job.files.set('changed', '');
  jobSays(job, `xenferry: ${asideOf(job).config ?? ''} was changed meanwhile`);
  return false;
}
