import { useEffect } from 'react';
import { useStore } from 'zustand';
import type { GuestKey } from '../../../../electron/contract/guest.ts';
import type { HostId } from '../../../../electron/contract/host.ts';
import { type Program, useProgram } from '../../state/program.ts';
import { show } from '../../state/ui.ts';
import { announce } from '../../ui/announce.ts';
import { tellProblem } from '../../words/problems/tell.ts';
import { useWords, type Words } from '../../words/speak.tsx';
import { moveVerdict } from './verdicts.ts';

/** The block in hand, for those who only need to know which. */
export const useCarried = (): GuestKey | null =>
  useStore(useProgram().drags.store, ({ drag }) => (drag.is === 'carried' ? drag.key : null));

/** Whether the block in hand is over this host. */
export const useIsOver = (hostId: HostId): boolean =>
  useStore(useProgram().drags.store, ({ drag }) => drag.is === 'carried' && drag.over === hostId);

/** The host whose strip is at this point of the window. */
function hostAt(x: number, y: number): HostId | null {
  const strip = document.elementFromPoint(x, y)?.closest('[data-host]');
  return strip instanceof HTMLElement ? (strip.dataset.host ?? null) : null;
}

/** Follows pointer and Escape while something is pressed or carried. Used once, by the rack. */
export function useDragging(): void {
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
      settle(program, words, drags.step({ is: 'release' }));
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
  }, [program, words]);
  useVanished(program);
}

/** A guest that goes away (or its host) can't stay in the hand. */
function useVanished(program: Program): void {
  useEffect(
    () =>
      program.mirror.guests.subscribe((all) => {
        const { drag } = program.drags.store.getState();
        if (drag.is !== 'idle' && !all.byId.has(drag.key)) program.drags.step({ is: 'vanished' });
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

function settle(program: Program, words: Words, drag: ReturnType<Program['drags']['step']>): void {
  if (drag.is !== 'dropped') return;
  program.drags.step({ is: 'taken' });
  const name = program.mirror.guests.getState().byId.get(drag.key)?.name ?? '';
  const host = program.mirror.hosts.getState().byId.get(drag.onto)?.label ?? '';
  show(program.ui, { is: 'move', keys: [drag.key], targetHostId: drag.onto });
  announce(words.say('drag.dropped', { name, host }));
}

function putBack(program: Program, words: Words): void {
  const { drag } = program.drags.store.getState();
  if (drag.is === 'idle') return;
  const name = program.mirror.guests.getState().byId.get(drag.key)?.name ?? '';
  program.drags.step({ is: 'cancel' });
  if (drag.is === 'carried') announce(words.say('drag.cancelled', { name }));
}

/** What a verdict sounds like. */
export function verdictText(program: Program, words: Words, key: GuestKey, hostId: HostId): string {
  const verdict = moveVerdict(program, key, hostId);
  if (!verdict) return '';
  if (!verdict.may) {
    if (verdict.because.code === 'move.sameHost') return words.say('drag.home');
    const told = tellProblem(verdict.because, words);
    return `${told.what} ${told.next}`;
  }
  const [warning] = verdict.warnings ?? [];
  return warning ? words.say('drag.fitsWith', { warning: tellProblem(warning, words).what }) : words.say('drag.fits');
}

/** A key on a block that is carried by the keyboard. True: it was for the drag. `order`: hosts as they stand. */
export function dragKey(program: Program, words: Words, key: string, order: readonly HostId[]): boolean {
  const { drag } = program.drags.store.getState();
  if (drag.is !== 'carried' || drag.by !== 'keyboard') return false;
  const step = key === 'ArrowDown' || key === 'ArrowRight' ? 1 : key === 'ArrowUp' || key === 'ArrowLeft' ? -1 : 0;
  if (step !== 0) {
    const at = order.indexOf(drag.over);
    const over = order[(at + step + order.length) % order.length] ?? drag.from;
    program.drags.step({ is: 'aim', over });
    document.querySelector(`[data-host="${CSS.escape(over)}"]`)?.scrollIntoView({ block: 'nearest' });
    const host = program.mirror.hosts.getState().byId.get(over)?.label ?? '';
    announce(words.say('drag.over', { host, verdict: verdictText(program, words, drag.key, over) }));
    return true;
  }
  if (key === 'Enter' || key === ' ') {
    if (drag.over === drag.from) putBack(program, words);
    else settle(program, words, program.drags.step({ is: 'drop' }));
    return true;
  }
  if (key === 'Tab') putBack(program, words);
  return key !== 'Tab';
}

/** Lifts a block by the keyboard. */
export function lift(program: Program, words: Words, key: GuestKey, order: readonly HostId[]): void {
  const guest = program.mirror.guests.getState().byId.get(key);
  if (!guest) return;
  if (order.length < 2) {
    announce(words.say('drag.noTargets'));
    return;
  }
  program.drags.step({ is: 'lift', key, from: guest.hostId });
  announce(words.say('drag.lifted', { name: guest.name }));
}
