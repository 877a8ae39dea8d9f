import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Guest } from '../../contract/guest.ts';
import type { Host } from '../../contract/host.ts';
import { refuseGuarded } from './guard.ts';
import { type Lease, readLease, worthOf } from './lease.ts';
import type { SeenDisk } from './look.ts';
import { isSameDisk } from './sameDisk.ts';

const host = (id: string, machineId = `m-${id}`): Host =>
  ({
    id,
    label: id,
    address: `${id}.example`,
    facts: { machineId, hostname: id, addresses: [`10.0.0.${id.charCodeAt(0)}/24`] },
  }) as unknown as Host; // only these are looked at
const [a, b, c] = [host('a'), host('b'), host('c')];
const runs = (hostId: string, name: string, uuid: string | null, state = 'running') =>
  ({ key: `${hostId}/${uuid ?? name}`, hostId, name, uuid, state }) as unknown as Guest; // as above
const lease = (more: Partial<Lease> = {}): Lease => ({
  id: 'x',
  machine: 'm-b',
  boot: 'boot-b',
  hostname: 'b',
  uuid: 'u',
  name: 'web',
  up: true,
  since: 1,
  ...more,
});
const now = 1_700_000_000_000;
const worth = (of: Lease, guests: Guest[], answered: [string, string][], hosts = [a, b]) =>
  worthOf(of, { own: 'a/u', now, hosts, answered: new Map(answered), guests });

describe('what a lease is worth', () => {
  const both: [string, string][] = [
    ['a', 'boot-a'],
    ['b', 'boot-b'],
  ];
  it('holds while its host says that the guest runs there, whatever its domid is by now', () => {
    expect(worth(lease(), [runs('b', 'web', 'u')], both)).toMatchObject({ is: 'held', by: { hostId: 'b' } });
    expect(worth(lease({ uuid: '' }), [runs('b', 'web', null)], both)).toMatchObject({ is: 'held' });
    expect(worth(lease({ machine: 'm-a', boot: 'boot-a' }), [runs('a', 'web', 'u')], both)).toEqual({ is: 'own' });
  });
  it('is over after a reboot of its host, and when the guest is not there', () => {
    expect(worth(lease({ boot: 'before' }), [runs('b', 'web', 'u')], both)).toEqual({ is: 'over' });
    expect(worth(lease(), [runs('b', 'web', 'u', 'halted'), runs('b', 'other', 'v')], both)).toEqual({ is: 'over' });
  });
  it('can’t be told while its host starts the guest; a start that lasts has been killed', () => {
    const starting = { up: false, since: now / 1000 - 20 };
    expect(worth(lease(starting), [], both)).toEqual({ is: 'unknown', host: 'b' });
    expect(worth(lease(starting), [runs('b', 'web', 'u')], both)).toMatchObject({ is: 'held' });
    expect(worth(lease({ ...starting, since: now / 1000 - 3600 }), [], both)).toEqual({ is: 'over' });
    expect(worth(lease({ ...starting, machine: 'm-a', boot: 'boot-a' }), [], both)).toEqual({ is: 'over' });
  });
  it('can’t be told while its host does not answer, or is none of ours', () => {
    expect(worth(lease(), [], [['a', 'boot-a']])).toEqual({ is: 'unknown', host: 'b' });
    expect(worth(lease({ machine: 'm-z', hostname: 'zeta' }), [], both)).toEqual({ is: 'unknown', host: 'zeta' });
    expect(worth(lease({ machine: '' }), [], both)).toMatchObject({ is: 'unknown' });
  });
  it('tells machines of one id apart by their boot', () => {
    const twins = [host('a', 'same'), host('b', 'same')];
    expect(worth(lease({ machine: 'same' }), [runs('b', 'web', 'u')], both, twins)).toMatchObject({ is: 'held' });
    expect(worth(lease({ machine: 'same', boot: 'before' }), [], both, twins)).toEqual({ is: 'over' });
    expect(worth(lease({ machine: 'same', boot: 'before' }), [], [['a', 'boot-a']], twins)).toEqual({ is: 'unknown', host: 'b' });
  });
  it('is never over while its host is silent, nor while the guest runs in that boot', () => {
    const boots = fc.constantFrom('boot-a', 'boot-b', 'before');
    const machines = fc.constantFrom('m-a', 'm-b', 'm-z', '');
    fc.assert(
      fc.property(machines, boots, fc.subarray(both), fc.boolean(), (machine, boot, answered, running) => {
        const said = worth(lease({ machine, boot }), running ? [runs('b', 'web', 'u')] : [], answered);
        const place = machine.slice(2);
        const heard = answered.some(([id]) => id === place);
        if (!heard) expect(said.is).toBe('unknown');
        if (heard && machine === 'm-b' && boot === 'boot-b' && running) expect(said.is).toBe('held');
        else if (heard) expect(said.is).toBe('over');
      }),
    );
  });
  it('reads what the program writes, and nothing else', () => {
    const text = 'xenferry-lease 1\nid j\nmachine m\nboot b\nuuid \ndomid 4\nsince 12\nhostname h x\nname web  2';
    expect(readLease(text.split('\n'))).toEqual({
      ...{ id: 'j', machine: 'm', boot: 'b', uuid: '', up: true, hostname: 'h x', name: 'web  2', since: 12 },
    });
    expect(readLease(text.replace('domid 4', 'domid -').split('\n'))).toMatchObject({ up: false });
    expect(readLease(['something else'])).toBeNull();
    expect(readLease(['xenferry-lease 1', 'id j'])).toBeNull();
    fc.assert(fc.property(fc.array(fc.string()), (lines) => void readLease(lines)));
  });
});

