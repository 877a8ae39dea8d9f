import type { SimProgram } from '../server/proc.ts';
import { jobCancel, jobFollow, jobList, jobRemove, jobStart } from './jobs.ts';
import { watch } from './watch.ts';

/** Every remote program a simulated host knows. */
export const programs: readonly SimProgram[] = [watch, jobStart, jobList, jobFollow, jobCancel, jobRemove];
