import { useEffect } from 'react';
import { useStore } from 'zustand';
import type { GuestKey } from '../../../../electron/contract/guest.ts';
import type { HostId } from '../../../../electron/contract/host.ts';
import { isWithStop } from '../../../../electron/contract/planning.ts';
import type { Load } from '../../state/drag.ts';
import { type Program, useProgram } from '../../state/program.ts';
import { show } from '../../state/ui.ts';
import { announce } from '../../ui/announce.ts';
import { tellProblem } from '../../words/problems/tell.ts';
import { useWords, type Words } from '../../words/speak.tsx';
import { dropVerdicts, type JudgedGuest } from './verdicts.ts';

/** The blocks in hand, for those who only need to know which; the same array while they stay. */
export const useCarried = (): readonly GuestKey[] | null =>
  useStore(useProgram().drags.store, ({ drag }) => (drag.is === 'carried' ? drag.keys : null));

/** Whether this block is in the hand. */
export const useIsCarried = (key: GuestKey): boolean =>
  useStore(useProgram().drags.store, ({ drag }) => drag.is === 'carried' && drag.keys.includes(key));

/** What a rack does with what is dropped: the real one opens the sheet. */
export type Drop = (keys: readonly GuestKey[], onto: HostId) => void;

/** What is taken up with this block: all that is selected, if it is among them. */
export function loadOf(program: Program, key: GuestKey): Load {
  const all = program.mirror.guests.getState().byId;
  const { selected } = program.ui.getState();
  const keys = selected.includes(key) ? [key, ...selected.filter((one) => one !== key && all.has(one))] : [key];
  return { keys, homes: [...new Set(keys.flatMap((one) => all.get(one)?.hostId ?? []))] };
}

/** Whether the block in hand is over this host. */
export const useIsOver = (hostId: HostId): boolean =>
  useStore(useProgram().drags.store, ({ drag }) => drag.is === 'carried' && drag.over === hostId);

/** Whether one of the blocks in hand, or about to be, stands on this host. */
export const useIsHome = (hostId: HostId): boolean =>
  useStore(useProgram().drags.store, ({ drag }) => drag.is !== 'idle' && drag.homes.includes(hostId));

/** The host whose strip is at this point of the window. */
function hostAt(x: number, y: number): HostId | null {
  const strip = document.elementFromPoint(x, y)?.closest('[data-host]');
  return strip instanceof HTMLElement ? (strip.dataset.host ?? null) : null;
}

/** Follows pointer and Escape while something is pressed or carried. Used once, by the rack. */
export function useDragging(drop: Drop): void {
  const program = useProgram();
  const words = useWords();
  useEffect(() => {
    const { drags } = program;
    const move = (event: PointerEvent) => {
      if (drags.store.getState().drag.is === 'idle') return;
      drags.step({ is: 'move', at: { x: event.clientX, y: event.clientY }, over: hostAt(event.clientX, event.clientY) });
    };
    const release = () => {
      const before = drags.store.getState().drag;
      if (before.is === 'carried') swallowClick();
      settle(program, drop, drags.step({ is: 'release' }));
    };
    const key = (event: KeyboardEvent) => {
      const drag = drags.store.getState().drag;
      if (event.key !== 'Escape' || drag.is === 'idle') return;
      event.preventDefault();
      event.stopPropagation();
      putBack(program, words);
    };
    const cancel = () => putBack(program, words);
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', release);
    window.addEventListener('pointercancel', cancel);
    window.addEventListener('keydown', key, true);
    window.addEventListener('blur', cancel);
    return () => {
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', release);
      window.removeEventListener('pointercancel', cancel);
      window.removeEventListener('keydown', key, true);
      window.removeEventListener('blur', cancel);
      drags.step({ is: 'cancel' });
    };
  }, [program, words, drop]);
  useVanished(program);
}

/** A guest that goes away (or its host) can't stay in the hand. */
function useVanished(program: Program): void {
  useEffect(
    () =>
      program.mirror.guests.subscribe((all) => {
        const { drag } = program.drags.store.getState();
        if (drag.is !== 'idle' && drag.keys.some((key) => !all.byId.has(key))) program.drags.step({ is: 'vanished' });
      }),
    [program],
  );
}

/** The click that a release would cause is no choice. */
function swallowClick(): void {
  const swallow = (event: MouseEvent) => {
    event.stopPropagation();
    event.preventDefault();
  };
  window.addEventListener('click', swallow, { capture: true, once: true });
  setTimeout(() => window.removeEventListener('click', swallow, true), 0);
}

