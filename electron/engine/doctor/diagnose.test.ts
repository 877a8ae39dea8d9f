import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding, MendAction } from '../../contract/doctor.ts';
import type { Guest } from '../../contract/guest.ts';
import { diagnose } from './diagnose.ts';
import type { HostLook, SeenDomain } from './look.ts';
import { isAlive, type Scene } from './scene.ts';

/** One guest, some hosts, and all that can be left of it: what is offered must be safe in every combination. */

const uuid = 'd4acd2a9-350f-471e-9f2b-802ac4947aee';
type CopyIs = 'runs' | 'paused' | 'suspended' | 'incoming' | 'away' | 'awaySaved' | 'crashed';
/** Letters of `xl list`: the fourth is s for a domain that was shut down, the fifth why. */
const letters: Record<CopyIs, string> = {
  runs: '-b----',
  paused: '--p---',
  suspended: '---ss-',
  incoming: '--p---',
  away: '--pss-',
  awaySaved: '--p---',
  crashed: '---sc-',
};
const names: Record<CopyIs, string> = {
  runs: 'web',
  paused: 'web',
  suspended: 'web',
  incoming: 'web--incoming',
  away: 'web--migratedaway',
  awaySaved: 'web--migratedaway',
  crashed: 'web',
};

interface Truth {
  hostId: string;
  asked: boolean;
  copy: CopyIs | null;
  config: { version: string; autostart: boolean } | null;
  mover: boolean;
  canResume: boolean;
  /** A job of a move from here that set the config aside. */
  job: 'died' | 'ended' | null;
  /** The folder of a move to here, with a config that came, and how many disks were made for it. */
  incoming: { state: HostLook['incoming'][number]['state']; made: number } | null;
  key: boolean;
}

const look = (one: Truth): HostLook => ({
  hostId: one.hostId,
  boot: 'b',
  canResume: one.canResume,
  domains: one.copy
    ? [{ domid: 7, uuid, seconds: one.copy === 'incoming' ? 0 : 3, state: letters[one.copy], name: names[one.copy] } satisfies SeenDomain]
    : [],
  movers: one.mover ? [{ way: 'receive', ours: null }] : [],
  jobs: one.job
    ? [
        {
          id: 'm1',
          state: one.job,
          ageSeconds: 9000,
          rebooted: false,
          phase: 'undecided',
          committed: true,
          lock: uuid,
          about,
          aside: { file: '/etc/xen/web.cfg', here: one.config !== null },
        },
      ]
    : [],
  incoming: one.incoming
    ? [
        {
          id: `i-${one.hostId}`,
          state: one.incoming.state,
          ageSeconds: 9000,
          installed: one.incoming.state === 'received',
          uuid,
          staged: { file: '/etc/xen/web.cfg', here: one.config !== null },
          made: Array.from({ length: one.incoming.made }, (_none, n) => ({ path: `/srv/${n}.img`, bytes: 5 })),
        },
      ]
    : [],
  keys: one.key ? [{ id: 'k1', expired: false, file: '/root/.ssh/authorized_keys' }] : [],
  parts: [],
  volumes: [],
  left: [],
  traces: [],
  locks: [],
});
const about = {
  kind: 'guest.migrate',
  guestId: uuid,
  guestName: 'web',
  uuid,
  domid: 7,
  memoryMiB: 80,
  target: 'machine-b',
  targetLabel: 'b',
  configFile: '/etc/xen/web.cfg',
  pingAddress: null,
  activated: [],
  startedAt: 1,
};

