import type { SimProgram } from '../server/proc.ts';
import { clock } from './clock.ts';
import { config } from './config.ts';
import { consoleProgram } from './console.ts';
import { createRecover } from './create.ts';
import { createCheck } from './createCheck.ts';
import { doctorLook } from './doctorLook.ts';
import { doctorMend } from './doctorMend.ts';
import { examine } from './examine.ts';
import { guardLook } from './guardLook.ts';
import { jobCancel, jobFollow, jobList, jobRemove, jobStart } from './jobs.ts';
import { make } from './make.ts';
import { moveAgent } from './moveAgent.ts';
import { moveAddress, moveFiles, moveLeftover, moveLook, moveQcow2, moveReach, moveRoom, moveServer } from './moveLook.ts';
import { moveAside, movePrepare, moveResume } from './moveSource.ts';
import { moveSpeed } from './moveSpeed.ts';
import { moveInstall, moveStage, moveUnstage } from './moveTarget.ts';
import { ping } from './ping.ts';
import { twinLook } from './twinLook.ts';
import { watch } from './watch.ts';

/** Every remote program a simulated host knows. */
export const programs: readonly SimProgram[] = [
  moveAddress,
  moveAgent,
  moveFiles,
  moveLeftover,
  moveLook,
  moveQcow2,
  moveReach,
  moveRoom,
  moveSpeed,
  moveServer,
  moveAside,
  movePrepare,
  moveResume,
  moveInstall,
  moveStage,
  moveUnstage,
  ping,
  clock,
  config,
  consoleProgram,
  createCheck,
  createRecover,
  doctorLook,
  doctorMend,
  examine,
  make,
  twinLook,
  guardLook,
  watch,
  jobStart,
  jobList,
  jobFollow,
  jobCancel,
  jobRemove,
];
