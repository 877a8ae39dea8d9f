import { useState } from 'react';
import { useStore } from 'zustand';
import type { Host } from '../../../../electron/contract/host.ts';
import type { Plan, TypedForStep } from '../../../../electron/contract/plan.ts';
import { isSilent } from '../../../../electron/contract/rules.ts';
import { useProgram } from '../../state/program.ts';
import type { Checked } from '../move/MoveSheet.tsx';
import { checkKey } from '../move/useMoveChecks.ts';

/** A guest that goes on only when its name is typed, and the hosts that could not be asked whether it runs there. */
export interface ToType {
  guestId: string;
  name: string;
  hosts: string[];
}

/** What is typed for the guests of a plan that need it. */
export interface Typing {
  needed: ReadonlyMap<string, ToType>;
  textOf(guestId: string): string;
  type(guestId: string, text: string): void;
  /** What is typed right, for the engine. Who has nothing typed is asked about once more at its turn. */
  typedNames: TypedForStep[];
  /** The first one with something else typed than its name. */
  mistyped: ToType | null;
}

/** Of those that wait: by what the engine put them back for, by what a look at the hosts found, and by the links as they are now. */
export function toType(plan: Plan, hosts: Iterable<Host>, checks: ReadonlyMap<string, Checked>): Map<string, ToType> {
  if (plan.state === 'running') return new Map();
  const silent = [...hosts].filter(isSilent).map((one) => one.label || one.address);
  const all = plan.steps.flatMap((step): [string, ToType][] => {
    const { guestId, name, state } = step;
    if (state.is !== 'waiting') return [];
    const checked = checks.get(checkKey(step));
    const found = checked?.is === 'found' ? checked.check.checks.flatMap((one) => one.problem ?? []) : [];
    const said = [...found, ...(state.notAsked ? [state.notAsked] : [])].flatMap((one) => (one.code === 'guard.notAsked' ? one.hosts : []));
    const those = [...new Set([...silent, ...said])];
    return those.length > 0 ? [[guestId, { guestId, name, hosts: those }]] : [];
  });
  return new Map(all);
}

export function useTyping(plan: Plan, checks: ReadonlyMap<string, Checked>): Typing {
  const { mirror } = useProgram();
  const hosts = useStore(mirror.hosts, (all) => all.byId);
  const [texts, setTexts] = useState<Record<string, string>>({});
  const needed = toType(plan, hosts.values(), checks);
  const textOf = (guestId: string) => texts[guestId] ?? '';
  const all = [...needed.values()];
  return {
    needed,
    textOf,
    type: (guestId, text) => setTexts((was) => ({ ...was, [guestId]: text })),
    typedNames: all.flatMap(({ guestId, name, hosts }) => (textOf(guestId) === name ? [{ guestId, typedName: name, hosts }] : [])),
    mistyped: all.find(({ guestId, name }) => textOf(guestId) !== '' && textOf(guestId) !== name) ?? null,
  };
}
