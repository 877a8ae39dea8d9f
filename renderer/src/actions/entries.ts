import type { Host } from '../../../electron/contract/host.ts';
import type { Problem } from '../../../electron/contract/problem.ts';
import type { Program } from '../state/program.ts';
import type { MenuEntry } from '../ui/Menu.tsx';
import type { Words } from '../words/speak.tsx';
import type { GuestAction, GuestSubject } from './action.ts';
import { guestActions } from './guestActions.ts';
import { hostActions } from './hostActions.ts';
import { shortcutText } from './keys.ts';

/** How an action stands to these guests: who it fits, who it may touch, and why not. */
export interface Standing {
  action: GuestAction;
  fitting: GuestSubject[];
  may: GuestSubject[];
  /** The first reason, where nobody may. */
  because: Problem | null;
}

/** The actions that fit at least one of these guests. */
export function standings(subjects: readonly GuestSubject[]): Standing[] {
  return guestActions.flatMap((action) => {
    if (subjects.length > 1 && !action.many) return [];
    const fitting = subjects.filter(action.fits);
    if (fitting.length === 0) return [];
    const verdicts = fitting.map((one) => ({ one, verdict: action.may(one) }));
    const may = verdicts.flatMap(({ one, verdict }) => (verdict.may ? [one] : []));
    const first = verdicts.find(({ verdict }) => !verdict.may)?.verdict;
    return [{ action, fitting, may, because: may.length === 0 && first && !first.may ? first.because : null }];
  });
}

type Tell = (problem: Problem) => string;

/** The menu of some guests. */
export function guestEntries(program: Program, subjects: readonly GuestSubject[], words: Words, tell: Tell): (MenuEntry | null)[] {
  const entries: (MenuEntry | null)[] = [];
  for (const { action, may, because } of standings(subjects)) {
    if (action.danger && entries.at(-1) && !entries.at(-1)?.danger) entries.push(null);
    const label = words.say(action.label);
    const some = may.length > 0 && may.length < subjects.length;
    entries.push({
      id: action.id,
      label: some ? words.say('guest.someOf', { label, may: may.length, all: subjects.length }) : label,
      icon: action.icon,
      refusal: because ? tell(because) : null,
      ...(action.danger ? { danger: true } : {}),
      ...(action.keys ? { keys: shortcutText(action.keys) } : {}),
      run: () => action.run(program, may),
    });
  }
  return entries;
}

/** The menu of a host. */
export function hostEntries(program: Program, host: Host, words: Words, tell: Tell): (MenuEntry | null)[] {
  const entries: (MenuEntry | null)[] = [];
  for (const action of hostActions) {
    if (!action.fits(host)) continue;
    if (action.danger) entries.push(null);
    const verdict = action.may(host);
    entries.push({
      id: action.id,
      label: words.say(action.label),
      icon: action.icon,
      refusal: verdict.may ? null : tell(verdict.because),
      ...(action.danger ? { danger: true } : {}),
      run: () => action.run(program, host),
    });
  }
  return entries;
}
