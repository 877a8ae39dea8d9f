import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Guest } from './guest.ts';
import type { GuestType, Host, HostFacts } from './host.ts';
import { memoryNeededMiB } from './rules.ts';
import { guest, host } from './ruleTest.ts';
import { type PlannedGuest, type SpareCapacity, spareCapacity, spareWith } from './spareCapacity.ts';

/** A guest on a host, running with so much memory; of this type, on these bridges. */
function load(
  hostId: string,
  name: string,
  memoryMiB: number,
  more: { type?: GuestType; bridges?: string[]; of?: Partial<Guest> } = {},
): Guest {
  const plain = guest();
  const nics = (more.bridges ?? ['xenbr0']).map((bridge) => ({ mac: null, bridge, model: null, ip: null }));
  const live = plain.live && { ...plain.live, memoryMiB, maxMemoryMiB: memoryMiB, nics };
  return { ...plain, key: `${hostId}/${name}`, hostId, guestId: name, name, memoryMiB, type: more.type ?? 'pvh', live, ...more.of };
}
const room = (id: string, freeMemoryMiB: number, facts: Partial<HostFacts> = {}): Host => host(id, { freeMemoryMiB }, facts);
const on = (guests: Guest[]) => (id: string) => guests.filter((one) => one.hostId === id);
const spare = (hosts: Host[], guests: Guest[]): Map<string, SpareCapacity> => spareCapacity(hosts, on(guests));
const withOne = (hosts: Host[], guests: Guest[], planned: PlannedGuest) => spareWith(hosts, on(guests), spare(hosts, guests), planned);
const of = (...given: Parameters<typeof spare>): SpareCapacity | undefined => spare(...given).get('a');
const because = (found: SpareCapacity | undefined) => found?.is === 'short' && found.left.map((one) => one.because);

