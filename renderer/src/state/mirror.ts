import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Change } from '../../../electron/contract/api.ts';
import type { Prompt } from '../../../electron/contract/app.ts';
import type { DoctorReport } from '../../../electron/contract/doctor.ts';
import type { Guest, GuestKey } from '../../../electron/contract/guest.ts';
import type { Host, HostId } from '../../../electron/contract/host.ts';
import type { Plan } from '../../../electron/contract/plan.ts';
import type { Task } from '../../../electron/contract/task.ts';
import type { Session } from '../engine/session.ts';
import { applyChanges, type Entities, noEntities } from './entities.ts';
import { createFigureStore, type FigureStore } from './figures.ts';

/** Guests, and which stand on which host (the array stays the same while its members do). */
export interface GuestEntities extends Entities<Guest> {
  keysOf: ReadonlyMap<HostId, readonly GuestKey[]>;
}

/** What the engine said, and nothing else: written by feeds only. */
export interface Mirror {
  hosts: StoreApi<Entities<Host>>;
  guests: StoreApi<GuestEntities>;
  tasks: StoreApi<Entities<Task>>;
  plans: StoreApi<Entities<Plan>>;
  prompts: StoreApi<Entities<Prompt>>;
  figures: FigureStore;
  doctor: StoreApi<{ report: DoctorReport | null }>;
  close(): void;
}

/** Changes that arrive together are written together, once a frame at most. */
const GATHER_MS = 16;

/** Joins the feeds to the stores. */
export function createMirror(session: Session): Mirror {
  const hosts = createStore<Entities<Host>>(() => noEntities());
  const guests = createStore<GuestEntities>(() => ({ ...noEntities<Guest>(), keysOf: new Map() }));
  const tasks = createStore<Entities<Task>>(() => noEntities());
  const plans = createStore<Entities<Plan>>(() => noEntities());
  const prompts = createStore<Entities<Prompt>>(() => noEntities());
  const figures = createFigureStore();
  const doctor = createStore<{ report: DoctorReport | null }>(() => ({ report: null }));
  const undo = [
    session.feed(
      'host.watch',
      {},
      gather((those) => hosts.setState((was) => applyChanges(was, those, (one) => one.id))),
    ),
    session.feed(
      'guest.watch',
      {},
      gather((those) =>
        guests.setState((was) =>
          withKeys(
            was,
            applyChanges(was, those, (one) => one.key),
          ),
        ),
      ),
    ),
    session.feed(
      'task.watch',
      {},
      gather((those) => tasks.setState((was) => applyChanges(was, those, (one) => one.id))),
    ),
    session.feed(
      'plan.watch',
      {},
      gather((those) => plans.setState((was) => applyChanges(was, those, (one) => one.id))),
    ),
    session.feed(
      'prompt.watch',
      {},
      gather((those) => prompts.setState((was) => applyChanges(was, those, (one) => one.promptId))),
    ),
    session.feed('doctor.watch', {}, (report) => doctor.setState({ report })),
    session.feed('figures.watch', {}, (sample) => figures.take(sample)),
  ];
  return {
    hosts,
    guests,
    tasks,
    plans,
    prompts,
    figures,
    doctor,
    close() {
      for (const one of undo) one();
    },
  };
}

function gather<T>(write: (changes: Change<T>[]) => void): (change: Change<T>) => void {
  let waiting: Change<T>[] = [];
  return (change) => {
    waiting.push(change);
    if (waiting.length > 1) return;
    setTimeout(() => {
      const those = waiting;
      waiting = [];
      write(those);
    }, GATHER_MS);
  };
}

/** Adds who stands where, keeping the arrays of hosts whose members stay. */
export function withKeys(was: GuestEntities, now: Entities<Guest>): GuestEntities {
  const keys = new Map<HostId, GuestKey[]>();
  for (const guest of now.byId.values()) {
    const those = keys.get(guest.hostId);
    if (those) those.push(guest.key);
    else keys.set(guest.hostId, [guest.key]);
  }
  const keysOf = new Map<HostId, readonly GuestKey[]>();
  for (const [hostId, those] of keys) {
    those.sort();
    const before = was.keysOf.get(hostId);
    const same = before?.length === those.length && before.every((key, at) => key === those[at]);
    keysOf.set(hostId, same && before ? before : those);
  }
  return { ...now, keysOf };
}
