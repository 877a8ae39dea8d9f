import { describe, expect, it } from 'vitest';
import type { Guest } from '../../contract/guest.ts';
import { placeOf, samePlace } from './place.ts';

const guest = (hostId: string, domid: number | null, more: Partial<Guest> = {}): Guest => ({
  key: `${hostId}/g`,
  hostId,
  guestId: 'g',
  name: 'web',
  uuid: 'g',
  state: domid === null ? 'halted' : 'blocked',
  domid,
  config: null,
  live: null,
  needsRestart: [],
  leftover: null,
  memoryMiB: 80,
  vcpus: 1,
  type: 'pvh',
  warning: null,
  doing: null,
  ...more,
});

const g = { guestId: 'g', uuid: 'g' };

describe('where a console belongs', () => {
  it('is the domain that runs, not the config that stands on another host', () => {
    expect(placeOf([guest('a', null), guest('b', 7)], g, null)).toMatchObject({ hostId: 'b', domid: 7 });
    expect(placeOf([guest('a', null)], g, { hostId: 'a', domid: 1 })).toBeNull();
  });

  it('stays at the source of a migration until the guest has arrived', () => {
    const before = { hostId: 'a', domid: 3 };
    expect(placeOf([guest('b', 9, { leftover: 'incoming', state: 'paused' }), guest('a', 3)], g, before)).toMatchObject(before);
    expect(placeOf([guest('b', 9), guest('a', 3)], g, before)).toMatchObject(before);
    expect(placeOf([guest('b', 9), guest('a', 3, { leftover: 'migratedaway' })], g, before)).toMatchObject({ hostId: 'b', domid: 9 });
  });

  it('is the next domain after a reboot, and none while the old one dies', () => {
    const before = { hostId: 'a', domid: 3 };
    expect(placeOf([guest('a', 3, { state: 'dying' })], g, before)).toBeNull();
    expect(samePlace(placeOf([guest('a', 4)], g, before), before)).toBe(false);
  });

  it('is known by its UUID on the next host, where one without uuid in its config has another name', () => {
    const before = { hostId: 'a', domid: 3 };
    const whose = { guestId: 'a:/etc/xen/web.cfg', uuid: 'u' };
    const half = guest('a', 3, { guestId: 'u', uuid: 'u', leftover: 'migratedaway' });
    expect(placeOf([half, guest('b', 9, { guestId: 'u', uuid: 'u' })], whose, before)).toMatchObject({ hostId: 'b', guestId: 'u' });
    const arrived = guest('b', 9, { guestId: 'b:/etc/xen/web.cfg', uuid: 'u' });
    expect(placeOf([arrived], whose, before)).toMatchObject({ hostId: 'b', domid: 9, guestId: 'b:/etc/xen/web.cfg' });
    expect(placeOf([guest('b', 9, { guestId: 'x', uuid: null })], { guestId: 'y', uuid: null }, null)).toBeNull();
  });
});
