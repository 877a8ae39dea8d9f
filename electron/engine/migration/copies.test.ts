import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoragePlace } from '../../contract/host.ts';
import { readGuestConfig } from '../xen/guestConfig.ts';
import { configThere, type DiskCopy, planCopies, travelOf } from './copies.ts';
import { copyOf, file, folder, GiB, group, guestOf, host, missing, plan, volume } from './copiesTest.ts';
import type { Seen } from './files.ts';
import type { OldDisk } from './oldDisks.ts';

/** What is copied, where it will stand, and the config that says so. */

describe('where a disk will stand', () => {
  const vm = 'format=raw,vdev=xvda,access=rw,target=/dev/vg0/web';
  it('under its own name where there is such a group or folder with room', () => {
    expect(plan(vm, volume('vg0/web', GiB), [group('vg1', 9 * GiB), group('vg0', 2 * GiB)]).copies).toEqual<DiskCopy[]>([
      {
        vdev: 'xvda',
        from: '/dev/vg0/web',
        format: 'raw',
        sizeBytes: GiB * 1048576,
        how: 'traced',
        as: 'volume',
        dest: 'vg0/web',
        to: '/dev/vg0/web',
        place: 'vg:vg0',
        old: null,
      },
    ]);
    const image = 'format=raw,vdev=xvda,access=rw,target=/srv/img/web.img';
    expect(plan(image, file(GiB), [folder('/srv/img', 2 * GiB), folder('/', 90 * GiB)]).copies[0]).toMatchObject({
      as: 'raw',
      to: '/srv/img/web.img',
    });
  });
  it('in another group, then in a folder, never where there is no room', () => {
    expect(plan(vm, volume('vg0/web', GiB), [group('vg0', 9), group('vg1', 2 * GiB)]).copies[0]).toMatchObject({ to: '/dev/vg1/web' });
    expect(plan(vm, volume('vg0/web', GiB), [group('vg0', 9), folder('/img/', 2 * GiB)]).copies[0]).toMatchObject({
      to: '/img/web-xvda.img',
    });
    const local = folder('/img', 2 * GiB);
    expect(plan(vm, volume('vg0/web', GiB), [folder('/nfs', 99 * GiB, '10.0.0.1:/x'), local]).copies[0]).toMatchObject({ as: 'raw' });
    expect(plan(vm, volume('vg0/web', GiB), [group('vg0', 9)])).toEqual({ copies: [], codes: ['space.short'] });
  });
  it('where the operator wants it: a file becomes a volume, a volume a file; too small is refused there', () => {
    const places = [group('vg0', 9 * GiB), group('vg1', 9 * GiB), folder('/img', 9 * GiB), folder('/small', 1)];
    const chosen = (xvda: string, spec = vm, here = volume('vg0/web', GiB)) => plan(spec, here, places, { places: { xvda } });
    expect(chosen('dir:/img').copies[0]).toMatchObject({
      as: 'raw',
      dest: '/img/web-xvda.img',
      to: '/img/web-xvda.img',
      place: 'dir:/img',
    });
    expect(chosen('vg:vg1').copies[0]).toMatchObject({ as: 'volume', dest: 'vg1/web', to: '/dev/vg1/web', place: 'vg:vg1' });
    const image = 'format=raw,vdev=xvda,access=rw,target=/img/web.img';
    expect(chosen('vg:vg1', image, file(GiB)).copies[0]).toMatchObject({ as: 'volume', dest: 'vg1/web-xvda', to: '/dev/vg1/web-xvda' });
    expect(chosen('dir:/small').codes).toEqual(['space.short']);
    expect(chosen('vg:gone').codes).toEqual(['space.short']);
  });
  const old = (more: Partial<OldDisk> = {}): OldDisk => ({
    trashId: 't1',
    vdev: 'xvda',
    from: '/dev/vg0/web',
    seen: volume('vg0/xenferry-trash-t1-web', GiB),
    isFree: true,
    ...more,
  });
  it('as what it left there, the newest, which takes no room and has its old name', () => {
    const full = [group('vg0', 0), group('vg1', 9 * GiB)];
    const image = 'format=raw,vdev=xvda,access=rw,target=/img/web.img';
    const back = (olds: OldDisk[], places: Record<string, string> = {}) => plan(image, file(GiB), full, { olds, places });
    expect(back([old(), old({ trashId: 't0' })])).toMatchObject({
      copies: [{ as: 'volume', dest: 'vg0/web', to: '/dev/vg0/web', from: '/img/web.img', place: 'vg:vg0', old: 't1' }],
      codes: [],
    });
    expect(back([old()], { xvda: 'vg:vg0' }).copies[0]?.old).toBe('t1');
    expect(back([old()], { xvda: 'vg:vg1' }).copies[0]).toMatchObject({ dest: 'vg1/web-xvda', old: null });
    const [copy] = back([old()]).copies;
    expect(copy && travelOf(copy)).toMatchObject({ old: true, place: 'vg:vg0' });
  });
  it('never as one of another disk, another size, one that is gone, or whose name something else has', () => {
    const one = (more: Partial<OldDisk>) => plan(vm, volume('vg0/web', GiB), [group('vg0', 9 * GiB)], { olds: [old(more)] }).copies[0]?.old;
    expect(one({})).toBe('t1');
    expect(one({ vdev: 'xvdb' })).toBeNull();
    expect(one({ seen: volume('vg0/xenferry-trash-t1-web', GiB + 4) })).toBeNull();
    expect(one({ seen: missing })).toBeNull();
    expect(one({ isFree: false })).toBeNull();
    // of an older XenFerry: by its path
    expect(one({ vdev: null })).toBe('t1');
    expect(one({ vdev: null, from: '/dev/vg0/other' })).toBeNull();
  });
  it('a disk before it does not get the name of what comes back', () => {
    const olds = [old({ vdev: 'xvdb', from: '/dev/vg0/root' })];
    const guest = guestOf('disk=["/dev/vg1/root,raw,xvda,w","/dev/vg2/x,raw,xvdb,w"]');
    const lacking = (guest.config?.shape?.disks ?? []).map((disk) => ({ disk, here: volume(disk.target.slice(5), GiB), there: missing }));
    const { copies } = planCopies(guest, lacking, { source: host(), target: host(group('vg0', 9 * GiB)), olds });
    expect(copies.map((one) => one.dest)).toEqual(['vg0/web-xvda', 'vg0/root']);
    // nor where it is its own, and was thought to be taken
    const same = planCopies(
      guest,
      lacking.map((one, nth) => (nth === 0 ? { ...one, here: volume('vg0/root', GiB) } : one)),
      { source: host(), target: host(group('vg0', 9 * GiB)), olds },
    );
    expect(same.copies.map((one) => one.dest)).toEqual(['vg0/web-xvda', 'vg0/root']);
  });
  it('counts the room that the disks before it take', () => {
    const guest = guestOf(`disk=["/i/a,raw,xvda,w","/i/b,raw,xvdb,w"]`);
    const lacking = (guest.config?.shape?.disks ?? []).map((disk) => ({ disk, here: file(GiB, disk.vdev), there: missing }));
    const { copies, problems } = planCopies(guest, lacking, { source: host(), target: host(folder('/i', 1.5 * GiB)) });
    expect([copies.length, problems.map((one) => one.code)]).toEqual([1, ['space.short']]);
  });
  const both = (specs: [string, Seen][], there: StoragePlace[], here: StoragePlace[] = [], volumes: string[] = []) => {
    const guest = guestOf(`disk=[${specs.map(([spec]) => `"${spec}"`).join()}]`);
    const disks = guest.config?.shape?.disks ?? [];
    const target = host(...there);
    Object.assign(target.facts ?? {}, { volumes: volumes.map((path) => ({ path })) });
    const lacking = specs.flatMap(([, seen], nth) => (disks[nth] ? [{ disk: disks[nth], here: seen, there: missing }] : []));
    return planCopies(guest, lacking, { source: host(...here), target });
  };
  it('under a name of its own where two disks would get the same, or another volume has it', () => {
    const two: [string, Seen][] = [
      ['/dev/vg0/root,raw,xvda,w', volume('vg0/root', GiB)],
      ['/dev/vg1/root,raw,xvdb,w', volume('vg1/root', GiB)],
    ];
    const to = (volumes: string[]) => both(two, [group('vg9', 9 * GiB)], [], volumes).copies.map((one) => [one.dest, one.to]);
    expect(to([])).toEqual([
      ['vg9/root', '/dev/vg9/root'],
      ['vg9/web-xvdb', '/dev/vg9/web-xvdb'],
    ]);
    expect(to(['/dev/vg9/root', '/dev/vg9/web-xvdb']).map(([dest]) => dest)).toEqual(['vg9/web-xvda', 'vg9/web-xvdb-2']);
  });
  it('under its own name where the look finds that free, whatever was known of it before', () => {
    const local: [string, Seen][] = [['/dev/vg0/root,raw,xvda,w', volume('vg0/root', GiB)]];
    expect(both(local, [group('vg0', 9 * GiB)], [], ['/dev/vg0/root']).copies[0]?.dest).toBe('vg0/root');
  });
  it('is refused where one disk is attached twice', () => {
    const codes = (a: string, b: string, here: Seen) =>
      both(
        [
          [`${a},raw,xvda,w`, here],
          [`${b},raw,xvdb,r`, here],
        ],
        [folder('/i', 9 * GiB), group('vg0', 9 * GiB)],
      ).problems;
    const twice = [{ code: 'move.diskTwice', vdevs: ['xvda', 'xvdb'] }];
    expect(codes('/i/a', '/i/link', file(GiB))).toMatchObject(twice);
    expect(codes('/dev/vg0/a', '/dev/mapper/vg0-a', volume('vg0/a', GiB))).toMatchObject(twice);
  });
  it('in a group that both hosts see only where there is nothing else', () => {
    const local: [string, Seen][] = [['/dev/vg0/root,raw,xvda,w', volume('vg0/root', GiB)]];
    const seen = group('san', 99 * GiB);
    expect(both(local, [seen, folder('/img', 2 * GiB)], [seen]).copies[0]?.to).toBe('/img/web-xvda.img');
    expect(both(local, [seen], [seen]).copies[0]?.to).toBe('/dev/san/root');
  });
  it('is refused where something of that name stands, and where it is no plain disk', () => {
    expect(plan(vm, volume('vg0/web', GiB), [group('vg0', 9 * GiB)], { there: volume('vg0/web', 1) }).codes).toEqual(['disk.exists']);
    expect(plan('format=vhd,vdev=xvda,target=/i/a.vhd', file(GiB), [folder('/i', 9 * GiB)]).codes).toEqual(['move.diskNotShared']);
    expect(plan(`backend=storage,${vm}`, volume('vg0/web', GiB), [group('vg0', 9 * GiB)]).codes).toEqual(['move.diskNotShared']);
    expect(plan(vm, { is: 'unknown' }, [group('vg0', 9 * GiB)]).codes).toEqual(['move.diskNotShared']);
    expect(plan(vm, { ...file(1), size: 1000 } as Seen, [folder('/i', 9 * GiB)]).codes).toEqual(['move.diskNotShared']);
  });
  it('a qcow2 file as what is in it: as such a file there, or as a volume; all of it compared, as QEMU alone writes to it', () => {
    const image = 'format=qcow2,vdev=xvda,target=/i/a.qcow2';
    const seen: Seen = { ...file(1), virtual: GiB * 1048576 } as Seen;
    const [there] = plan(image, seen, [folder('/i', 9 * GiB)]).copies;
    expect(there).toMatchObject({ format: 'qcow2', as: 'qcow2', to: '/i/a.qcow2', sizeBytes: GiB * 1048576, how: 'compared' });
    expect(plan(image, seen, [folder('/j', 9 * GiB)]).copies[0]?.to).toBe('/j/web-xvda.qcow2');
    expect(plan(image, seen, [group('vg0', 9 * GiB)]).copies[0]).toMatchObject({ format: 'qcow2', as: 'volume', to: '/dev/vg0/web-xvda' });
    // what does not look like one is not taken for one
    expect(plan(image, file(GiB), [folder('/i', 9 * GiB)]).codes).toEqual(['move.diskNotShared']);
  });
  it('says what nobody can trace: files of HVM guests, and all where the source’s kernel tells nothing', () => {
    expect(plan(vm, volume('vg0/web', GiB), [group('vg0', 9 * GiB)], { deaf: true }).copies[0]?.how).toBe('compared');
    const image = 'format=raw,vdev=xvda,target=/i/a.img';
    const how = (type: string, here: Seen) => plan(image, here, [folder('/i', 9 * GiB)], { guest: { type } }).copies[0]?.how;
    expect([how('hvm', file(GiB)), how('pvh', file(GiB)), how('hvm', volume('vg0/a', GiB))]).toEqual(['compared', 'traced', 'traced']);
    const [copy] = plan(image, file(GiB), [folder('/i', 9 * GiB)]).copies;
    expect(copy && travelOf(copy)).toMatchObject({ travels: 'copied', sizeMiB: GiB, to: '/i/a.img' });
  });
});

