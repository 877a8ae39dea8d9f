import startText from '../../engine/remote/programs/start.sh?raw';
import { type JobWork, jobSays } from '../model/jobs.ts';
import { create } from '../model/lifecycle.ts';
import { createJob } from './create.ts';
import { moveJob } from './moveJob.ts';

/** `xl create FILE`, as a job. */
const startGuest: { text: string; work: JobWork } = {
  text: startText,
  async work(host, job) {
    const said = await create(host, job.args[0] ?? '', { paused: false, quiet: false });
    jobSays(job, said.stderr);
    return said.exit;
  },
};

/** What jobs do, by the text of their program. */
const works: readonly { text: string; work: JobWork }[] = [createJob, moveJob, startGuest];

export function workOf(text: string): JobWork | null {
  return works.find((one) => one.text === text)?.work ?? null;
}
