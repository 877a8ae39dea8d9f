import type { SimHost } from './simHost.ts';

/** A job in its folder on a simulated host: work that goes on without any connection. */
export interface SimJob {
  id: string;
  lock: string;
  about: string;
  args: string[];
  /** Files in its folder, by name. */
  files: Map<string, string>;
  /** False: the folder is there, and nothing was started in it. */
  started: boolean;
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

/** Counts what changes a host's folder of jobs. */
const changes = new WeakMap<SimHost, number>();
export const jobChanges = (host: SimHost): number => changes.get(host) ?? 0;
export const touchJobs = (host: SimHost): void => void changes.set(host, jobChanges(host) + 1);

/** The folder of a job, as the programs that are simulated name it. */
export const jobFolder = (id: string): string => `/var/lib/xenferry/jobs/${id}`;

export const uptime = (host: SimHost): number => (host.office.time.now() - host.bootedAt) / 1000;

export function stateOf(host: SimHost, job: SimJob): 'new' | 'running' | 'ended' | 'died' {
  if (job.exit !== null) return 'ended';
  if (!job.started) return 'new';
  return host.isUpSince(job.boot) ? 'running' : 'died';
}

/** A folder for a job, in which nothing runs yet. */
export function prepareJob(host: SimHost, id: string, about: string): SimJob {
  const job: SimJob = {
    id,
    about,
    lock: '',
    args: [],
    files: new Map(),
    started: false,
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
  jobsOf(host).set(id, job);
  touchJobs(host);
  return job;
}

/** Whether somebody works on the guest of this lock now. */
export function isLocked(host: SimHost, lock: string): boolean {
  const holder = host.locks.get(lock);
  const held = holder === undefined ? undefined : jobsOf(host).get(holder);
  return held !== undefined && stateOf(host, held) === 'running';
}

/** Runs a prepared job to its end; false when somebody else works on that guest. */
export function startJob(host: SimHost, job: SimJob, work: JobWork): boolean {
  if (isLocked(host, job.lock)) return false;
  job.started = true;
  touchJobs(host);
  job.boot = host.bootedAt;
  job.beganAt = uptime(host);
  job.touchedAt = host.office.time.now();
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