describe('whether two disks are one', () => {
  const file = (more: Partial<Extract<SeenDisk, { is: 'file' }>> = {}): SeenDisk => ({
    is: 'file',
    inode: '9',
    size: 5,
    fsType: 'nfs4',
    source: 'nas:/x',
    ...more,
  });
  const same = (one: SeenDisk, other: SeenDisk, hosts = [a, b] as [Host, Host]) =>
    isSameDisk({ host: hosts[0], seen: one }, { host: hosts[1], seen: other });

  it('knows volumes, devices and files by what they are, not by where they stand', () => {
    const volume = (uuid: string, under: string | null = null): SeenDisk => ({ is: 'volume', uuid, under });
    expect(same(volume('v', 'a,b'), volume('v', 'b'))).toBe(true);
    expect(same(volume('v'), volume('v', 'b'))).toBe(true); // rather once too often
    expect(same(volume('v', 'a'), volume('v', 'b'))).toBe(false); // two hosts installed from one image
    expect(same(volume('v', 'a'), volume('v', 'b'), [a, a])).toBe(true);
    expect(same(volume('v', 'a'), volume('w', 'a'))).toBe(false);
    expect(same({ is: 'device', id: 'wwn' }, { is: 'device', id: 'wwn' })).toBe(true);
    expect(same(file(), file({ size: 6 }))).toBe(true); // it grows
    expect(same(file(), file({ source: 'nas:/x/deeper' }))).toBe(true);
    expect(same(file(), file({ source: 'nas:/other', size: 6 }))).toBe(false); // another file system of that server
    expect(same(file(), file({ source: 'other:/x' }))).toBe(false);
    const local = file({ fsType: 'ext4', source: '/dev/sda' });
    expect(same(local, local)).toBe(false); // two hosts' own
    expect(same(local, local, [a, a])).toBe(true); // two paths of one
    expect(same(local, file({ source: `10.0.0.${'a'.charCodeAt(0)}:/srv` }))).toBe(true); // the host that exports it
    expect(same(local, file({ source: `10.0.0.${'c'.charCodeAt(0)}:/srv` }), [a, c])).toBe(false);
    const cluster = { fsType: 'ocfs2' };
    expect(same(file({ ...cluster, source: '/dev/sdb' }), file({ ...cluster, source: '/dev/sdc' }))).toBe(true);
  });
  it('answers alike whichever is asked first, and never that the unknown is the same', () => {
    const seen = fc.oneof(
      fc.record({ is: fc.constant('volume' as const), uuid: fc.constantFrom('v', 'w'), under: fc.constantFrom(null, 'a', 'b', 'a,b') }),
      fc.record({ is: fc.constant('device' as const), id: fc.constantFrom('v', 'w') }),
      fc.record({ is: fc.constantFrom('unknown' as const, 'missing' as const) }),
      fc.record({
        is: fc.constant('file' as const),
        inode: fc.constantFrom('1', '2'),
        size: fc.constantFrom(1, 2),
        fsType: fc.constantFrom('ext4', 'nfs4', 'ocfs2', 'cifs'),
        source: fc.constantFrom('/dev/sda', 'nas:/x', 'nas:/y', 'a:/x', '//nas/x'),
      }),
    );
    const at = fc.record({ host: fc.constantFrom(a, b, c), seen });
    fc.assert(
      fc.property(at, at, (one, other) => {
        expect(isSameDisk(one, other)).toBe(isSameDisk(other, one));
        if (one.seen.is === 'unknown' || one.seen.is === 'missing') expect(isSameDisk(one, other)).toBe(false);
      }),
    );
  });
});

describe('what is refused', () => {
  const codeOf = (...words: Parameters<typeof refuseGuarded>) => {
    try {
      refuseGuarded(...words);
      return null;
    } catch (thrown) {
      return (thrown as { problem: { code: string } }).problem.code; // a ProblemError, or the test fails
    }
  };
  it('asks for the name only where a host could not be asked', () => {
    const silent = { clash: null, notAsked: ['b'], lastSeen: null };
    expect(codeOf({ clash: null, notAsked: [], lastSeen: null }, 'web', null)).toBeNull();
    expect(codeOf(silent, 'web', null)).toBe('guard.notAsked');
    expect(codeOf(silent, 'web', 'wen')).toBe('guest.nameMismatch');
    expect(codeOf(silent, 'web', 'web')).toBeNull();
  });
});
