import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Guest, GuestShape } from './guest.ts';
import type { Host } from './host.ts';
import type { Left } from './plan.ts';
import {
  afterMove,
  backwards,
  type Fleet,
  freeOf,
  guestOf,
  isWithStop,
  judgeMoves,
  type Move,
  orderMoves,
  planEmpty,
  verdictOf,
} from './planning.ts';
import { problem } from './problem.ts';
import { memoryNeededMiB } from './rules.ts';
import { guest, host } from './ruleTest.ts';

const hostOf = (id: string, freeMemoryMiB: number, xenVersion = '4.17.7'): Host => host(id, { freeMemoryMiB }, { xenVersion });
const guestNamed = (
  name: string,
  hostId: string,
  memoryMiB: number,
  more: Partial<Guest> = {},
  shapeMore: Partial<GuestShape> = {},
): Guest => {
  const like = guest();
  const shape: GuestShape = { ...(like.live as GuestShape), memoryMiB, maxMemoryMiB: memoryMiB, nics: [], ...shapeMore }; // it has one
  return {
    ...like,
    key: `${hostId}/${name}`,
    hostId,
    guestId: name,
    name,
    uuid: name,
    state: 'running',
    config: { file: `/etc/xen/${name}`, version: name, autostart: false, hasUuid: true, shape, unreadable: null },
    live: shape,
    memoryMiB,
    type: shape.type,
    ...more,
  };
};
const halted: Partial<Guest> = { state: 'halted', live: null, domid: null };

const someGuest = fc.record({
  memoryMiB: fc.integer({ min: 64, max: 9000 }),
  kind: fc.constantFrom('runs', 'runs', 'runs', 'halted', 'pv', 'noMigrate', 'paused'),
  at: fc.nat(),
});
const someFleet: fc.Arbitrary<Fleet> = fc
  .record({
    free: fc.array(fc.record({ mib: fc.integer({ min: 0, max: 16000 }), xen: fc.constantFrom('4.17.7', '4.18.1') }), {
      minLength: 1,
      maxLength: 5,
    }),
    guests: fc.array(someGuest, { maxLength: 14 }),
  })
  .map(({ free, guests }) => {
    const hosts = free.map((one, at) => hostOf(`h${at}`, one.mib, one.xen));
    const made = guests.map((one, at) => {
      const hostId = hosts[one.at % hosts.length]?.id ?? 'h0';
      const more = one.kind === 'halted' ? halted : one.kind === 'paused' ? { state: 'paused' as const } : {};
      const shape = one.kind === 'pv' ? { type: 'pv' as const } : one.kind === 'noMigrate' ? { noMigrate: true } : {};
      return guestNamed(`g${at}`, hostId, one.memoryMiB, more, shape);
    });
    return { hosts, guests: made };
  });

/** Plays moves one after the other, with a count of memory of its own. */
function play(fleet: Fleet, moves: readonly Move[]): void {
  const free = new Map(fleet.hosts.map((one) => [one.id, freeOf(one)]));
  const where = new Map(fleet.guests.map((one) => [one.guestId, one.hostId]));
  for (const move of moves) {
    const guest = guestOf(fleet, move);
    if (!guest) throw new Error('a move of nobody');
    expect(where.get(move.guestId)).toBe(move.hostId);
    where.set(move.guestId, move.targetHostId);
    if (guest.state === 'halted') continue;
    const left = (free.get(move.targetHostId) ?? 0) - memoryNeededMiB(guest);
    expect(left).toBeGreaterThanOrEqual(0);
    free.set(move.targetHostId, left);
    free.set(move.hostId, (free.get(move.hostId) ?? 0) + guest.memoryMiB);
  }
}

