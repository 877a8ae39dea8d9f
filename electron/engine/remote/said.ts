import { ProblemError, problem } from '../../contract/problem.ts';
import type { Ran } from './remote.ts';

/** What a short program answered: its lines, or the words after `failed`. */
export type Said = { is: 'ok'; lines: string[] } | { is: 'failed'; why: string; lines: string[] };

/** Reads the answer of a short program. An answer without its last line is `output.unreadable`, never a guess. */
export function saidBy(what: string, ran: Ran): Said {
  const lines = ran.stdout.split('\n');
  const rest = lines.pop();
  const last = lines.pop();
  if (rest === '' && last === 'ok') return { is: 'ok', lines };
  if (rest === '' && last?.startsWith('failed ')) return { is: 'failed', why: last.slice('failed '.length), lines };
  throw unreadable(what, `${ran.stdout}${ran.stderr}`);
}

/** The lines of a program that must have said ok. Problem: `command.failed` with what it said. */
export function linesOf(what: string, ran: Ran): string[] {
  const answer = saidBy(what, ran);
  if (answer.is === 'ok') return answer.lines;
  throw new ProblemError(problem('command.failed', { command: what, exit: ran.exit, said: answer.why }, detailOf(ran)));
}

/** Output nobody expected, with a sample. */
export function unreadable(what: string, sample: string): ProblemError {
  return new ProblemError(problem('output.unreadable', { what, sample: sample.slice(0, 400) }));
}

const detailOf = (ran: Ran) => (ran.stderr.trim() ? { detail: ran.stderr.trim().slice(-2000) } : {});