function guestOf(one: Truth): Guest[] {
  if (!one.copy && !one.config) return [];
  const { config, copy, hostId } = one;
  return [
    {
      key: `${hostId}/${uuid}`,
      warning: null,
      hostId,
      guestId: uuid,
      name: copy ? names[copy] : 'web',
      uuid,
      state: copy ? 'running' : 'halted',
      domid: copy ? 7 : null,
      config: config
        ? { file: '/etc/xen/web.cfg', version: config.version, autostart: config.autostart, hasUuid: true, shape: null, unreadable: null }
        : null,
      live: null,
      needsRestart: [],
      leftover: null,
      memoryMiB: 80,
      vcpus: 1,
      type: 'pvh',
      doing: null,
    },
  ];
}
const sceneOf = (truths: readonly Truth[]): Scene => ({
  looks: truths.filter((one) => one.asked).map(look),
  hosts: truths.map((one) => ({ id: one.hostId, label: one.hostId })),
  // of a host that can't be asked the mirror may still show what was seen last: here, nothing
  guests: truths.filter((one) => one.asked).flatMap(guestOf),
  machineOf: new Map(truths.map((one) => [one.hostId, `machine-${one.hostId}`])),
  isOneFile: () => false,
});

/** What the action does, as the remote program does it. */
function mended(truths: readonly Truth[], found: Finding): Truth[] {
  const { action } = found;
  return truths.map((one) => {
    if (action?.is === 'carryConfig' && action.toHostId === one.hostId)
      return { ...one, config: { version: 'v1', autostart: action.autostart } };
    return one.hostId === found.hostId && action ? after(one, action) : one;
  });
}

function after(one: Truth, action: MendAction): Truth {
  switch (action.is) {
    case 'end':
      return { ...one, copy: null };
    case 'resume':
      return { ...one, copy: 'runs' };
    case 'putBack':
      return { ...one, config: { version: 'aside', autostart: false }, job: null };
    case 'install':
      return { ...one, config: { version: 'came', autostart: false }, incoming: null };
    case 'trashConfig':
    case 'carryConfig':
      return { ...one, config: null };
    case 'unstage':
      return { ...one, incoming: null };
    case 'unlock':
      return { ...one, key: false };
    case 'shelve':
    case 'setAside':
    case 'untrace':
    case 'dropLocks':
    case 'forget':
      return one;
  }
}

const alive = (one: Truth): boolean =>
  one.copy !== null && isAlive({ hostId: one.hostId, domid: 7, seconds: 0, name: names[one.copy], state: letters[one.copy] });

/** Throws when what a finding offers could cost somebody a guest. `truths`: also of hosts that could not be asked. */
function mustBeSafe(truths: readonly Truth[], found: Finding): void {
  const { action } = found;
  if (!action) {
    expect(found.none).not.toBeNull();
    return;
  }
  expect(found.none).toBeNull();
  const at = truths.find((one) => one.hostId === found.hostId);
  const allAsked = truths.every((one) => one.asked);
  const then = mended(truths, found);
  expect(at?.asked).toBe(true);
  if (action.is === 'end') {
    const lives = truths.some((one) => one.asked && one !== at && alive(one));
    // either it lives on elsewhere, and that was seen; or nothing alive is ended, all were asked, and something is left to start
    expect(lives || (allAsked && at !== undefined && !alive(at))).toBe(true);
    expect(lives || then.some((one) => one.copy !== null || one.config !== null)).toBe(true);
    expect(at?.copy === 'runs').toBe(false);
    expect(truths.some((one) => one.asked && one.copy !== null && one.mover)).toBe(false);
    if (!lives || at?.copy === 'paused' || at?.copy === 'suspended') expect(found.typed).toBe(true);
  }
  if (action.is === 'resume') expect([allAsked, truths.filter((one) => one.copy !== null).length, at?.canResume]).toEqual([true, 1, true]);
  if (action.is === 'trashConfig') {
    expect(at && alive(at)).toBe(false);
    expect(then.some((one) => one.asked && one.config !== null && alive(one))).toBe(true);
  }
  if (action.is === 'carryConfig') {
    const to = truths.find((one) => one.hostId === action.toHostId);
    expect([to && alive(to), to?.config, at?.copy]).toEqual([true, null, null]);
  }
  if (action.is === 'putBack' || action.is === 'install') {
    expect([allAsked, truths.some((one) => one.copy !== null || one.config !== null)]).toEqual([true, false]);
    // of disks that did not come whole no guest is made; nor of a move that may still come, or of which nobody came
    if (action.is === 'install')
      expect(at?.incoming?.state === 'received' || (at?.incoming?.made === 0 && ['claimed', 'failed'].includes(at.incoming.state))).toBe(
        true,
      );
  }
  if (action.is === 'unstage' && action.disks.length > 0) expect([allAsked, at?.copy]).toEqual([true, null]);
}