function settle(program: Program, drop: Drop, drag: ReturnType<Program['drags']['step']>): void {
  if (drag.is !== 'dropped') return;
  program.drags.step({ is: 'taken' });
  drop(drag.keys, drag.onto);
}

/** The real rack's: names what will happen; nothing moves without its button. */
export function openSheet(program: Program, words: Words): Drop {
  return (keys, onto) => {
    const host = program.mirror.hosts.getState().byId.get(onto)?.label ?? '';
    show(program.ui, { is: 'move', keys: [...keys], targetHostId: onto });
    announce(words.say('drag.dropped', { name: nameOf(program, words, keys), host }));
  };
}

/** What is in the hand, by name or by number. */
export function nameOf(program: Program, words: Words, keys: readonly GuestKey[]): string {
  const [first, second] = keys;
  if (second !== undefined) return words.say('drag.several', { count: keys.length });
  return program.mirror.guests.getState().byId.get(first ?? '')?.name ?? '';
}

function putBack(program: Program, words: Words): void {
  const { drag } = program.drags.store.getState();
  if (drag.is === 'idle') return;
  const name = nameOf(program, words, drag.keys);
  program.drags.step({ is: 'cancel' });
  if (drag.is === 'carried') announce(words.say('drag.cancelled', { name }));
}

/** What the verdicts on what is in the hand sound like. */
export function verdictText(program: Program, words: Words, keys: readonly GuestKey[], hostId: HostId): string {
  const judged = dropVerdicts(program, keys, hostId);
  const [first] = judged;
  if (!first) return words.say('drag.home');
  if (judged.length === 1) return oneVerdictText(words, first);
  const may = judged.filter((one) => one.verdict.may).length;
  const no = judged.find((one) => !one.verdict.may);
  if (no) {
    const why = oneVerdictText(words, no);
    return words.say(may > 0 ? 'drag.fitsSome' : 'drag.fitsNone', { may, all: judged.length, name: no.guest.name, why });
  }
  const warned = judged.find((one) => one.verdict.may && one.verdict.warnings?.length);
  const all = words.say('drag.fitsAll', { all: judged.length });
  return warned ? `${all} ${warned.guest.name}: ${oneVerdictText(words, warned)}` : all;
}

function oneVerdictText(words: Words, { verdict, move }: JudgedGuest): string {
  if (!verdict.may) {
    const told = tellProblem(verdict.because, words);
    return `${told.what} ${told.next}`;
  }
  const [warning] = verdict.warnings ?? [];
  if (!warning) return words.say('drag.fits');
  return words.say(isWithStop(move) ? 'drag.fitsStopped' : 'drag.fitsWith', { warning: tellProblem(warning, words).what });
}

/** Who drags, how it is told, and where to it drops. */
export interface Hands {
  program: Program;
  words: Words;
  drop: Drop;
}

/** A key on a block that is carried by the keyboard. True: it was for the drag. `order`: hosts as they stand. */
export function dragKey({ program, words, drop }: Hands, key: string, order: readonly HostId[]): boolean {
  const { drag } = program.drags.store.getState();
  if (drag.is !== 'carried' || drag.by !== 'keyboard') return false;
  const step = key === 'ArrowDown' || key === 'ArrowRight' ? 1 : key === 'ArrowUp' || key === 'ArrowLeft' ? -1 : 0;
  if (step !== 0) {
    const at = order.indexOf(drag.over);
    const over = order[(at + step + order.length) % order.length] ?? drag.over;
    program.drags.step({ is: 'aim', over });
    document.querySelector(`[data-host="${CSS.escape(over)}"]`)?.scrollIntoView({ block: 'nearest' });
    const host = program.mirror.hosts.getState().byId.get(over)?.label ?? '';
    announce(words.say('drag.over', { host, verdict: verdictText(program, words, drag.keys, over) }));
    return true;
  }
  if (key === 'Enter' || key === ' ') {
    if (drag.homes.every((home) => home === drag.over)) putBack(program, words);
    else settle(program, drop, program.drags.step({ is: 'drop' }));
    return true;
  }
  if (key === 'Tab') putBack(program, words);
  return key !== 'Tab';
}

/** Lifts a block by the keyboard, and what is selected with it. */
export function lift({ program, words }: Hands, key: GuestKey, order: readonly HostId[]): void {
  if (!program.mirror.guests.getState().byId.has(key)) return;
  if (order.length < 2) {
    announce(words.say('drag.noTargets'));
    return;
  }
  const load = loadOf(program, key);
  program.drags.step({ is: 'lift', ...load });
  announce(words.say('drag.lifted', { name: nameOf(program, words, load.keys) }));
}
