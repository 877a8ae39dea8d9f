import { commandLineJa } from './commandLine.ts';
import { consoleJa } from './console.ts';
import { createJa } from './create.ts';
import { doctorJa } from './doctor.ts';
import { frameJa } from './frame.ts';
import { guestsJa } from './guests.ts';
import { hostsJa } from './hosts.ts';
import { moveJa } from './move.ts';
import { planJa } from './plan.ts';
import { rackJa } from './rack.ts';
import { twinsJa } from './twins.ts';

/** Every sentence of the screens in Japanese, the language they are written in first. */
export const ja = {
  ...frameJa,
  ...hostsJa,
  ...rackJa,
  ...guestsJa,
  ...moveJa,
  ...planJa,
  ...createJa,
  ...doctorJa,
  ...consoleJa,
  ...commandLineJa,
  ...twinsJa,
};

/** Names of the sentences. One that is missing in a language doesn't compile. */
export type WordId = keyof typeof ja;
