import { describe, expect, test } from 'vitest';
import { guest, host } from '../testing/model.ts';
import { standings } from './entries.ts';
import { guestActions } from './guestActions.ts';
import { hostActions } from './hostActions.ts';

const on = (...guests: ReturnType<typeof guest>[]) => guests.map((one) => ({ guest: one, host: host(one.hostId) }));
const ids = (those: ReturnType<typeof standings>) => those.map((one) => one.action.id);

describe('what can be done to guests', () => {
  test('a running guest can be shut down, not started', () => {
    const found = ids(standings(on(guest('a', 'web', 'running', 512))));
    expect(found).toContain('guest.shutdown');
    expect(found).not.toContain('guest.start');
  });

  test('of several, each command takes those it fits', () => {
    const found = standings(on(guest('a', 'web', 'running', 512), guest('a', 'off', 'halted', 512)));
    const start = found.find((one) => one.action.id === 'guest.start');
    expect(start?.may.map((one) => one.guest.name)).toEqual(['off']);
    expect(ids(found)).not.toContain('guest.remove');
  });

  test('a busy guest says who holds it', () => {
    const busy = guest('a', 'web', 'running', 512, { doing: { taskId: 't', kind: 'guest.migrate' } });
    for (const one of standings(on(busy))) {
      if (one.action.id === 'guest.openConfig' || one.action.id === 'guest.console' || one.action.id.startsWith('guest.autostart'))
        continue;
      expect([one.action.id, one.because?.code]).toEqual([one.action.id, 'guest.busy']);
    }
  });

  test('on a host that is not connected nothing is offered without its reason', () => {
    const lost = host('a', { link: { is: 'closed' } });
    const found = standings([{ guest: guest('a', 'web', 'running', 512), host: lost }]);
    for (const one of found)
      if (one.action.id !== 'guest.openConfig') expect([one.action.id, one.because?.code]).toEqual([one.action.id, 'host.notOpen']);
  });
});

test('every command has a name of its own', () => {
  const all = [...guestActions, ...hostActions].map((one) => one.id);
  expect(new Set(all).size).toBe(all.length);
});
