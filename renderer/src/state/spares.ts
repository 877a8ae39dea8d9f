import { createStore, type StoreApi } from 'zustand/vanilla';
import type { HostId } from '../../../electron/contract/host.ts';
import { type SpareCapacity, spareCapacity } from '../../../electron/contract/spareCapacity.ts';
import type { Mirror } from './mirror.ts';

export type Spares = StoreApi<ReadonlyMap<HostId, SpareCapacity>>;

/** How long changes are gathered before it is reckoned anew, ms: it looks at all hosts and guests. */
const CALM_MS = 400;

/** For every host: would its guests fit elsewhere? Derived from the mirror, for all at once. */
export function createSpares(mirror: Pick<Mirror, 'hosts' | 'guests'>): Spares {
  const spares: Spares = createStore(() => new Map());
  let waits = false;
  const reckon = () => {
    waits = false;
    const hosts = [...mirror.hosts.getState().byId.values()];
    const before = spares.getState();
    const { byId, keysOf } = mirror.guests.getState();
    const now = spareCapacity(hosts, (id) => (keysOf.get(id) ?? []).flatMap((key) => byId.get(key) ?? []));
    // What says the same stays the same object, so that its strip is not drawn again.
    for (const [id, spare] of now) {
      const was = before.get(id);
      if (was && saysSame(was, spare)) now.set(id, was);
    }
    spares.setState(now, true);
  };
  const later = () => {
    if (waits) return;
    waits = true;
    setTimeout(reckon, spares.getState().size === 0 ? 0 : CALM_MS);
  };
  mirror.hosts.subscribe(later);
  mirror.guests.subscribe(later);
  return spares;
}

const saysSame = (a: SpareCapacity, b: SpareCapacity): boolean =>
  a.is === b.is && (a.is !== 'short' || b.is !== 'short' || JSON.stringify(a.left) === JSON.stringify(b.left));
