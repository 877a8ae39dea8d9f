import { createStore, type StoreApi } from 'zustand/vanilla';
import type { GuestKey } from '../../../electron/contract/guest.ts';
import type { HostId } from '../../../electron/contract/host.ts';
import type { PlanId } from '../../../electron/contract/plan.ts';
import type { Move } from '../../../electron/contract/planning.ts';
import type { Problem } from '../../../electron/contract/problem.ts';
import type { Fix } from '../../../electron/contract/twin.ts';
import type { HeldUp } from '../actions/guarded.ts';

/** Screens at the left edge. */
export type View = 'rack' | 'guests' | 'plans' | 'history' | 'doctor' | 'settings';
/** What the inspector shows. `first`: the guest's key when it was chosen, from where it may have moved since. */
export type Chosen = { is: 'guest'; key: GuestKey; first?: GuestKey } | { is: 'host'; id: HostId } | null;
export type InspectorTab = 'overview' | 'console' | 'disks' | 'network' | 'history' | 'config';

/** The one dialog that can be open. */
export type DialogState =
  | { is: 'addHost' }
  | { is: 'editHost'; hostId: HostId }
  | { is: 'removeHost'; hostId: HostId }
  | { is: 'hostKeyChanged'; hostId: HostId }
  | { is: 'createGuest'; hostId: HostId | null }
  | { is: 'move'; keys: GuestKey[]; targetHostId: HostId | null }
  | { is: 'forceOff'; keys: GuestKey[] }
  | { is: 'shutdown'; keys: GuestKey[]; reboot: boolean }
  | { is: 'remove'; key: GuestKey }
  | { is: 'emptyHost'; hostId: HostId }
  | { is: 'discardPlan'; planId: PlanId }
  | { is: 'notAsked'; held: HeldUp[] }
  | { is: 'trash'; hostId: HostId }
  | { is: 'compare'; hostId: HostId; otherHostId: HostId | null }
  /** `back`: the dialog it was opened from, which comes again after it. */
  | { is: 'fix'; hostId: HostId; fix: Fix; back: DialogState | null }
  | { is: 'palette' };

/** What only the page knows: where one looks. Nothing of the engine's is kept here. */
export interface UiState {
  view: View;
  chosen: Chosen;
  tab: InspectorTab;
  dialog: DialogState | null;
  /** Filter of rack and table, as typed. */
  filter: string;
  /** Blocks of the rack that are taken together; some may be gone by now. */
  selected: readonly GuestKey[];
  /** What the screen of plans shows: a plan, the what-if board, or all plans. */
  plan: { is: 'all' } | { is: 'one'; planId: PlanId } | { is: 'board' };
  /** Moves tried on the what-if board, from where the guests really are. */
  board: readonly Move[];
  /** A call without a dialog of its own was refused. */
  refused: { problem: Problem; about: string } | null;
}
export type Ui = StoreApi<UiState>;

/** Makes the page's own state. */
export function createUi(first: Partial<UiState> = {}): Ui {
  return createStore<UiState>(() => ({
    view: 'rack',
    chosen: null,
    tab: 'overview',
    dialog: null,
    filter: '',
    selected: [],
    plan: { is: 'all' },
    board: [],
    refused: null,
    ...first,
  }));
}

/** Opens a dialog, or closes it. */
export function show(ui: Ui, dialog: DialogState | null): void {
  ui.setState({ dialog });
}

/** Chooses what the inspector shows. */
export function choose(ui: Ui, chosen: Chosen, tab?: InspectorTab): void {
  const was = ui.getState().chosen;
  const now = chosen?.is === 'guest' && was?.is === 'guest' && was.key === chosen.key ? was : withFirst(chosen);
  ui.setState(tab ? { chosen: now, tab } : { chosen: now });
}

const withFirst = (chosen: Chosen): Chosen => (chosen?.is === 'guest' ? { ...chosen, first: chosen.key } : chosen);

/** Opens a plan. */
export function openPlan(ui: Ui, planId: PlanId): void {
  ui.setState({ view: 'plans', plan: { is: 'one', planId } });
}

/** Takes a block into the selection, or out of it. */
export function pick(ui: Ui, key: GuestKey): void {
  const { selected } = ui.getState();
  ui.setState({ selected: selected.includes(key) ? selected.filter((one) => one !== key) : [...selected, key] });
}
