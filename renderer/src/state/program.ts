import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { AppInfo, Settings } from '../../../electron/contract/app.ts';
import type { Guest, GuestKey } from '../../../electron/contract/guest.ts';
import type { Host, HostId } from '../../../electron/contract/host.ts';
import type { Plan, PlanId } from '../../../electron/contract/plan.ts';
import type { SpareCapacity } from '../../../electron/contract/spareCapacity.ts';
import type { Task, TaskId } from '../../../electron/contract/task.ts';
import type { Session } from '../engine/session.ts';
import type { Drags } from './dragStore.ts';
import type { GuestEntities, Mirror } from './mirror.ts';
import type { Spares } from './spares.ts';
import type { Ui, UiState } from './ui.ts';

/** Everything a component can reach: the engine, what it said, and what only the page knows. */
export interface Program {
  session: Session;
  mirror: Mirror;
  spares: Spares;
  ui: Ui;
  drags: Drags;
  info: AppInfo;
  settings: Settings;
  /** On a copy of the rack where moves are tried: the host on which the guest of this block really is; undefined: where it stands. */
  homeOf?(key: GuestKey): HostId | undefined;
  /** Writes settings through the engine and shows what it says. */
  changeSettings(change: Partial<Settings>): Promise<void>;
}

export const ProgramContext = createContext<Program | null>(null);

/** The program around this component. */
export function useProgram(): Program {
  const program = useContext(ProgramContext);
  if (!program) throw new Error('no program around this component');
  return program;
}

export const useHost = (id: HostId | null): Host | undefined =>
  useStore(useProgram().mirror.hosts, (all) => (id === null ? undefined : all.byId.get(id)));

export const useGuest = (key: GuestKey | null): Guest | undefined =>
  useStore(useProgram().mirror.guests, (all) => (key === null ? undefined : all.byId.get(key)));

export const useTask = (id: TaskId | null): Task | undefined =>
  useStore(useProgram().mirror.tasks, (all) => (id === null ? undefined : all.byId.get(id)));

export const usePlan = (id: PlanId | null): Plan | undefined =>
  useStore(useProgram().mirror.plans, (all) => (id === null ? undefined : all.byId.get(id)));

export const useUi = <T>(pick: (ui: UiState) => T): T => useStore(useProgram().ui, pick);

export const useSpare = (id: HostId): SpareCapacity | undefined => useStore(useProgram().spares, (all) => all.get(id));

const noKeys: readonly GuestKey[] = [];
/** Keys of the guests on a host; the same array while its members stay. */
export const useKeysOf = (hostId: HostId): readonly GuestKey[] =>
  useStore(useProgram().mirror.guests, (all) => all.keysOf.get(hostId) ?? noKeys);

/** Something of all guests, compared member by member. */
export const useGuests = <T>(pick: (all: GuestEntities) => T): T => useStore(useProgram().mirror.guests, useShallow(pick));

/** Hosts in the order of their labels. */
export const useHosts = (): readonly Host[] => useStore(useProgram().mirror.hosts, useShallow(hostsInOrder));

/** Hosts in the order of their labels, numbers by value. */
export function hostsInOrder(all: { byId: ReadonlyMap<HostId, Host> }): Host[] {
  return [...all.byId.values()].sort((a, b) => byLabel.compare(a.label, b.label) || (a.id < b.id ? -1 : 1));
}
const byLabel = new Intl.Collator(['ja', 'en'], { numeric: true });