describe('if a host fails', () => {
  test('its guests fit where there is room for each', () => {
    expect(of([room('a', 0), room('b', 2000), room('c', 1100)], [load('a', 'x', 1024), load('a', 'y', 1900)])).toMatchObject({
      is: 'fits',
    });
  });

  test('who is left, and by how much, is said; a host is not filled twice', () => {
    const found = of([room('a', 9999), room('b', 4200)], [load('a', 'big', 4096), load('a', 'small', 2048)]);
    const free = 4200 - memoryNeededMiB(load('a', 'big', 4096));
    const shortMiB = memoryNeededMiB(load('a', 'small', 2048)) - free;
    expect(found).toEqual({ is: 'short', shortMiB, left: [{ key: 'a/small', name: 'small', because: { is: 'memory', shortMiB } }] });
  });

  test('type, bridges and devices of the host count', () => {
    const plenty = (facts: Partial<HostFacts>) => [room('a', 0), room('b', 99_999, facts)];
    expect(because(of(plenty({ types: ['pv'] }), [load('a', 'x', 10)]))).toEqual([{ is: 'type', type: 'pvh' }]);
    expect(because(of(plenty({ bridges: [] }), [load('a', 'x', 10, { bridges: ['dmz'] })]))).toEqual([{ is: 'bridge', bridge: 'dmz' }]);
    const held = load('a', 'x', 10);
    const devices = { ...held, live: held.live && { ...held.live, passthrough: true } };
    expect(because(of(plenty({}), [devices]))).toEqual([{ is: 'devices' }]);
    expect(of(plenty({ types: ['pvh'] }), [load('a', 'x', 10, { of: { type: null } })])).toMatchObject({ is: 'fits' });
  });

  test('two bridges that no host has together: one that is missing is named', () => {
    const half = (id: string, name: string) => room(id, 9999, { bridges: [{ name, up: true, ports: [] }] });
    const found = of([room('a', 0), half('b', 'one'), half('c', 'two')], [load('a', 'x', 10, { bridges: ['one', 'two'] })]);
    expect(because(found)).toEqual([{ is: 'bridge', bridge: 'two' }]);
  });

  test('hosts that are lost, or may not be changed, take nobody; their own guests are looked at all the same', () => {
    const lost = host('b', { freeMemoryMiB: 9999, link: { is: 'closed' } });
    const guests = [load('a', 'x', 10), load('b', 'y', 10)];
    expect(of([room('a', 9999), lost], guests)).toEqual({ is: 'alone' });
    expect(spare([room('a', 9999), lost], guests).get('b')).toMatchObject({ is: 'fits' });
    expect(of([room('a', 0), room('b', 9999, { toolstack: 'xapi' })], guests)).toEqual({ is: 'alone' });
  });

  test('what does not run needs no room', () => {
    const off = [load('a', 'x', 99_999, { of: { state: 'halted' } }), load('a', 'y', 99_999, { of: { leftover: 'incoming' } })];
    expect(of([room('a', 0), room('b', 0)], off)).toEqual({ is: 'idle' });
    expect(of([room('a', 0)], [])).toEqual({ is: 'idle' });
    expect(of([room('a', 0), room('b', 0)], [load('a', 'x', 10, { of: { state: 'paused' } })])?.is).toBe('short');
  });

  test('a way that first fit does not see is found', () => {
    // 6 5 4 into 9 and 6: first fit puts 6 and 4 apart from 5, and has no room for one of them
    const [b, c] = [room('b', 9300), room('c', 6150)];
    const guests = [load('a', 'x', 6000), load('a', 'y', 5000), load('a', 'z', 4000)];
    expect(of([room('a', 0), b, c], guests)).toMatchObject({ is: 'fits' });
  });

  test('a planned guest takes memory from its host, and needs room elsewhere', () => {
    const planned = { hostId: 'b', name: 'new', neededMiB: 3000, type: 'pvh' as const, bridges: ['xenbr0'] };
    const hosts = [room('a', 1000), room('b', 4000)];
    const guests = [load('a', 'x', 2000)];
    expect(spare(hosts, guests).get('a')).toMatchObject({ is: 'fits' });
    const after = withOne(hosts, guests, planned);
    expect(after.get('a')?.is).toBe('short');
    expect(after.get('b')).toMatchObject({ is: 'short', left: [{ name: 'new', because: { is: 'memory', shortMiB: 2000 } }] });
  });
});

const types: GuestType[] = ['pv', 'pvh', 'hvm'];
const bridges = ['xenbr0', 'dmz'];
const aRoom = fc.record({
  free: fc.integer({ min: 0, max: 120 }),
  types: fc.subarray(types, { minLength: 1 }),
  bridges: fc.subarray(bridges),
  open: fc.boolean(),
});
const aLoad = fc.record({ memory: fc.integer({ min: 1, max: 60 }), type: fc.constantFrom(...types), bridges: fc.subarray(bridges) });
const office = fc.record({
  rooms: fc.array(aRoom, { minLength: 1, maxLength: 3 }),
  loads: fc.array(aLoad, { maxLength: 5 }),
});
const built = office.map(({ rooms, loads }) => {
  const hosts = rooms.map((given, at) => ({
    ...room(`r${at}`, given.free, { types: given.types, bridges: given.bridges.map((name) => ({ name, up: true, ports: [] })) }),
    link: given.open ? ({ is: 'open', since: 0 } as const) : ({ is: 'closed' } as const),
  }));
  const guests = loads.map((given, at) => load('a', `g${at}`, given.memory, given));
  return { hosts: [room('a', 0), ...hosts], guests };
});

/** Every way there is, tried. */
function anyWay(guests: readonly Guest[], rooms: readonly { host: Host; free: number }[]): boolean {
  const [first, ...rest] = guests;
  if (!first) return true;
  const need = memoryNeededMiB(first);
  return rooms.some(({ host: into, free }) => {
    const facts = into.facts;
    const nics = first.live?.nics ?? [];
    if (!facts || free < need || !first.type || !facts.types.includes(first.type)) return false;
    if (!nics.every((nic) => facts.bridges.some((one) => one.name === nic.bridge))) return false;
    return anyWay(
      rest,
      rooms.map((one) => (one.host === into ? { host: into, free: free - need } : one)),
    );
  });
}

