import { createStore } from 'zustand/vanilla';
import type { Guest, GuestKey } from '../../../../electron/contract/guest.ts';
import type { Host, HostId } from '../../../../electron/contract/host.ts';
import { afterMove, type Fleet, guestOf, type Move } from '../../../../electron/contract/planning.ts';
import { createDrags } from '../../state/dragStore.ts';
import { type Entities, noEntities } from '../../state/entities.ts';
import type { FigureStore } from '../../state/figures.ts';
import { type GuestEntities, withKeys } from '../../state/mirror.ts';
import type { Program } from '../../state/program.ts';
import { createSpares } from '../../state/spares.ts';
import { createUi } from '../../state/ui.ts';
import { fleetOf } from '../rack/verdicts.ts';

/** The rack's own program over a fleet that is only thought: the same strips, blocks, rules and spare capacity, and nothing real. */
export interface Board {
  program: Program;
  /** Blocks that stand where they would be. */
  isMarked(key: GuestKey): boolean;
  close(): void;
}

/** The tried moves of guests that are still where they were taken from. */
export function standingMoves(fleet: Fleet, moves: readonly Move[]): Move[] {
  return moves.filter((one) => guestOf(fleet, one) !== undefined);
}

/** The tried moves after one on the board, in place of what was tried with that guest; to where it really is, it is none. */
export function placed(moves: readonly Move[], { guestId, hostId, targetHostId, how = 'straight' }: Move): Move[] {
  const others = moves.filter((one) => one.guestId !== guestId || one.hostId !== hostId);
  return targetHostId === hostId ? others : [...others, { guestId, hostId, targetHostId, how }];
}

export function createBoard(real: Program): Board {
  const hosts = createStore<Entities<Host>>(() => noEntities());
  const guests = createStore<GuestEntities>(() => ({ ...noEntities<Guest>(), keysOf: new Map() }));
  const spares = createSpares({ hosts, guests });
  let homes = new Map<GuestKey, { key: GuestKey; hostId: HostId }>();
  const think = () => {
    const fleet = fleetOf(real);
    const moves = standingMoves(fleet, real.ui.getState().board);
    const thought = moves.reduce(afterMove, fleet);
    homes = new Map(
      moves.map(({ guestId, hostId, targetHostId }) => [`${targetHostId}/${guestId}`, { key: `${hostId}/${guestId}`, hostId }]),
    );
    hosts.setState({ byId: new Map(thought.hosts.map((one) => [one.id, one])), ready: true });
    guests.setState((was) => withKeys(was, { byId: new Map(thought.guests.map((one) => [one.key, one])), ready: true }));
  };
  think();
  let board = real.ui.getState().board;
  const undo = [
    real.mirror.hosts.subscribe(think),
    real.mirror.guests.subscribe(think),
    real.ui.subscribe((now) => {
      if (now.board === board) return;
      board = now.board;
      think();
    }),
  ];
  // a guest's figures are those of where it really runs
  const figures: FigureStore = {
    ...real.mirror.figures,
    of: (key) => real.mirror.figures.of(homes.get(key)?.key ?? key),
    latest: (key) => real.mirror.figures.latest(homes.get(key)?.key ?? key),
    watch: (key, changed) => real.mirror.figures.watch(homes.get(key)?.key ?? key, changed),
  };
  const homeOf = (key: GuestKey) => homes.get(key)?.hostId;
  const program: Program = {
    ...real,
    homeOf,
    mirror: { ...real.mirror, hosts, guests, figures },
    spares,
    ui: createUi(),
    drags: createDrags(),
  };
  return {
    program,
    isMarked: (key) => homes.has(key),
    close() {
      for (const one of undo) one();
    },
  };
}
