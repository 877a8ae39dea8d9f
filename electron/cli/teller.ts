import type { WordId } from '../../renderer/src/words/ja/all.ts';
import { tellProblem } from '../../renderer/src/words/problems/tell.ts';
import type { Values, Words } from '../../renderer/src/words/words.ts';
import type { Check } from '../contract/creation.ts';
import type { Host } from '../contract/host.ts';
import { type Problem, problem } from '../contract/problem.ts';
import type { Task } from '../contract/task.ts';
import type { Refusal } from './refusal.ts';
import { plain, type Terminal, tableOf } from './terminal.ts';

/** Says things in the operator's language; with `json` in lines of JSON. Answers are standard output, all else is not. */
export interface Teller {
  words: Words;
  json: boolean;
  /** The answer as JSON, one line. */
  answer(value: unknown): void;
  /** The answer for people. */
  table(rows: readonly (readonly string[])[]): void;
  text(text: string): void;
  /** A sentence on the way; not in JSON. */
  say(id: WordId, values?: Values): void;
  problem(why: Problem, about?: string): void;
  refusal(why: Refusal): void;
  /** Where a task stands, when that changed. */
  phase(task: Task): void;
  /** A check before anything is written, as a row of a table. */
  checkRow(check: Check): string[];
}

export function createTeller(words: Words, terminal: Terminal, json: boolean): Teller {
  const { say } = words;
  /** A line that is written over stands on the terminal. */
  let passing = false;
  const line = (text: string) => {
    terminal.err(`${passing ? '\r\u001b[K' : ''}${plain(text)}\n`);
    passing = false;
  };
  const lineOf = (value: unknown) => terminal.err(`${JSON.stringify(value)}\n`);
  let lastPhase = '';
  return {
    words,
    json,
    answer: (value) => terminal.out(`${JSON.stringify(value)}\n`),
    table: (rows) => terminal.out(tableOf(rows)),
    text: (text) => terminal.out(`${plain(text).replace(/\n$/, '')}\n`),
    say(id, values) {
      if (!json) line(say(id, values));
    },
    problem(why, about) {
      if (json) return lineOf({ ...(about === undefined ? {} : { about }), problem: why });
      const told = tellProblem(why, words);
      line(`${about === undefined ? '' : `${about}: `}${told.what}`);
      line(`  ${told.changed}${words.language === 'ja' ? '' : ' '}${told.next}`);
      for (const one of why.detail?.trim().split('\n') ?? []) line(`  | ${one}`);
    },
    refusal(why) {
      if (json) return lineOf({ refused: { code: why.code, ...why.values, candidates: why.candidates } });
      line(`xenferry: ${say(`cli.${why.code}`, why.values)}`);
      for (const one of why.candidates) line(`  ${one}`);
    },
    phase(task) {
      if (json)
        return lineOf({ task: { id: task.id, kind: task.kind, guestName: task.guestName, phase: task.phase, progress: task.progress } });
      const where = task.outcome ? say(`outcome.${task.outcome.is}`) : say(`phase.${task.phase}`);
      const what = `${task.guestName}: ${say(`task.${task.kind}`)} · ${where}`;
      if (what !== lastPhase) line(`${what}${task.outcome?.is === 'done' ? standstill(task, words) : ''}`);
      lastPhase = what;
      const amount = amountOf(task, words);
      if (!terminal.asks || amount === '') return;
      terminal.err(`\r\u001b[K  ${plain(amount)}`);
      passing = true;
    },
    checkRow: ({ what, verdict, problem: why }) => {
      const told = why && tellProblem(why, words);
      return [say(`check.${verdict}`), say(`check.${what}`), told ? `${told.what}${words.language === 'ja' ? '' : ' '}${told.next}` : ''];
    },
  };
}

function standstill({ migration }: Task, { say, format }: Words): string {
  if (!migration) return '';
  const { downtimeMs } = migration;
  return `, ${downtimeMs === null ? say('migration.downtimeUnknown') : say('migration.downtime', { duration: format.duration(downtimeMs) })}`;
}

function amountOf({ progress, migration, outcome }: Task, { say, format }: Words): string {
  if (outcome) return '';
  const done = migration?.sentBytes || progress?.done || 0;
  const total = (migration?.sentBytes ? migration.memoryBytes : progress?.total) ?? null;
  const rate = migration?.bytesPerS ?? progress?.bytesPerS ?? null;
  return [
    done > 0 && total !== null && total > 0 ? format.percent(Math.min(100, (100 * done) / total)) : '',
    rate === null ? '' : format.rate(rate),
    progress?.secondsLeft == null ? '' : say('tasks.left', { duration: format.duration(progress.secondsLeft * 1000) }),
  ]
    .filter((part) => part !== '')
    .join('  ');
}

/** Why this host's guests are not known; null: they are. */
export function hindranceOf(host: Host): Problem | null {
  if (host.link.is === 'lost') return host.link.problem;
  const stopper = host.findings.find((one) => one.hinders === 'everything');
  if (stopper) return stopper.problem;
  if (host.link.is === 'open' && host.seenAt !== null) return null;
  return host.watchProblem ?? problem('host.notOpen', { label: host.label });
}
