import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLook, parsePrepared } from './ends.ts';
import { diskProblem, isDoubtful, isSame, parseFiles, type Seen } from './files.ts';
import { configuredAddress, longestGap, parsePing } from './pings.ts';
import { knownHostsOf, parseReach, parseServer } from './reach.ts';

const captures = fileURLToPath(new URL('../../../tests/transcripts/captures/', import.meta.url));

describe('garbage', () => {
  it('is refused by every reader, never guessed at', () => {
    const readers: ((lines: string[]) => unknown)[] = [parseLook, parsePrepared, parseServer, (lines) => parseFiles(lines, lines.length)];
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), fc.constantFrom(...readers), (lines, read) => {
        try {
          read(lines);
        } catch (thrown) {
          expect(thrown).toMatchObject({ problem: { code: 'output.unreadable' } });
        }
      }),
    );
    expect(() => parseLook(['hello'])).toThrow('output.unreadable');
    expect(() => parseLook(['job sleeping'])).toThrow('output.unreadable');
    expect(() => parsePrepared(['config 644 AAAA'])).toThrow('output.unreadable'); // cut: no key
    expect(() => parseFiles(['at 0 missing'], 2)).toThrow('output.unreadable');
    expect(() => parseFiles(['at 1 missing'], 1)).toThrow('output.unreadable');
  });
  it('is no ping', () => {
    fc.assert(fc.property(fc.string(), (line) => void expect(parsePing(line)).toBeNull()));
  });
});

describe('a look at one end', () => {
  it('keeps names with spaces', () => {
    const seen = parseLook(['boot b', 'domain 7 --p--- my guest  x--incoming', 'incoming receiving', 'rebooted']);
    expect(seen.domains).toEqual([{ domid: 7, state: '--p---', name: 'my guest  x--incoming' }]);
    expect(seen).toMatchObject({ incoming: 'receiving', rebooted: true, job: 'none', committed: false });
  });
});

describe('the way to the target', () => {
  const lines = [
    'port 22',
    'port 2222',
    'permit without-password',
    'keys /root/.ssh/my keys',
    'key ssh-ed25519 AAA',
    'key ssh-rsa BBB',
    'address 10.0.0.2',
  ];
  const server = parseServer(lines);
  it('counts only where one of its own keys answers', () => {
    expect(server).toMatchObject({ ports: [22, 2222], keysFile: '/root/.ssh/my keys' });
    const said = ['at 10.0.2.15 ssh-ed25519 OTHER', 'at 10.0.0.2 ssh-ed25519 AAA', 'from 10.0.0.2 10.0.0.1'];
    expect(parseReach(said, server, 22)).toEqual([{ address: '10.0.0.2', port: 22, from: '10.0.0.1' }]);
    fc.assert(
      fc.property(
        fc.string().filter((blob) => !['AAA', 'BBB'].includes(blob)),
        (blob) => {
          expect(parseReach([`at 10.0.0.2 ssh-ed25519 ${blob}`], server, 22)).toEqual([]);
        },
      ),
    );
  });
  it('pins all its keys', () => {
    expect(knownHostsOf(server)).toBe('xenferry-target ssh-ed25519 AAA\nxenferry-target ssh-rsa BBB\n');
  });
});

