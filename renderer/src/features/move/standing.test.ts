import { expect, test } from 'vitest';
import type { Check } from '../../../../electron/contract/creation.ts';
import { problem } from '../../../../electron/contract/problem.ts';
import { looked } from '../../testing/model.ts';
import { standingOf } from './standing.ts';

const found = (checks: Check[]) => ({ is: 'found' as const, check: { ...looked, checks } });
const bad = (what: Check['what']): Check => ({ what, verdict: 'bad', problem: problem('memory.short', { shortMiB: 512 }) });
const warned = (what: Check['what'], why: Check['problem']): Check => ({ what, verdict: 'warning', problem: why });

test('what both hosts looked at is checked; what memory kept them from looking at only fits', () => {
  expect(standingOf({ may: true }, found([{ what: 'disks', verdict: 'good', problem: null }]))).toMatchObject({
    is: 'fits',
    checked: true,
  });
  expect(standingOf({ may: true }, found([bad('memory')]))).toMatchObject({ is: 'fits', checked: false });
  expect(standingOf({ may: true }, found([bad('memory'), bad('disks')]))).toMatchObject({ is: 'refused' });
  expect(standingOf({ may: true }, undefined)).toMatchObject({ is: 'fits', checked: false });
});

test('hosts that could not be asked come before other warnings', () => {
  const silent = problem('guard.notAsked', { name: 'x', hosts: ['c'], lastSeen: null });
  const vendor = problem('move.relayed', { from: 'a', to: 'b' });
  expect(standingOf({ may: true }, found([warned('reach', vendor), warned('others', silent)]))).toMatchObject({
    warnings: [silent, vendor],
  });
});
