import type { CallName, InputOf } from '../../../electron/contract/api.ts';
import type { Guest } from '../../../electron/contract/guest.ts';
import type { Host } from '../../../electron/contract/host.ts';
import { problemOf, type Verdict } from '../../../electron/contract/problem.ts';
import type { Program } from '../state/program.ts';
import type { IconName } from '../ui/Icon.tsx';
import type { WordId } from '../words/ja/all.ts';

/** A guest with the host it stands on. */
export interface GuestSubject {
  guest: Guest;
  host: Host;
}

/** One command of the program. Menu, shortcut, palette and buttons all read this record. */
interface Command<Subject> {
  id: string;
  label: WordId;
  icon: IconName;
  /** As in `KeyboardEvent.key`, with `mod+` for Ctrl or Cmd. */
  keys?: string;
  danger?: boolean;
  /** Whether it belongs to this subject at all (a start button on a running guest doesn't). */
  fits(subject: Subject): boolean;
  may(subject: Subject): Verdict;
}

/** A command on guests. `run` gets only those that may. */
export interface GuestAction extends Command<GuestSubject> {
  of: 'guest';
  many: boolean;
  run(program: Program, subjects: readonly GuestSubject[]): void;
}

/** A command on a host. */
export interface HostAction extends Command<Host> {
  of: 'host';
  run(program: Program, host: Host): void;
}

/** A command of the program itself. */
export interface AppAction {
  of: 'app';
  id: string;
  label: WordId;
  icon: IconName;
  keys?: string;
  run(program: Program): void;
}

export const yes: Verdict = { may: true };

/** Asks the engine; a refusal is shown once, where there is no dialog for it. */
export function ask<N extends CallName>(program: Program, name: N, input: InputOf<N>, about: string): void {
  program.session.call(name, input).catch((thrown: unknown) => {
    program.ui.setState({ refused: { problem: problemOf(thrown), about } });
  });
}