describe('the same disk', () => {
  const one = { addresses: ['10.77.0.1'], hostname: 'xen1' };
  const two = { addresses: ['10.77.0.2'], hostname: 'xen2' };
  const file = (fsType: string, source: string, inode = '7'): Seen => ({ is: 'file', inode, size: 100, fsType, source });
  const volume = (id: string, under: string | null = 'wwn'): Seen => ({
    is: 'volume',
    group: 'g',
    volume: id,
    active: true,
    size: 1,
    under,
    name: 'vg/x',
  });
  it('is told by what identifies it, not by its path', () => {
    expect(isSame(volume('a'), volume('a'), one, two)).toBe(true);
    expect(isSame(volume('a'), volume('b'), one, two)).toBe(false); // the same name in a local group of each host
    expect(isSame(volume('a'), volume('a', 'other'), one, two)).toBe(false); // hosts installed from one image
    expect(isSame(volume('a'), volume('a', null), one, two)).toBe(false);
    expect(isSame(volume('a', 'first,second'), volume('a', 'second'), one, two)).toBe(true);
    expect(isSame(file('ext4', '/dev/vda'), file('nfs4', '10.77.0.1:/srv/shared'), one, two)).toBe(true);
    expect(isSame(file('nfs4', 'xen2:/srv'), file('xfs', '/dev/sda1'), one, two)).toBe(true);
    expect(isSame(file('nfs4', 'nas:/a'), file('nfs4', 'NAS:/a'), one, two)).toBe(true);
    expect(isSame(file('nfs4', 'nas:/a'), file('nfs4', 'nas:/a', '8'), one, two)).toBe(false);
    expect(isSame(file('ext4', '/dev/vda'), file('nfs4', '10.77.0.9:/srv/shared'), one, two)).toBe(false);
    // two hosts cloned from one image: same path, inode and size, and still two files
    expect(isSame(file('ext4', '/dev/vda'), file('ext4', '/dev/vda'), one, two)).toBe(false);
    expect(isSame(file('gfs2', '/dev/sdb'), file('gfs2', '/dev/sdc'), one, two)).toBe(true);
  });
  it('is never assumed', () => {
    const seen = fc.constantFrom<Seen>({ is: 'unknown' }, { is: 'missing' }, volume('a'), file('ext4', 'x'), { is: 'device', id: 'w' });
    fc.assert(
      fc.property(seen, (there) => {
        expect(isSame({ is: 'unknown' }, there, one, two)).toBe(false);
        expect(isSame({ is: 'missing' }, there, one, two)).toBe(false);
      }),
    );
  });
  it('has a reason where it is not', () => {
    const names = { source: one, target: two, from: 'a', host: 'b' };
    const disk = { target: '/d', cdrom: false };
    expect(diskProblem(disk, volume('a'), { is: 'missing' }, names)).toMatchObject({ code: 'disk.unreachable' });
    expect(diskProblem(disk, volume('a'), volume('b'), names)).toMatchObject({ code: 'move.diskNotShared' });
    expect(diskProblem(disk, volume('a'), volume('a', null), names)).toMatchObject({ code: 'move.diskTwin' });
    const drbd = (lacks?: 'secondary' | 'apart'): Seen => ({ is: 'device', id: 'drbd0+x+y', ...(lacks ? { lacks } : {}) });
    expect(diskProblem(disk, drbd(), drbd(), names)).toBeNull();
    expect(diskProblem(disk, drbd(), drbd('secondary'), names)).toMatchObject({ code: 'move.drbd', host: 'b', lacks: 'secondary' });
    // alone it knows but its own address
    const alone: Seen = { is: 'device', id: 'drbd0+x', lacks: 'apart' };
    expect(diskProblem(disk, alone, drbd('apart'), names)).toMatchObject({ code: 'move.drbd', host: 'a', lacks: 'apart' });
    expect([isDoubtful(alone, drbd()), isDoubtful(drbd(), drbd()), isDoubtful(volume('a'), volume('a', null))]).toEqual([
      true,
      false,
      true,
    ]);
    const iso = { target: '/i.iso', cdrom: true };
    expect(diskProblem(iso, file('ext4', 'x'), file('ext4', 'y', '9'), names)).toBeNull();
    expect(diskProblem(iso, file('ext4', 'x'), { is: 'missing' }, names)).toMatchObject({ code: 'move.cdromLocal' });
  });
});

describe('pings', () => {
  it('are read as ping prints them', () => {
    expect(parsePing('[1763862845.123456] 64 bytes from 10.77.0.101: icmp_seq=12 ttl=64 time=1.23 ms')).toEqual({
      seq: 12,
      at: 1763862845123,
      rttMs: 1.23,
    });
    expect(parsePing('[1763862845.323456] no answer yet for icmp_seq=13')).toEqual({ seq: 13, at: 1763862845323, rttMs: null });
    const recorded = readFileSync(`${captures}migrate-ok-ping.txt`, 'utf8').split('\n');
    const replies = recorded.flatMap((line) => (parsePing(line)?.rttMs != null ? [line] : []));
    expect(replies.length).toBe(recorded.filter((line) => line.startsWith('[') && line.includes('bytes from')).length);
  });
  it('make a downtime, or none', () => {
    expect(longestGap([])).toBeNull();
    expect(longestGap([5])).toBeNull();
    expect(longestGap([0, 200, 400, 9400, 9600])).toBe(9000);
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 2 }), (steps) => {
        let at = 0;
        const replies = steps.map((step) => {
          at += step;
          return at;
        });
        expect(longestGap(replies)).toBe(Math.max(...steps.slice(1)));
      }),
    );
  });
  it('go to the address the config gives', () => {
    const of = (ip: string | null, cmdline: string | null) => configuredAddress({ nics: [{ ip }], cmdline });
    expect(of('10.0.0.5', null)).toBe('10.0.0.5');
    expect(of('10.0.0.5/24 fd00::5', 'ip=1.2.3.4')).toBe('10.0.0.5');
    expect(of(null, 'console=hvc0 ip=10.77.0.101/24 quiet')).toBe('10.77.0.101');
    expect(of(null, 'ip=10.0.0.7::10.0.0.1:255.255.255.0:x:eth0:off')).toBe('10.0.0.7');
    expect(of(null, 'ip=dhcp')).toBeNull();
    expect(of('fd00::5', null)).toBe('fd00::5');
    expect(of(null, null)).toBeNull();
  });
});
