import { describe, expect, it } from 'vitest';
import type { Disk, Guest, GuestShape } from '../../contract/guest.ts';
import type { Host, HostFacts } from '../../contract/host.ts';
import { readGuestConfig } from '../xen/guestConfig.ts';
import { clashOf, diskIdentity, hostsNotAsked, livesOn } from './safety.ts';
import { disksToRemove } from './stored.ts';

const facts = (more: Partial<HostFacts>): HostFacts =>
  ({ machineId: 'm', hostname: 'x', addresses: [], volumes: [], places: [], ...more }) as unknown as HostFacts; // only these are looked at
const host = (id: string, more: Partial<HostFacts> = {}): Host =>
  ({ id, label: id, link: { is: 'open', since: 0 }, seenAt: 1, facts: facts({ machineId: `machine-${id}`, ...more }) }) as unknown as Host; // as above
const shared = { path: '/dev/vgshared/web', group: 'vgshared', sizeMiB: 1, active: true, uuid: 'U1' };
const a = host('a', { volumes: [shared, { ...shared, path: '/dev/vg0/web', uuid: 'UA' }], addresses: ['10.77.0.1/24'] });
const b = host('b', {
  volumes: [shared, { ...shared, path: '/dev/vg0/web', uuid: 'UB' }],
  places: [{ is: 'directory', path: '/mnt/images', shared: '10.77.0.1:/srv/shared', freeMiB: 1, totalMiB: 1, fsType: 'nfs4' }],
});
const shape = (text: string): GuestShape => readGuestConfig(text, 'f').shape;
const guest = (hostId: string, name: string, text: string, more: Partial<Guest> = {}): Guest =>
  ({
    key: `${hostId}/${name}`,
    hostId,
    name,
    guestId: name,
    uuid: null,
    state: 'halted',
    config: { file: `/etc/xen/${name}.cfg`, hasUuid: false, shape: shape(text) },
    live: null,
    ...more,
  }) as unknown as Guest; // only these are looked at
const runs = (hostId: string, name: string, text: string, more: Partial<Guest> = {}) =>
  guest(hostId, name, text, { state: 'running', live: shape(text), ...more });
const codeOf = (one: Guest, others: Guest[]) => clashOf(one, [a, b], [one, ...others])?.code ?? null;

describe('before a start', () => {
  const web = guest('a', 'web', 'disk=["/dev/vgshared/web,raw,xvda,rw"]\nvif=["mac=00:16:3e:00:00:01"]');

  it('finds the same guest, disk, MAC or name running elsewhere', () => {
    expect(codeOf({ ...web, uuid: 'u' }, [runs('b', 'renamed', '', { uuid: 'u' })])).toBe('guest.elsewhere');
    expect(codeOf(web, [runs('b', 'other', 'disk=["/dev/mapper/vgshared-web,,hda"]')])).toBe('guest.diskInUse');
    expect(codeOf(web, [runs('b', 'other', 'vif=["mac=00:16:3E:00:00:01"]')])).toBe('mac.taken');
    expect(codeOf(web, [runs('b', 'web', '')])).toBe('name.taken');
    expect(codeOf(web, [runs('a', 'web--incoming', '')])).toBe('name.taken');
  });

  it('is not held up by what only looks the same', () => {
    expect(codeOf(web, [guest('b', 'web', 'disk=["/dev/vgshared/web,raw,xvda,rw"]')])).toBeNull(); // halted
    const local = guest('a', 'x', 'disk=["/dev/vg0/web,raw,xvda,rw"]');
    expect(codeOf(local, [runs('b', 'y', 'disk=["/dev/vg0/web,raw,xvda,rw"]')])).toBeNull(); // another host's own volume
    const cd = guest('a', 'x', 'disk=["/srv/shared/a.iso,,hdc,cdrom"]');
    expect(codeOf(cd, [runs('b', 'y', 'disk=["/mnt/images/a.iso,,hdc,cdrom"]')])).toBeNull(); // nobody writes
    const owned = { ...web, uuid: 'u', config: web.config && { ...web.config, hasUuid: true } };
    expect(codeOf(owned, [runs('b', 'web', '', { uuid: 'v' })])).toBeNull(); // two guests of one name, known by their UUIDs
  });

  it('knows a file through the share it lies on', () => {
    const disk = (target: string): Disk => ({
      target,
      vdev: 'xvda',
      format: 'raw',
      access: 'rw',
      cdrom: false,
      script: null,
      backend: null,
    });
    expect(diskIdentity(disk('/mnt/images/d/x.img'), b, [a, b])?.id).toBe(diskIdentity(disk('/srv/shared/d/x.img'), a, [a, b])?.id);
    expect(diskIdentity(disk('/srv/x.img'), b, [a, b])?.id).not.toBe(diskIdentity(disk('/srv/x.img'), a, [a, b])?.id);
    expect(diskIdentity(disk(''), a, [a, b])).toBeNull();
  });

  it('names the hosts that could not be asked', () => {
    expect(hostsNotAsked([a, { ...b, link: { is: 'closed' } }])).toEqual(['b']);
  });
});

describe('what a move left', () => {
  it('belongs to the host that has the guest, or to the one it went to while that is silent', () => {
    const left = { hostId: 'a', name: 'web', uuid: 'u', movedTo: 'b' };
    const web = (on: 'a' | 'b', uuid: string | null) => ({ ...guest(on, 'web', ''), uuid });
    expect(livesOn(left, [a, b], [web('b', 'u')])).toBe('b');
    expect(livesOn({ ...left, movedTo: 'gone' }, [a, b], [web('b', 'u')])).toBe('b'); // it moved on
    expect(livesOn(left, [a, b], [web('a', 'u'), web('b', 'v')])).toBeNull();
    expect(livesOn({ ...left, uuid: null }, [a, b], [web('b', 'v')])).toBe('b');
    expect(livesOn(left, [a, { ...b, link: { is: 'closed' } }], [])).toBe('b');
    expect(livesOn({ ...left, movedTo: 'forgotten' }, [a, b], [])).toBe('forgotten');
  });
});

describe('before a removal', () => {
  const web = guest('a', 'web', 'disk=["/dev/vgshared/web,raw,xvda,rw", "/iso/a.iso,,hdc,cdrom"]');
  it('takes the disks no other guest has, running or not, and no ISO', () => {
    expect(disksToRemove(web, [a, b], [web])).toEqual(['/dev/vgshared/web']);
    const driven = guest('a', 'web', 'disk=["backend=nas,vdev=xvda,target=/dev/vg0/web", "/dev/vg0/x,raw,xvdb,rw"]');
    expect(disksToRemove(driven, [a, b], [driven])).toEqual(['/dev/vg0/x']); // that path is another domain’s
    const other = guest('b', 'other', 'disk=["/dev/vgshared/web,raw,xvda,rw"]');
    expect(() => disksToRemove(web, [a, b], [web, other])).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code: 'guest.diskInUse' }) }),
    );
  });
});
