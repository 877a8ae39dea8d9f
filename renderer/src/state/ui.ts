import { createStore, type StoreApi } from 'zustand/vanilla';
import type { GuestKey } from '../../../electron/contract/guest.ts';
import type { HostId } from '../../../electron/contract/host.ts';
import type { Problem } from '../../../electron/contract/problem.ts';
import type { Fix } from '../../../electron/contract/twin.ts';

/** Screens at the left edge. */
export type View = 'rack' | 'guests' | 'history' | 'settings';
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
