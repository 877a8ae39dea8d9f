import carryText from '../../engine/remote/programs/move-carry.sh?raw';
import text from '../../engine/remote/programs/move-job.sh?raw';
import { type JobWork, jobPhase, jobSays, type SimJob } from '../model/jobs.ts';
import { migrate } from '../model/migrate.ts';
import { asideOf, type Incoming, incomingOf, install, putBack, takeAutoAside, takeConfigAside, unlock } from '../model/moves.ts';
import type { SimHost } from '../model/simHost.ts';

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
  jobPhase(job, 'connecting');
  let exit = 1;
  if (!job.cancel.signal.aborted) {
    const way = await transport(host, job, address);
    if (typeof way === 'string') jobSays(job, way);
    else exit = await carry(host, job, { ...way, domid: Number(domid) });
  }
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

interface Way {
  target: SimHost;
  incoming: Incoming;
}

/** ssh to the target as root with the one-shot key: the pinned host keys, the key's line, its conditions. */
async function transport(host: SimHost, job: SimJob, address: string): Promise<Way | string> {
  await host.office.time.wait(300, job.cancel.signal);
  if (job.files.get('carry') !== carryText) return 'sh: 0: cannot open carry: No such file';
  const broken =
    'libxl: error: libxl_utils.c:505:libxl_read_exactly: file/stream truncated reading banner from migration receiver stream\nlibxl: info: libxl_exec.c:117:libxl_report_child_exitstatus: migration transport process [5700] exited with error status 255';
  const target = host.office.find(address);
  if (!target || target.dead) return `ssh: connect to host ${address} port 22: No route to host\n${broken}`;
  const pinned = (job.files.get('known_hosts') ?? '').split('\n').map((line) => line.split(' ').slice(1, 3).join(' '));
  if (!target.keys.some((key) => pinned.includes(key))) return `Host key verification failed.\n${broken}`;
  const key = (job.files.get('key.pub') ?? '').split(' ').slice(0, 2).join(' ');
  const incoming = [...incomingOf(target).values()].find((one) => one.keyLine?.includes(key) && hasLine(target, one));
  if (!incoming?.keyLine?.includes(host.about.ownAddress)) return `root@${address}: Permission denied (publickey,password).\n${broken}`;
  unlock(target, incoming);
  if (incoming.stage !== 'staged') return `xenferry: this key was used already\n${broken}`;
  incoming.stage = 'receiving';
  return { target, incoming };
}

const hasLine = (target: SimHost, incoming: Incoming): boolean =>
  (target.files.stat(incoming.keysFile)?.text ?? '').split('\n').includes(incoming.keyLine ?? '');

async function carry(host: SimHost, job: SimJob, way: Way & { domid: number }): Promise<number> {
  const { target, incoming } = way;
  const domain = host.domains.get(way.domid);
  if (!domain) return 1;
  const { bootedAt } = target;
  jobPhase(job, 'moving');
  const exit = await migrate({
    source: host,
    target,
    domain,
    say: (line) => jobSays(job, line),
    sent: (bytes) => {
      job.sentBytes = bytes;
    },
    cut: job.cancel.signal,
    permit: async () => decide(host, job),
  });
  // a target that lost power meanwhile writes nothing into its folder any more
  if (target.dead || target.bootedAt !== bootedAt) return exit;
  if (exit === 0) {
    const hindered = install(target, incoming);
    jobSays(job, hindered ? `failed ${hindered}` : 'ok');
  }
  incoming.stage = exit === 0 ? 'received' : 'failed';
  return exit;
}

/** Under the job's lock: cancelled before, or the point of no return. */
function decide(host: SimHost, job: SimJob): boolean {
  if (job.cancel.signal.aborted) return false;
  if (takeConfigAside(host, job)) return true;
  job.files.set('changed', '');
  jobSays(job, `xenferry: ${asideOf(job).config ?? ''} was changed meanwhile`);
  return false;
}
