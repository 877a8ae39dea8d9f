import type { JobWork } from '../model/jobs.ts';
import { createJob } from './create.ts';
import { moveJob } from './moveJob.ts';

/** What jobs do, by the text of their program. */
const works: readonly { text: string; work: JobWork }[] = [createJob, moveJob];

export function workOf(text: string): JobWork | null {
  return works.find((one) => one.text === text)?.work ?? null;
}
