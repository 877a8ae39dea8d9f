/** Why a command line was not understood, or what it names is not there: nothing was tried. The sentence is `cli.CODE`. */
export type RefusalCode =
  | 'unknownCommand'
  | 'unknownOption'
  | 'valueMissing'
  | 'valueUnwanted'
  | 'wordMissing'
  | 'wordsTooMany'
  | 'optionMissing'
  | 'optionsApart'
  | 'notANumber'
  | 'notASize'
  | 'notATime'
  | 'notOneOf'
  | 'notOfADisk'
  | 'notJson'
  | 'unknownCall'
  | 'secretInWords'
  | 'noSuchHost'
  | 'noSuchGuest'
  | 'manyHosts'
  | 'manyGuests'
  | 'nameNeeded'
  | 'secretMissing'
  | 'noFile';

/** Thrown by what reads the command line; told by cli.ts, which then ends with 2. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly values: Record<string, string>;
  /** What was meant, perhaps: guests or hosts by names that are clear. */
  readonly candidates: readonly string[];
  constructor(code: RefusalCode, values: Record<string, string> = {}, candidates: readonly string[] = []) {
    super(code);
    this.name = 'Refusal';
    this.code = code;
    this.values = values;
    this.candidates = candidates;
  }
}

export function refuse(code: RefusalCode, values: Record<string, string> = {}, candidates: readonly string[] = []): never {
  throw new Refusal(code, values, candidates);
}