const truth = (hostId: string): fc.Arbitrary<Truth> =>
  fc.record({
    hostId: fc.constant(hostId),
    asked: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
    copy: fc.constantFrom(null, null, 'runs', 'paused', 'suspended', 'incoming', 'away', 'awaySaved', 'crashed'),
    config: fc.constantFrom(
      null,
      { version: 'v1', autostart: false },
      { version: 'v1', autostart: true },
      { version: 'v2', autostart: false },
    ),
    mover: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
    canResume: fc.boolean(),
    job: fc.constantFrom(null, null, 'died', 'ended'),
    incoming: fc.constantFrom(
      null,
      null,
      { state: 'staged', made: 0 },
      { state: 'waiting', made: 0 },
      { state: 'claimed', made: 0 },
      { state: 'claimed', made: 2 },
      { state: 'failed', made: 2 },
      { state: 'received', made: 0 },
      { state: 'received', made: 1 },
    ),
    key: fc.boolean(),
  });
const office = fc.tuple(truth('a'), truth('b'), truth('c')).map((all) => all as Truth[]);

describe('whatever is left of a guest', () => {
  it('what is offered is safe, and mending all of it comes to an end', () => {
    fc.assert(
      fc.property(office, (first) => {
        let truths = first;
        const done = new Set<string>();
        for (let step = 0; ; step++) {
          const findings = diagnose(sceneOf(truths));
          for (const one of findings) mustBeSafe(truths, one);
          expect(new Set(findings.map((one) => one.id)).size).toBe(findings.length);
          const next = findings.find((one) => one.action !== null);
          if (!next) return;
          expect(step).toBeLessThan(12);
          expect([next.id, done.has(next.id)]).toEqual([next.id, false]);
          done.add(next.id);
          truths = mended(truths, next);
          expect(diagnose(sceneOf(truths)).map((one) => one.id)).not.toContain(next.id);
        }
      }),
      { numRuns: 4000 },
    );
  }, 120_000);

  it('a version outlives figures and turns on a CPU, and no fact', () => {
    const version = (...truths: Truth[]) => diagnose(sceneOf(truths))[0]?.version;
    const half = at('b', { copy: 'incoming' });
    const before = version(at('a', { copy: 'runs', config }), half);
    const scene = sceneOf([at('a', { copy: 'runs', config }), half]);
    for (const seen of scene.looks)
      for (const one of seen.domains) Object.assign(one, { seconds: 99, state: one.state.replace('-b-', 'r--') });
    expect(diagnose(scene)[0]?.version).toBe(before);
    expect(version(at('a', { copy: 'paused', config }), half)).not.toBe(before);
    expect(version(at('a', { copy: 'runs', config }), { ...half, mover: true })).not.toBe(before);
  });
});

const none: Truth = {
  hostId: 'a',
  asked: true,
  copy: null,
  config: null,
  mover: false,
  canResume: true,
  job: null,
  incoming: null,
  key: false,
};
const config = { version: 'v1', autostart: false };
const at = (hostId: string, more: Partial<Truth>): Truth => ({ ...none, hostId, ...more });
const told = (...truths: Truth[]) =>
  diagnose(sceneOf(truths)).map((one) => [one.kind, one.hostId, one.alive?.hostId ?? null, one.action?.is ?? one.none?.is]);