describe('for any office', () => {
  test('it says that they fit exactly where there is a way', () => {
    fc.assert(
      fc.property(built, ({ hosts, guests }) => {
        const rooms = hosts.slice(1).flatMap((one) => (one.link.is === 'open' ? [{ host: one, free: one.freeMemoryMiB ?? 0 }] : []));
        const found = of(hosts, guests)?.is;
        if (guests.length === 0) expect(found).toBe('idle');
        else expect(found === 'fits').toBe(anyWay(guests, rooms));
      }),
      { numRuns: 1000 },
    );
  });

  test('never more than there is room for', () => {
    fc.assert(
      fc.property(built, ({ hosts, guests }) => {
        const total = hosts.slice(1).reduce((sum, one) => sum + (one.link.is === 'open' ? (one.freeMemoryMiB ?? 0) : 0), 0);
        const need = guests.reduce((sum, one) => sum + memoryNeededMiB(one), 0);
        if (need > total) expect(of(hosts, guests)?.is).not.toBe('fits');
      }),
    );
  });

  test('without one guest, with more memory, or with one more host, it is not worse', () => {
    fc.assert(
      fc.property(built, fc.nat(), ({ hosts, guests }, nth) => {
        if (of(hosts, guests)?.is !== 'fits') return;
        const fewer = guests.filter((_, at) => at !== nth % guests.length);
        expect(of(hosts, fewer)?.is).toBe(fewer.length > 0 ? 'fits' : 'idle');
        expect(
          of(
            hosts.map((one) => ({ ...one, freeMemoryMiB: (one.freeMemoryMiB ?? 0) + (nth % 50) })),
            guests,
          ),
        ).toMatchObject({ is: 'fits' });
        expect(of([...hosts, room('more', nth % 100)], guests)).toMatchObject({ is: 'fits' });
      }),
      { numRuns: 500 },
    );
  });

  test('one guest more is the same as if it ran there already', () => {
    const everywhere = fc.tuple(built, fc.array(fc.tuple(fc.nat(3), aLoad), { maxLength: 6 }), fc.nat(3), aLoad);
    fc.assert(
      fc.property(everywhere, ([{ hosts, guests }, more, at, one]) => {
        const place = (nth: number) => hosts[nth % hosts.length]?.id ?? 'a';
        const all = [...guests, ...more.map(([nth, given], n) => load(place(nth), `m${n}`, given.memory, given))];
        const made = load(place(at), 'new', one.memory, one);
        const neededMiB = memoryNeededMiB(made);
        const planned = { hostId: made.hostId, name: 'new', neededMiB, type: one.type, bridges: one.bridges };
        const taken = hosts.map((given) =>
          given.id === made.hostId ? { ...given, freeMemoryMiB: Math.max(0, (given.freeMemoryMiB ?? 0) - neededMiB) } : given,
        );
        const is = (spares: Map<string, SpareCapacity>) => [...spares].map(([id, { is: how }]) => `${id} ${how}`);
        expect(is(withOne(hosts, all, planned))).toEqual(is(spare(taken, [...all, made])));
      }),
      { numRuns: 1000 },
    );
  });

  test('a host that is lost is as good as none', () => {
    fc.assert(
      fc.property(built, ({ hosts, guests }) => {
        const open = hosts.filter((one) => one.link.is === 'open');
        expect(of(hosts, guests)).toEqual(of(open, guests));
      }),
    );
  });

  test('with the memory that is said to be missing on the roomiest host, those it stops would fit', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }), fc.nat(200), (sizes, free) => {
        const guests = sizes.map((size, at) => load('a', `g${at}`, size));
        const found = of([room('a', 0), room('b', free)], guests);
        if (found?.is !== 'short') return;
        expect(of([room('a', 0), room('b', free + found.shortMiB)], guests)).toMatchObject({ is: 'fits' });
      }),
    );
  });
});
