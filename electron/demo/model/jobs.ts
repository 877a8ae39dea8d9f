import type { SimHost } from './simHost.ts';

/** A job in its folder on a simulated host: work that goes on without any connection. */
export interface SimJob {
  id: string;
  lock: string;
  about: string;
  args: string[];
  files: Map<string, string>;
  log: string[];
  phase: string | null;
  committed: boolean;
  /** Aborted when somebody cancels before the point of no return. */
  cancel: AbortController;
  sentBytes: number | null;
  /** Host's uptime in seconds. */
  beganAt: number;
  finishedAt: number | null;
  exit: number | null;
  /** When its folder changed last, ms. */
  touchedAt: number;
  /** The boot it runs in: after another one its process is gone. */
  boot: number;
  changed: Set<() => void>;
}

/** Work of a job: what its shell text does, re-told. Answers its exit status. */
export type JobWork = (host: SimHost, job: SimJob) => Promise<number>;

const jobs = new WeakMap<SimHost, Map<string, SimJob>>();
export function jobsOf(host: SimHost): Map<string, SimJob> {
  const found = jobs.get(host) ?? new Map<string, SimJob>();
  jobs.set(host, found);
  return found;
}

export const uptime = (host: SimHost): number => (host.office.time.now() - host.bootedAt) / 1000;

export function stateOf(host: SimHost, job: SimJob): 'running' | 'ended' | 'died' {
  if (job.exit !== null) return 'ended';
  return job.boot === host.bootedAt && !host.dead ? 'running' : 'died';
}

/** Runs a job to its end; false when somebody else works on that guest. */
export function startJob(host: SimHost, made: Pick<SimJob, 'id' | 'lock' | 'about' | 'args' | 'files'>, work: JobWork): boolean {
  const holder = host.locks.get(made.lock);
  const held = holder === undefined ? undefined : jobsOf(host).get(holder);
  if (held && stateOf(host, held) === 'running') return false;
  const job: SimJob = {
    ...made,
    log: [],
    phase: null,
    committed: false,
    cancel: new AbortController(),
    sentBytes: null,
    beganAt: uptime(host),
    finishedAt: null,
    exit: null,
    touchedAt: host.office.time.now(),
    boot: host.bootedAt,
    changed: new Set(),
  };
  jobsOf(host).set(job.id, job);
  host.locks.set(job.lock, job.id);
  void work(host, job)
    .catch((thrown: unknown) => {
      jobSays(job, `simulated job failed: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
      return 125;
    })
    .then((exit) => {
      // a machine that lost power meanwhile writes nothing more
      if (stateOf(host, job) !== 'running') return;
      job.finishedAt = uptime(host);
      job.exit = exit;
      job.touchedAt = host.office.time.now();
      host.locks.delete(job.lock);
      stirJob(job);
    });
  return true;
}

export function jobSays(job: SimJob, text: string): void {
  job.log.push(...text.split('\n').filter((line) => line !== ''));
  stirJob(job);
}
export function jobPhase(job: SimJob, phase: string): void {
  job.phase = phase;
  stirJob(job);
}
export function stirJob(job: SimJob): void {
  for (const heard of [...job.changed]) heard();
}
