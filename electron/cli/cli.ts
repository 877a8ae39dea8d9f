import { join } from 'node:path';
import { createWords, languageOf } from '../../renderer/src/words/words.ts';
import { ProblemError, problemOf } from '../contract/problem.ts';
import { type Program, startProgram } from '../program/program.ts';
import { appFolder } from '../world/appFolder.ts';
import { type Asked, numberOf, readArguments, textOf } from './arguments.ts';
import { openDesk } from './desk.ts';
import { exits } from './exits.ts';
import type { Interrupts } from './follow.ts';
import { helpOf } from './help.ts';
import { Refusal } from './refusal.ts';
import { run } from './run.ts';
import { createAnswering, readSecrets } from './secrets.ts';
import { createTeller, type Teller } from './teller.ts';
import { processTerminal, type Terminal } from './terminal.ts';

declare const __VERSION__: string; // put in by the build

/** npm passes on what its own terminal sent to both of us: one Ctrl-C must not count as two. */
const SAME_PRESS_MS = 300;
/** A host that doesn't answer must not hold the terminal. */
const CLOSING_MS = 3_000;

let program: Program | null = null;
let ending = false;
const listeners: (() => void)[] = [];
const interrupts: Interrupts = {
  on(then) {
    listeners.push(then);
    return () => void listeners.splice(listeners.indexOf(then), 1);
  },
};

async function end(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(code), CLOSING_MS).unref();
  await program?.close().catch(() => {});
  // what was said is out when its last word is
  process.stdout.write('', () => process.exit(code));
}

let pressedAt = 0;
function interrupted(): void {
  if (performance.now() - pressedAt < SAME_PRESS_MS && pressedAt > 0) return;
  pressedAt = performance.now();
  const listener = listeners.at(-1);
  if (listener) listener();
  else void end(exits.interrupted);
}

/** LANG and its betters, as every command obeys them; else what the system speaks. */
function languages(): string[] {
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  return [[LC_ALL, LC_MESSAGES, LANG].find((one) => one) ?? Intl.DateTimeFormat().resolvedOptions().locale];
}

async function start(asked: Asked & { command: Exclude<Asked['command'], 'help'> }, terminal: Terminal, teller: Teller): Promise<number> {
  const secrets = asked.flags.has('secrets-stdin') ? readSecrets(await terminal.readAll()) : {};
  const answering = createAnswering(teller.words, terminal, secrets);
  const demo = asked.flags.has('demo');
  const data = textOf(asked, 'data') ?? join(appFolder(demo ? 'XenFerry demo' : 'XenFerry'), 'engine');
  const waitMs = (numberOf(asked, 'wait') ?? 30) * 1000;
  const started = await startProgram({ data, version: __VERSION__, shell: 'cli', demo });
  program = started;
  const desk = await openDesk(started, answering.answer);
  return await run({ desk, teller, terminal, interrupts, waitMs, known: started.known, asking: answering.asking }, asked);
}

async function main(): Promise<void> {
  const line = process.argv.slice(2);
  const terminal = processTerminal(interrupted);
  const teller = createTeller(createWords(languageOf('system', languages())), terminal, line.includes('--json'));
  try {
    const asked = readArguments(line);
    const { command } = asked;
    if (command === 'help') teller.text(helpOf(teller.words, asked.words[0]));
    await end(command === 'help' ? exits.done : await start({ ...asked, command }, terminal, teller));
  } catch (thrown) {
    if (ending) return; // a question that was left unanswered by Ctrl-C
    if (thrown instanceof Refusal) teller.refusal(thrown);
    else teller.problem(thrown instanceof ProblemError ? thrown.problem : problemOf(thrown));
    await end(thrown instanceof Refusal ? exits.refused : exits.failed);
  }
}

process.on('SIGINT', interrupted);
process.on('SIGTERM', () => void end(143));
process.on('SIGHUP', () => void end(129));
// The engine's timers keep no process alive; a command ends when it says so.
setInterval(() => {}, 60_000);
void main();