describe('a plan that empties a host', () => {
  test('never needs more memory than a host has, at any step', () => {
    fc.assert(fc.property(someFleet, fc.boolean(), (fleet, all) => play(fleet, planEmpty(fleet, 'h0', { halted: all, stops: all }).moves)));
  });

  test('names every guest once: it goes, or stays with a reason of every other host', () => {
    fc.assert(
      fc.property(someFleet, (fleet) => {
        const { moves, left } = planEmpty(fleet, 'h0', { halted: true, stops: false });
        const named = [...moves, ...left].map((one) => one.guestId).sort();
        expect(named).toEqual(
          fleet.guests
            .filter((one) => one.hostId === 'h0')
            .map((one) => one.guestId)
            .sort(),
        );
        for (const one of left) expect(one.reasons).toHaveLength(fleet.hosts.length - 1);
      }),
    );
  });

  test('each move may be made when its turn comes, and none goes to a host that refused it', () => {
    fc.assert(
      fc.property(someFleet, (fleet) => {
        const refused = ({ targetHostId }: Move) =>
          targetHostId === 'h1' ? problem('move.unreachable', { from: 'h0', to: 'h1', tried: [] }) : null;
        const { moves } = planEmpty(fleet, 'h0', { halted: true, stops: true, refused });
        expect(moves.filter((one) => one.targetHostId === 'h1')).toEqual([]);
        expect(judgeMoves(fleet, moves).judged.every((one) => one.verdict.may)).toBe(true);
      }),
    );
  });

  test('halted guests stay where they are unless asked for', () => {
    const fleet = { hosts: [hostOf('a', 0), hostOf('b', 9000)], guests: [guestNamed('on', 'a', 512), guestNamed('off', 'a', 512, halted)] };
    expect(planEmpty(fleet, 'a', { halted: false, stops: false })).toMatchObject({ moves: [{ guestId: 'on' }], left: [] });
    expect(planEmpty(fleet, 'a', { halted: true, stops: false }).moves).toHaveLength(2);
  });

  test('biggest first, and where it can come back from before where there is more room', () => {
    const fleet = {
      hosts: [hostOf('a', 0), hostOf('newer', 60000, '4.18.0'), hostOf('same', 6000)],
      guests: [guestNamed('small', 'a', 1024), guestNamed('big', 'a', 4096)],
    };
    expect(planEmpty(fleet, 'a', { halted: false, stops: false }).moves).toEqual([
      { guestId: 'big', hostId: 'a', targetHostId: 'same' },
      { guestId: 'small', hostId: 'a', targetHostId: 'same' },
    ]);
  });

  test('what fits only when packed is packed', () => {
    const fleet = {
      hosts: [hostOf('a', 0), hostOf('b', 4300), hostOf('c', 6300)],
      guests: [guestNamed('four', 'a', 4096), guestNamed('six', 'a', 6144)],
    };
    expect(planEmpty(fleet, 'a', { halted: false, stops: false }).left).toEqual([]);
    const tight = { ...fleet, guests: [guestNamed('two', 'a', 2048), guestNamed('two2', 'a', 2048), guestNamed('six', 'a', 6144)] };
    expect(planEmpty(tight, 'a', { halted: false, stops: false }).left).toEqual([]);
  });

  test('nobody stops where packing makes room for all of them as they run', () => {
    const guests = ['three', 'three2', 'two', 'two2', 'two3'].map((name) => guestNamed(name, 'a', name.startsWith('three') ? 3000 : 2000));
    const fleet = { hosts: [hostOf('a', 0), hostOf('b', 6200), hostOf('c', 6200), hostOf('older', 9000, '4.16.0')], guests };
    const { moves, left } = planEmpty(fleet, 'a', { halted: false, stops: true });
    expect(left).toEqual([]);
    expect(moves.filter(isWithStop)).toEqual([]);
    const { moves: short } = planEmpty({ ...fleet, guests: [...guests, guestNamed('two4', 'a', 2000)] }, 'a', {
      halted: false,
      stops: true,
    });
    expect(short.filter(isWithStop)).toMatchObject([{ targetHostId: 'older', how: 'stopped' }]);
  });

  test('a guest that only can’t go while it runs may go with a stop; one that no host takes can’t go', () => {
    const fleet = {
      hosts: [hostOf('a', 0), hostOf('b', 900), hostOf('c', 2000), hostOf('older', 5000, '4.16.0')],
      guests: [
        guestNamed('pv', 'a', 64, {}, { type: 'pv' }),
        guestNamed('big', 'a', 8000),
        guestNamed('twin', 'a', 64),
        guestNamed('twin', 'b', 64, { config: null }),
        guestNamed('twin', 'c', 64, { config: null }),
        guestNamed('twin', 'older', 64, { config: null }),
      ],
    };
    const { left } = planEmpty(fleet, 'a', { halted: false, stops: false });
    const hostsOf = ({ withStop }: Left) => withStop.map((one) => one.hostId);
    expect(left.map((one) => [one.name, hostsOf(one), one.reasons[0]?.because.code])).toEqual([
      ['big', [], 'memory.short'],
      ['twin', [], 'name.taken'],
      ['pv', ['c', 'b', 'older'], 'move.pvNoShadow'],
    ]);
    // saved, its memory is a newer Xen's: an older one takes it only shut down
    expect(left.at(-1)?.withStop.map((one) => one.how)).toEqual(['saved', 'saved', 'stopped']);
    // and where that is wanted it does, to where most memory stays free of those where what runs in it goes on
    const stopping = planEmpty(fleet, 'a', { halted: false, stops: true });
    expect(stopping.moves).toEqual([{ guestId: 'pv', hostId: 'a', targetHostId: 'c', how: 'saved' }]);
    expect(stopping.left.map((one) => one.name)).toEqual(['big', 'twin']);
  });
});

