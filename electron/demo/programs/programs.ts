import type { SimProgram } from '../server/proc.ts';
import { config } from './config.ts';
import { createRecover } from './create.ts';
import { createCheck } from './createCheck.ts';
import { examine } from './examine.ts';
import { jobCancel, jobFollow, jobList, jobRemove, jobStart } from './jobs.ts';
import { watch } from './watch.ts';

/** Every remote program a simulated host knows. */
export const programs: readonly SimProgram[] = [
  config,
  createCheck,
  createRecover,
  examine,
  watch,
  jobStart,
  jobList,
  jobFollow,
  jobCancel,
  jobRemove,
];
