import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeStopped } from './settleStopped.ts';

describe('what a move with a stop came to', () => {
  it.each([
    ['moved', { job: 'ended', phase: 'moved', committed: true }],
    ['moved', { job: 'died', phase: 'moved', committed: true }], // settled by somebody before
    ['stayed', { job: 'ended', phase: 'stayed', committed: false }],
    ['stayed', { job: 'ended', phase: 'cancelled', committed: false }],
    ['stayed', { job: 'ended', phase: 'changed', committed: false }],
    ['forward', { job: 'ended', phase: 'undecided', committed: true }],
    ['forward', { job: 'died', phase: 'switching', committed: true }],
    ['forward', { job: 'died', phase: 'starting', committed: true }],
    ['back', { job: 'died', phase: 'stopping', committed: false }],
    ['back', { job: 'died', phase: 'copying', committed: false }],
    ['back', { job: 'died', phase: null, committed: false }],
    ['never', { job: 'prepared', phase: null, committed: false }],
    ['never', { job: 'none', phase: null, committed: false }],
  ] as const)('%s', (what, seen) => {
    expect(judgeStopped(seen)).toBe(what);
  });
  it('never back once the source has let go, never forward before', () => {
    const job = fc.constantFrom('none', 'prepared', 'running', 'ended', 'died') as fc.Arbitrary<'died'>;
    const phase = fc.constantFrom(null, 'preparing', 'stopping', 'copying', 'switching', 'starting', 'undecided');
    fc.assert(fc.property(job, phase, (job, phase) => judgeStopped({ job, phase, committed: true }) === 'forward'));
    fc.assert(fc.property(job, phase, (job, phase) => ['back', 'never'].includes(judgeStopped({ job, phase, committed: false }))));
  });
});
