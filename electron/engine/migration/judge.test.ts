import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Look } from './ends.ts';
import { judge } from './judge.ts';

const nothing: Look = {
  boot: 'b',
  domains: [],
  job: 'ended',
  phase: 'undecided',
  committed: false,
  incoming: 'none',
  installed: false,
  rebooted: false,
  saving: false,
  taking: false,
};
const domain = (name: string, state = '-b----') => ({ domid: 3, state, name });

describe('what a move came to', () => {
  it('believes the source where it knows', () => {
    expect(judge('a', { ...nothing, phase: 'moved', committed: true }, null)).toBe('moved');
    expect(judge('a', { ...nothing, phase: 'stayed', domains: [domain('a')] }, null)).toBe('stayed');
    expect(judge('a', { ...nothing, phase: 'cancelled', domains: [domain('a', 'r-----')] }, null)).toBe('stayed');
  });
  it('believes it later too, whatever was done with the guest since', () => {
    expect(judge('a', { ...nothing, phase: 'moved', committed: true, domains: [domain('a')] }, nothing)).toBe('moved'); // and moved back
    expect(judge('a', { ...nothing, phase: 'stayed' }, { ...nothing, domains: [domain('a')] })).toBe('stayed'); // and moved by another way
  });
  it('says of one that was cut off while it waited for its time that it stayed, without asking anybody', () => {
    const waited: Look = { ...nothing, job: 'died', phase: 'waiting' };
    expect(judge('a', waited, null)).toBe('stayed'); // its host was booted, and does not start it by itself
    expect(judge('a', { ...waited, domains: [domain('a')] }, null)).toBe('stayed');
  });
  it('asks the target once the point of no return is behind', () => {
    const source = { ...nothing, committed: true, domains: [domain('a--migratedaway', '--pss-')] };
    expect(judge('a', source, null)).toBe('askTarget');
    expect(judge('a', source, { ...nothing, domains: [domain('a')] })).toBe('moved');
    expect(judge('a', source, { ...nothing, incoming: 'receiving', domains: [domain('a--incoming', '--p---')] })).toBe('wait');
    expect(judge('a', source, { ...nothing, incoming: 'failed' })).toBe('suspended');
    expect(judge('a', source, { ...nothing, incoming: 'claimed', rebooted: true })).toBe('givenAway');
    expect(judge('a', source, { ...nothing, incoming: 'received' })).toBe('moved');
  });
  it('knows by the synced sign alone that it ran there, when the end of the receiver went with the power', () => {
    const given = { ...nothing, committed: true, domains: [domain('a--migratedaway', '---ss-')] };
    for (const incoming of ['claimed', 'staged', 'received', 'failed'] as const)
      expect(judge('a', given, { ...nothing, incoming, installed: true, rebooted: true })).toBe('moved');
    expect(judge('a', { ...nothing, committed: true }, { ...nothing, incoming: 'claimed', installed: true, rebooted: true })).toBe('moved');
    // somebody brought it back meanwhile: not ours to decide
    expect(judge('a', { ...given, domains: [domain('a')] }, { ...nothing, incoming: 'claimed', installed: true })).toBe('both');
  });
  it('lets it go on only where the target surely never let it run', () => {
    const given = { ...nothing, committed: true, domains: [domain('a--migratedaway', '---ss-')] };
    expect(judge('a', given, { ...nothing, incoming: 'failed', rebooted: true })).toBe('suspended');
    expect(judge('a', given, { ...nothing, incoming: 'staged' })).toBe('suspended');
    expect(judge('a', given, { ...nothing, incoming: 'staged', rebooted: true })).toBe('givenAway'); // claimed, but not on its disk
    expect(judge('a', given, { ...nothing, incoming: 'claimed' })).toBe('givenAway');
    expect(judge('a', given, { ...nothing, incoming: 'none' })).toBe('givenAway');
    // under its own name it was never given away: xl renames it before it lets the target start it
    const own = { ...given, domains: [domain('a', '---ss-')] };
    expect(judge('a', own, { ...nothing, incoming: 'claimed', rebooted: true })).toBe('suspended');
  });
  it('takes the guest home when the source was rebooted before the point of no return', () => {
    expect(judge('a', { ...nothing, job: 'died', phase: 'connecting' }, nothing)).toBe('halted');
    expect(judge('a', { ...nothing, job: 'died', phase: 'connecting' }, { ...nothing, domains: [domain('a--incoming', '--p---')] })).toBe(
      'halted',
    );
  });
  it('sees a guest that an interrupted xl left standing', () => {
    expect(judge('a', { ...nothing, job: 'died', domains: [domain('a', '---ss-')] }, nothing)).toBe('suspended');
  });

  const state = fc.constantFrom('r-----', '-b----', '------', '--p---', '---ss-', '--pss-', '---s--');
  const domains = fc.array(
    fc.tuple(fc.constantFrom('a', 'a--incoming', 'a--migratedaway', 'b'), state).map(([name, is]) => domain(name, is)),
    { maxLength: 3 },
  );
  const anyLook: fc.Arbitrary<Look> = fc.record({
    boot: fc.constant('b'),
    domains,
    job: fc.constantFrom('ended', 'died'),
    phase: fc.constantFrom(null, 'connecting', 'moving', 'moved', 'stayed', 'cancelled', 'undecided'),
    committed: fc.boolean(),
    incoming: fc.constantFrom('none', 'staged', 'claimed', 'receiving', 'received', 'failed'),
    installed: fc.boolean(),
    rebooted: fc.boolean(),
    saving: fc.constant(false),
    taking: fc.constant(false),
  });
  it('never wakes the source while the target runs it or may yet, and never says moved over a running source', () => {
    fc.assert(
      fc.property(anyLook, fc.option(anyLook), (source, target) => {
        const judged = judge('a', source, target);
        const runsThere = !!target?.domains.some((one) => one.name === 'a');
        const runsHere = source.domains.some((one) => one.name === 'a');
        if (judged === 'suspended') expect(source.domains.some((one) => one.name.startsWith('a'))).toBe(true);
        if (judged === 'suspended' || judged === 'givenAway' || judged === 'halted') {
          expect(target?.installed || target?.incoming === 'received').toBe(false);
          expect(runsThere).toBe(false);
          expect(target).not.toBeNull();
          expect(source.committed && target?.incoming === 'receiving').toBe(false);
        }
        if (judged === 'moved' && source.phase !== 'moved') expect(runsHere).toBe(false);
      }),
    );
  });
});
