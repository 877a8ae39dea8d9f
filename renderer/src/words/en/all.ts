import type { WordId } from '../ja/all.ts';
import { commandLineEn } from './commandLine.ts';
import { consoleEn } from './console.ts';
import { createEn } from './create.ts';
import { doctorEn } from './doctor.ts';
import { frameEn } from './frame.ts';
import { guestsEn } from './guests.ts';
import { hostsEn } from './hosts.ts';
import { moveEn } from './move.ts';
import { planEn } from './plan.ts';
import { rackEn } from './rack.ts';
import { twinsEn } from './twins.ts';

/** Every sentence of the screens in English. */
export const en: Record<WordId, string> = {
  ...frameEn,
  ...hostsEn,
  ...rackEn,
  ...guestsEn,
  ...moveEn,
  ...planEn,
  ...createEn,
  ...doctorEn,
  ...consoleEn,
  ...commandLineEn,
  ...twinsEn,
};
