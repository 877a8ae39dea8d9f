import leaseText from '../../engine/remote/programs/lease.sh?raw';
import startText from '../../engine/remote/programs/start.sh?raw';
import { type JobWork, jobSays } from '../model/jobs.ts';
import { giveLeases, takeLeases, tellDomid } from '../model/leases.ts';
import { create } from '../model/lifecycle.ts';
import { createJob } from './create.ts';
import { moveJob } from './moveJob.ts';
import { moveLater } from './moveLater.ts';
import { stoppedJob } from './stoppedJob.ts';

/** `xl create FILE`, as a job, with its leases. */
const startGuest: { text: string; work: JobWork } = {
  text: startText,
  async work(host, job) {
    const [file = '', ...lease] = job.args;
    if (job.files.get('lease') !== leaseText) return 127;
    const taken = takeLeases(host, job.id, lease);
    for (const line of taken.said) jobSays(job, line);
    if (taken.held) return 3;
    const said = await create(host, file, { paused: false, quiet: false });
    jobSays(job, said.stderr);
    if (said.exit === 0) tellDomid(host, job.id, lease);
    else giveLeases(host, job.id, lease);
    return said.exit;
  },
};

/** What jobs do, by the text of their program. */
const works: readonly { text: string; work: JobWork }[] = [createJob, moveJob, moveLater, stoppedJob, startGuest];

export function workOf(text: string): JobWork | null {
  return works.find((one) => one.text === text)?.work ?? null;
}