describe('states a person meets', () => {
  it('nothing is found where nothing is wrong', () => {
    expect(told(at('a', { copy: 'runs', config }), at('b', {}))).toEqual([]);
    expect(told(at('a', { config }), at('b', {}))).toEqual([]);
  });
  it('a half that came is ended while the guest runs at its source, though another host is silent', () => {
    expect(told(at('a', { copy: 'runs', config }), at('b', { copy: 'incoming' }), at('c', { asked: false }))).toEqual([
      ['incoming', 'b', 'a', 'end'],
    ]);
  });
  it('a half that came stays while an xl moves something there', () => {
    expect(told(at('a', { copy: 'runs', config }), at('b', { copy: 'incoming', mover: true }))).toEqual([['incoming', 'b', 'a', 'moving']]);
  });
  it('what was given away is ended where it runs at the target, and stays while that can’t be asked', () => {
    expect(told(at('a', { copy: 'away', config }), at('b', { copy: 'runs' }))).toEqual([['migratedAway', 'a', 'b', 'end']]);
    expect(told(at('a', { copy: 'awaySaved', config }), at('b', { copy: 'runs' }))).toEqual([['migratedAway', 'a', 'b', 'end']]);
    expect(told(at('a', { copy: 'away', config }), at('b', { copy: 'runs', asked: false }))).toEqual([
      ['migratedAway', 'a', null, 'notAsked'],
    ]);
    expect(told(at('a', { copy: 'away' }), at('b', {}))).toEqual([['migratedAway', 'a', null, 'onlyCopy']]);
  });
  it('a guest that runs twice is touched nowhere', () => {
    expect(told(at('a', { copy: 'runs', config }), at('b', { copy: 'runs', config }), at('c', { copy: 'incoming' }))).toEqual([
      ['twice', 'a', null, 'bothAlive'],
    ]);
  });
  it('a suspended one goes on; where xl can’t, it is ended and starts from its disk', () => {
    expect(told(at('a', { copy: 'suspended', config }), at('b', {}))).toEqual([['suspended', 'a', null, 'resume']]);
    expect(told(at('a', { copy: 'suspended', config, canResume: false }), at('b', {}))).toEqual([['suspended', 'a', null, 'end']]);
  });
  it('a copy of the config goes where it runs elsewhere; of two halted ones none', () => {
    expect(told(at('a', { copy: 'runs', config }), at('b', { config: { ...config, autostart: true } }))).toEqual([
      ['configCopy', 'b', 'a', 'trashConfig'],
    ]);
    expect(told(at('a', { config }), at('b', { config: { ...config, version: 'v2' } }))).toEqual([
      ['configsHalted', 'a', null, 'cannotTell'],
    ]);
  });
  it('a config follows its guest, as after an xl migrate by hand', () => {
    expect(told(at('a', { config }), at('b', { copy: 'runs' }))).toEqual([['configElsewhere', 'a', 'b', 'carryConfig']]);
  });
  it('a guest on neither side comes back, unless a host is silent', () => {
    expect(told(at('a', { job: 'died' }), at('b', {}))).toEqual([['nowhere', 'a', null, 'putBack']]);
    expect(told(at('a', { job: 'died' }), at('b', { asked: false }))).toEqual([['nowhere', 'a', null, 'notAsked']]);
    expect(told(at('a', {}), at('b', { incoming: { state: 'claimed', made: 0 } }))).toEqual([['nowhere', 'b', null, 'install']]);
    expect(told(at('a', {}), at('b', { incoming: { state: 'claimed', made: 1 } }))).toEqual([['nowhere', 'b', null, 'halfDisks']]);
  });
  it('a move whose source is nobody’s here, and that waits for its time, is let be; one into which nobody came is tidied away', () => {
    expect(told(at('b', { incoming: { state: 'waiting', made: 0 } }))).toEqual([]);
    expect(told(at('b', { incoming: { state: 'staged', made: 0 } }))).toEqual([['staged', 'b', null, 'unstage']]);
  });
  it('a config that was taken away after its move stayed is not told as lost', () => {
    const scene = sceneOf([at('a', { job: 'ended' }), at('b', {})]);
    for (const job of scene.looks.flatMap((one) => one.jobs)) job.phase = 'stayed';
    expect(diagnose(scene)).toEqual([]);
  });
  it('one file that two hosts see as their config is one', () => {
    const scene = sceneOf([at('a', { copy: 'runs', config }), at('b', { config })]);
    expect(diagnose({ ...scene, isOneFile: () => true })).toEqual([]);
  });
  it('of one UUID and two names nothing is ended, and no config goes', () => {
    const scene = sceneOf([at('a', { copy: 'runs', config }), at('b', { copy: 'paused', config: { ...config, version: 'v2' } })]);
    for (const one of scene.looks[1]?.domains ?? []) one.name = 'web2';
    for (const one of scene.guests) if (one.hostId === 'b') one.name = 'web2';
    expect(diagnose(scene).map((one) => [one.kind, one.action?.is ?? one.none?.is])).toEqual([['pausedBeside', 'notOneGuest']]);
  });
  it('which of two halted ones is right no autostart says', () => {
    const [one] = diagnose(sceneOf([at('a', { config: { ...config, autostart: true } }), at('b', { config })]));
    expect([one?.kind, one?.weight, one?.none?.is]).toEqual(['configsHalted', 'danger', 'cannotTell']);
  });
  it('a volume of ours counts as in use where any host has it open, and is let be while it is young', () => {
    const volume = { id: 'm9', path: '/dev/vg/a-b', uuid: 'lv', bytes: 1, open: false, ageSeconds: 9000 };
    const seen = (here: object, there: object) => {
      const scene = sceneOf([at('a', {}), at('b', {})]);
      scene.looks[0]?.volumes.push({ ...volume, ...here });
      scene.looks[1]?.volumes.push({ ...volume, ...there });
      return diagnose(scene).map((one) => one.kind);
    };
    expect(seen({}, {})).toEqual(['halfDisks']);
    expect(seen({}, { open: true })).toEqual([]);
    expect(seen({ ageSeconds: 60 }, { ageSeconds: 60 })).toEqual([]);
  });
  it('an old disk that a move could not set aside is named, unless a guest here has it by now', () => {
    const left = { trashId: 'm1', lock: uuid, movedTo: 'xen2', name: 'web', disks: ['/srv/a.img'] };
    const seen = (target: string | null) => {
      const scene = sceneOf([at('a', target === null ? {} : { config }), at('b', { copy: 'runs', config })]);
      scene.looks[0]?.left.push(left);
      for (const one of scene.guests) {
        const disks = [{ target: one.hostId === 'a' ? target : '/srv/a.img' }];
        Object.assign(one, { config: { ...one.config, shape: { disks } } });
      }
      return diagnose(scene).filter((one) => one.kind === 'oldDisk');
    };
    expect(seen(null)).toMatchObject([
      {
        hostId: 'a',
        weight: 'attention',
        alive: { hostId: 'b' },
        because: [{ is: 'movedTo', hostId: 'a', label: 'xen2' }, { is: 'copy' }],
        action: { is: 'setAside', trashId: 'm1', disks: ['/srv/a.img'] },
      },
    ]);
    expect(seen('/srv/other.img')).toHaveLength(1);
    expect(seen('/srv/a.img')).toEqual([]);
  });
  it('half-copied disks go to the trash, with the folder of their move', () => {
    expect(told(at('a', { copy: 'runs', config }), at('b', { incoming: { state: 'failed', made: 2 } }))).toEqual([
      ['staged', 'b', 'a', 'unstage'],
    ]);
  });
});