describe('moves in an order', () => {
  const someMoves = (fleet: Fleet) =>
    fc.array(fc.nat(), { minLength: fleet.guests.length, maxLength: fleet.guests.length }).map((targets) =>
      fleet.guests.flatMap((guest, at): Move[] => {
        const target = fleet.hosts[(targets[at] ?? 0) % fleet.hosts.length]?.id ?? guest.hostId;
        return target === guest.hostId ? [] : [{ guestId: guest.guestId, hostId: guest.hostId, targetHostId: target }];
      }),
    );

  test('an order is of the same moves, and what may be made comes first', () => {
    fc.assert(
      fc.property(
        someFleet.chain((fleet) => someMoves(fleet).map((moves) => ({ fleet, moves }))),
        ({ fleet, moves }) => {
          const ordered = orderMoves(fleet, moves);
          expect([...ordered].sort((a, b) => (a.guestId < b.guestId ? -1 : 1))).toEqual(
            [...moves].sort((a, b) => (a.guestId < b.guestId ? -1 : 1)),
          );
          const mays = judgeMoves(fleet, ordered).judged.map((one) => one.verdict.may);
          expect(mays.lastIndexOf(true)).toBeLessThanOrEqual(mays.includes(false) ? mays.indexOf(false) - 1 : mays.length);
          play(
            fleet,
            ordered.filter((_, at) => mays[at]),
          );
        },
      ),
    );
  });

  test('two that change places go where there is room in between', () => {
    const fleet = { hosts: [hostOf('a', 0), hostOf('b', 5000)], guests: [guestNamed('x', 'a', 4096), guestNamed('y', 'b', 4000)] };
    const moves = [
      { guestId: 'y', hostId: 'b', targetHostId: 'a' },
      { guestId: 'x', hostId: 'a', targetHostId: 'b' },
    ];
    expect(judgeMoves(fleet, moves).judged.map((one) => one.verdict.may)).toEqual([false, true]);
    expect(orderMoves(fleet, moves).map((one) => one.guestId)).toEqual(['x', 'y']);
  });

  test('backwards, everyone is where they were', () => {
    fc.assert(
      fc.property(
        someFleet.chain((fleet) => someMoves(fleet).map((moves) => ({ fleet, moves }))),
        ({ fleet, moves }) => {
          const there = moves.reduce(afterMove, fleet);
          const home = backwards(moves).reduce(afterMove, there);
          expect(home.guests.map((one) => one.key)).toEqual(fleet.guests.map((one) => one.key));
        },
      ),
    );
  });

  test('of nobody, and to nowhere', () => {
    const fleet = { hosts: [hostOf('a', 0)], guests: [guestNamed('x', 'a', 64)] };
    expect(verdictOf(fleet, { guestId: 'no', hostId: 'a', targetHostId: 'b' })).toMatchObject({ because: { code: 'guest.unknown' } });
    expect(verdictOf(fleet, { guestId: 'x', hostId: 'a', targetHostId: 'b' })).toMatchObject({ because: { code: 'host.unknown' } });
  });
});
