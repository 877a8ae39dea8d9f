import { createHash } from 'node:crypto';
import { type Problem, ProblemError, problem } from '../../contract/problem.ts';
import type { Fix } from '../../contract/twin.ts';
import text from '../remote/programs/make.sh?raw';
import type { Program, Ran, Remote } from '../remote/remote.ts';
import { linesOf, saidBy } from '../remote/said.ts';
import type { FixPlan } from './plan.ts';

export const makeProgram: Program = { name: 'make', text };

/** What a fix makes, by its name on the host. */
export const thingOf = (fix: Fix): string =>
  fix.is === 'bridge' ? fix.name : fix.is === 'folder' ? fix.path : `/dev/${fix.group}/${fix.name}`;

/** Arguments and standard input of `make` for a plan. */
export function makeCall(fix: Fix, { files }: FixPlan): { args: string[]; stdin: string } {
  switch (fix.is) {
    case 'bridge': {
      const stdin = files.map((one) => one.text).join('');
      const sum = createHash('sha256').update(stdin).digest('hex');
      const parts = files.flatMap((one) => [String(one.text.split('\n').length - 1), one.path]);
      return { args: ['bridge', fix.name, fix.port ?? '', sum, ...parts], stdin };
    }
    case 'folder':
      return { args: ['folder', fix.path], stdin: '' };
    case 'volume':
      return { args: ['volume', fix.group, fix.name, String(fix.sizeMiB)], stdin: '' };
  }
}

/** Makes it, whole or not at all. Problems: `fix.exists`, `fix.portUnfit`, `fix.groupMissing`, `fix.busy`, `fix.failed`, `output.unreadable`, and those of Remote. */
export async function makeFix(remote: Remote, fix: Fix, plan: FixPlan, host: string): Promise<void> {
  const { args, stdin } = makeCall(fix, plan);
  const why = readMade(await remote.program(makeProgram, args, { stdin }), fix, host);
  if (why) throw new ProblemError(why);
}

/** Takes back what one that was cut has left: after a loss of power, or a kill. */
export async function tidyFixes(remote: Remote): Promise<void> {
  linesOf('make', await remote.program(makeProgram, ['tidy']));
}

/** Why it was not made, by what `make` said; null: it was. Problem: `output.unreadable`. */
export function readMade(ran: Ran, fix: Fix, host: string): Problem | null {
  const said = saidBy('make', ran);
  if (said.is === 'ok') return null;
  const [word = '', thing = ''] = said.why.split('\t');
  switch (word) {
    case 'exists':
      return problem('fix.exists', { thing, host });
    case 'missing':
    case 'address':
    case 'member':
    case 'below':
      return problem('fix.portUnfit', { port: thing, unfit: word, host });
    case 'group':
      return problem('fix.groupMissing', { group: thing, host });
    case 'busy':
      return problem('fix.busy', { host });
  }
  const lines = said.lines.flatMap((line) => (line.startsWith('|') ? [line.slice(1)] : []));
  const left = said.lines.flatMap((line) => (line.startsWith('left ') ? [line.slice('left '.length)] : []));
  const told = lines.join('\n') || `${word} ${thing}`;
  return problem('fix.failed', { thing: thingOf(fix), said: told, left }, { effect: left.length > 0 ? 'partial' : 'none' });
}
