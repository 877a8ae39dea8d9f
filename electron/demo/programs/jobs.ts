import cancelText from '../../engine/remote/programs/job-cancel.sh?raw';
import followText from '../../engine/remote/programs/job-follow.sh?raw';
import listText from '../../engine/remote/programs/job-list.sh?raw';
import removeText from '../../engine/remote/programs/job-remove.sh?raw';
import startText from '../../engine/remote/programs/job-start.sh?raw';
import { jobsOf, prepareJob, type SimJob, startJob, stateOf, stirJob, touchJobs, uptime } from '../model/jobs.ts';
import type { Proc, SimProgram } from '../server/proc.ts';
import { workOf } from './jobWorks.ts';

const failed = (proc: Proc, why: string): number => {
  proc.out(`failed ${why}\n`);
  return 1;
};

export const jobStart: SimProgram = {
  name: 'job-start',
  text: startText,
  async run(proc) {
    const [id = '', lock = '', about = '', ...args] = proc.args;
    if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(id) || !/^[A-Za-z0-9._-]+$/.test(lock)) return failed(proc, 'name');
    const before = jobsOf(proc.host).get(id);
    if (before?.files.has('program')) return failed(proc, 'exists');
    const files = new Map<string, string>();
    for (const line of (await proc.stdin.text()).split('\n').filter(Boolean)) {
      const [word, name = '', data = ''] = line.split(' ');
      if (word !== 'file' || name.includes('/') || name.startsWith('.')) return failed(proc, 'input');
      files.set(name, Buffer.from(data, 'base64').toString('utf8'));
    }
    const program = files.get('program');
    if (program === undefined) return failed(proc, 'input');
    const work = workOf(program);
    if (!work) {
      proc.err('simulated host: the program of this job is not known\n');
      return failed(proc, 'start');
    }
    const job = before ?? prepareJob(proc.host, id, about);
    for (const [name, content] of files) job.files.set(name, content);
    Object.assign(job, { lock, about, args });
    if (!startJob(proc.host, job, work)) {
      jobsOf(proc.host).delete(id);
      return failed(proc, 'busy');
    }
    proc.out('ok\n');
    return 0;
  },
};

export const jobList: SimProgram = {
  name: 'job-list',
  text: listText,
  run(proc) {
    const now = proc.host.office.time.now();
    for (const job of jobsOf(proc.host).values()) {
      const age = Math.floor((now - job.touchedAt) / 1000);
      const size = job.log.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
      proc.out(`${['job', job.id, stateOf(proc.host, job), job.exit ?? '-', age, size, job.about].join('\t')}\n`);
    }
    proc.out('ok\n');
    return 0;
  },
};

export const jobFollow: SimProgram = {
  name: 'job-follow',
  text: followText,
  async run(proc) {
    const [id = '', skip = '0'] = proc.args;
    const job = jobsOf(proc.host).get(id);
    if (!job) return failed(proc, 'gone');
    const teller = new Teller(proc, job, Number(skip));
    proc.out(`began ${job.beganAt.toFixed(2)}\n`);
    while (!proc.stdin.ended) {
      const state = stateOf(proc.host, job);
      teller.tell();
      if (state !== 'running') {
        proc.out(`ended ${state === 'died' ? 'died' : job.exit} ${(job.finishedAt ?? uptime(proc.host)).toFixed(2)}\nok\n`);
        return 0;
      }
      await nextTick(proc, job);
    }
    return 0;
  },
};

/** Says of a job what was not said yet. */
class Teller {
  private readonly proc: Proc;
  private readonly job: SimJob;
  private said: number;
  private phase: string | null = null;
  private committed = false;
  private sent: number | null = null;
  constructor(proc: Proc, job: SimJob, skip: number) {
    this.proc = proc;
    this.job = job;
    this.said = skip;
  }
  tell(): void {
    const { proc, job } = this;
    for (; this.said < job.log.length; this.said += 1) proc.out(`|${job.log[this.said] ?? ''}\n`);
    if (job.phase !== null && job.phase !== this.phase) proc.out(`phase ${job.phase}\n`);
    this.phase = job.phase;
    if (job.committed && !this.committed) proc.out('committed\n');
    this.committed = job.committed;
    if (job.sentBytes !== null && job.sentBytes !== this.sent)
      proc.out(`sent ${Math.floor(job.sentBytes)} ${uptime(proc.host).toFixed(2)}\n`);
    this.sent = job.sentBytes;
  }
}

/** A second, or the end of the job, or of whoever listens. */
function nextTick(proc: Proc, job: SimJob): Promise<void> {
  return new Promise((resolve) => {
    const undo = proc.host.office.time.after(1_000, done);
    function done(): void {
      undo();
      job.changed.delete(changed);
      proc.signal.removeEventListener('abort', done);
      resolve();
    }
    function changed(): void {
      if (job.exit !== null) done();
    }
    job.changed.add(changed);
    proc.signal.addEventListener('abort', done, { once: true });
    proc.stdin.onEnd(done);
  });
}

export const jobCancel: SimProgram = {
  name: 'job-cancel',
  text: cancelText,
  run(proc) {
    const job = jobsOf(proc.host).get(proc.args[0] ?? '');
    if (!job) return failed(proc, 'gone');
    if (job.exit !== null) return failed(proc, 'ended');
    if (job.committed) return failed(proc, 'late');
    job.cancel.abort();
    stirJob(job);
    proc.out('ok\n');
    return 0;
  },
};

/** How a move came to a clear end; before that its folder may hold the only copy of a config. */
const clearEnds = ['moved', 'stayed', 'cancelled', 'changed'];

export const jobRemove: SimProgram = {
  name: 'job-remove',
  text: removeText,
  run(proc) {
    for (const id of proc.args) {
      const job = jobsOf(proc.host).get(id);
      if (!job) continue;
      const unsettled = job.files.has('where-config') && !clearEnds.includes(job.phase ?? '');
      if (stateOf(proc.host, job) === 'running' || unsettled) proc.out(`kept ${id}\n`);
      else {
        jobsOf(proc.host).delete(id);
        touchJobs(proc.host);
      }
    }
    proc.out('ok\n');
    return 0;
  },
};