describe('the config there', () => {
  const head = '# über, 日本\nname = "web"\nuuid = "u-1"\n\tmemory=128 # kept\n';
  const tail = "\nvif = [ 'mac=00:16:3e:00:00:01,bridge=br0' ]\n# end without a newline";
  it('is the same text where every disk keeps its path', () => {
    const text = `${head}disk = [ '/dev/vg0/web,raw,xvda,w' ]${tail}`;
    expect(configThere(text, 'f', guestOf(text), [copyOf('xvda', '/dev/vg0/web', '/dev/vg0/web')])).toBe(text);
  });
  it('has the new path, old spec or new, and every other byte of it stays', () => {
    const word = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'abz09-_+. ,=é日') }).map((one) => `/i/x${one}x`);
    fc.assert(
      fc.property(word, word, fc.boolean(), fc.constantFrom('w', 'r'), (from, to, old, access) => {
        fc.pre(from !== to && !(old && /[,=]/.test(from)));
        const spec = old ? `${from},raw,xvda,${access}` : `format=raw,vdev=xvda,access=${access},discard,target=${from}`;
        const other = 'phy:/dev/vg0/other,xvdb,w';
        const text = `${head}disk = [ '${spec}', '${other}' ]${tail}`;
        const there = configThere(text, 'f', guestOf(text), [copyOf('xvda', from, to)]);
        const disks = readGuestConfig(there, 'f').shape.disks;
        expect(disks.map((one) => [one.vdev, one.target, one.access])).toEqual([
          ['xvda', to, access === 'w' ? 'rw' : 'ro'],
          ['xvdb', '/dev/vg0/other', 'rw'],
        ]);
        expect(there.startsWith(head)).toBe(true);
        expect(there.endsWith(tail)).toBe(true);
        expect(there).toContain(other);
        expect(there.includes('discard')).toBe(!old);
      }),
      { numRuns: 200 },
    );
  });
  it('keeps what else an entry says, whatever stands in its path', () => {
    const spec = 'vdev=xvda, backend=storage,specification=xen,no-discard, target=/i/a,backend=x,discard';
    const there = configThere(`disk=["${spec}"]`, 'f', guestOf(''), [copyOf('xvda', '/i/a,backend=x,discard', '/i/b')]);
    expect(there).toContain('"format=raw,vdev=xvda,access=rw,backend=storage,specification=xen,no-discard,target=/i/b"');
  });
  it('a file that becomes a volume is served by whoever can; who serves is kept where it stays what it is', () => {
    const spec = (from: string) => `format=raw,vdev=xvda,access=ro,backendtype=qdisk,discard,target=${from}`;
    const there = (from: string, to: string, as: DiskCopy['as']) =>
      configThere(`disk=["${spec(from)}"]`, 'f', guestOf(''), [{ ...copyOf('xvda', from, to), as }]);
    expect(there('/i/a', '/dev/vg0/a', 'volume')).toContain('[ "format=raw,vdev=xvda,access=ro,discard,target=/dev/vg0/a" ]');
    expect(there('/dev/vg0/a', '/i/a', 'raw')).toContain('[ "format=raw,vdev=xvda,access=ro,discard,target=/i/a" ]');
    expect(there('/i/a', '/i/b', 'raw')).toContain('access=ro,backendtype=qdisk,discard,target=/i/b');
  });
  it('writes down what makes the guest itself, where the config leaves it to xl', () => {
    const text = `name = "web"\ndisk = [ "/i/a,raw,xvda,w" ]\nvif = [ "bridge=br0", "mac=00:16:3e:00:00:02" ]\n`;
    const live = { nics: [{ mac: '00:16:3e:11:11:11' }, { mac: '00:16:3e:00:00:02' }] };
    const there = readGuestConfig(configThere(text, 'f', guestOf(text, { live }), [copyOf('xvda', '/i/a', '/i/b')]), 'f');
    expect(there.uuid).toBe('u-1');
    expect(there.shape.nics.map((one) => one.mac)).toEqual(['00:16:3e:11:11:11', '00:16:3e:00:00:02']);
  });
});
