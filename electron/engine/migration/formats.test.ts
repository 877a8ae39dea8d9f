import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileFormat } from '../../contract/diskTravel.ts';
import { readGuestConfig } from '../xen/guestConfig.ts';
import { configThere, type DiskCopy, isOther, planCopies } from './copies.ts';
import { copyOf, file, folder, GiB, group, guestOf, host, missing, plan, volume } from './copiesTest.ts';
import type { Seen } from './files.ts';
import type { OldDisk } from './oldDisks.ts';

/** A disk that is to be of a format at the target: what it is called there, and what its config says. */

const raw = (path: string) => `format=raw,vdev=xvda,target=${path}`;
const qcow2 = (path: string) => `format=qcow2,vdev=xvda,target=${path}`;
const inside = (MiB: number): Seen => ({ ...file(1), virtual: MiB * 1048576 }) as Seen;
const places = [group('vg0', 90 * GiB), folder('/img', 9 * GiB), folder('/other', 9 * GiB)];
const as = (xvda: FileFormat, spec: string, here: Seen, more: object = {}) => plan(spec, here, places, { formats: { xvda }, ...more });

describe('a disk that is to be of a format', () => {
  it('is a file under its own name where that fits, else with the end of what it becomes; a volume goes into a folder', () => {
    const to = (wanted: FileFormat, spec: string, here: Seen) => as(wanted, spec, here).copies.map((one) => [one.as, one.to, one.dest])[0];
    expect(to('qcow2', raw('/img/web.img'), file(GiB))).toEqual(['qcow2', '/img/web.qcow2', '/img/web.qcow2']);
    expect(to('qcow2', raw('/img/web'), file(GiB))?.[1]).toBe('/img/web.qcow2');
    expect(to('qcow2', raw('/img/web.RAW'), file(GiB))?.[1]).toBe('/img/web.qcow2');
    expect(to('raw', raw('/img/disk.raw'), file(GiB))?.[1]).toBe('/img/disk.raw');
    expect(to('raw', qcow2('/img/web.qcow2'), inside(GiB))).toEqual(['raw', '/img/web.img', '/img/web.img']);
    expect(to('qcow2', qcow2('/img/web.x'), inside(GiB))?.[1]).toBe('/img/web.x');
    expect(to('qcow2', raw('/dev/vg0/web'), volume('vg0/web', GiB))?.[1]).toMatch(/^\/(img|other)\/web-xvda\.qcow2$/);
    expect(to('raw', raw('/dev/vg0/web'), volume('vg0/web', GiB))?.[0]).toBe('raw');
  });
  it('stays traced where only the target writes qcow2, and compared where the source reads it', () => {
    expect(as('qcow2', raw('/img/web.img'), file(GiB)).copies[0]).toMatchObject({ how: 'traced', format: 'raw', sizeBytes: GiB * 1048576 });
    expect(as('raw', qcow2('/img/a.qcow2'), inside(GiB)).copies[0]).toMatchObject({ how: 'compared', format: 'qcow2' });
    expect(as('qcow2', raw('/img/web.img'), file(GiB), { guest: { state: 'halted' } }).copies[0]).toMatchObject({ how: 'still' });
  });
  it('goes where the operator wants it: a folder; a volume group only as what a volume is', () => {
    const there = (place: string, wanted: FileFormat) => as(wanted, raw('/img/web.img'), file(GiB), { places: { xvda: place } });
    expect(there('dir:/other', 'qcow2').copies[0]).toMatchObject({ as: 'qcow2', to: '/other/web-xvda.qcow2', place: 'dir:/other' });
    expect(there('vg:vg0', 'raw').copies[0]).toMatchObject({ as: 'volume', to: '/dev/vg0/web-xvda' });
    expect(there('vg:vg0', 'qcow2')).toEqual({ copies: [], codes: ['move.volumeFormat'] });
    const full = plan(raw('/dev/vg0/web'), volume('vg0/web', GiB), [group('vg0', 9 * GiB)], { formats: { xvda: 'qcow2' } });
    expect(full.codes).toEqual(['space.short']);
  });
  it('never has a name that is taken', () => {
    const met = (...names: string[]) => as('qcow2', raw('/img/web.img'), file(GiB), { met: names }).copies[0]?.to;
    expect(met('/img/web.qcow2')).toBe('/img/web-xvda.qcow2');
    expect(met('/img/web.qcow2', '/img/web-xvda.qcow2')).toBe('/img/web-xvda-2.qcow2');
  });
  it('of any two files, each has a name of its own, in its folder, with the end that says what it is; a path that stays is told by its format', () => {
    const stem = fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom(...'ab.-_ 日') }).map((one) => `x${one}`);
    const end = fc.constantFrom('', '.img', '.raw', '.qcow2', '.QCOW2', '.qcow');
    const format = fc.constantFrom<FileFormat>('raw', 'qcow2');
    const disk = fc.record({ stem, end, was: format, wanted: fc.option(format) });
    fc.assert(
      fc.property(disk, disk, (one, two) => {
        const path = (of: typeof one) => `/img/${of.stem}${of.end}`;
        fc.pre(path(one) !== path(two));
        const both = [one, two].map((of, nth) => ({ ...of, path: path(of), vdev: `xvd${'ab'[nth]}` }));
        const text = `disk=[${both.map((of) => `"format=${of.was},vdev=${of.vdev},target=${of.path}"`).join()}]`;
        const guest = guestOf(text);
        const lacking = (guest.config?.shape?.disks ?? []).map((found, nth) => ({
          disk: found,
          here: { ...file(1, String(nth)), virtual: 1048576 } as Seen,
          there: missing,
        }));
        const formats = Object.fromEntries(both.flatMap((of) => (of.wanted ? [[of.vdev, of.wanted]] : [])));
        const { copies } = planCopies(guest, lacking, { source: host(), target: host(folder('/img', 9 * GiB)), formats });
        expect(new Set(copies.map((copy) => copy.to)).size).toBe(2);
        const there = readGuestConfig(configThere(text, 'f', guest, copies), 'f').shape.disks;
        for (const [nth, of] of both.entries()) {
          const copy = copies[nth];
          const wanted = of.wanted ?? of.was;
          expect(copy?.as).toBe(wanted);
          expect(there[nth]).toMatchObject({ vdev: of.vdev, target: copy?.to, format: wanted });
          if (wanted !== of.was) expect(copy?.to).toMatch(wanted === 'raw' ? /^\/img\/[^/]+\.img$/ : /^\/img\/[^/]+\.qcow2$/);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('an old disk', () => {
  const old = (seen: Seen, from: string): OldDisk => ({ trashId: 't1', vdev: 'xvda', from, seen, isFree: true });
  const image = old(file(GiB), '/img/web.img');
  const logical = old(volume('vg0/xenferry-trash-t1-web', GiB), '/dev/vg0/web');
  const back = (olds: OldDisk[], wanted: FileFormat | null, more: { spec?: string; here?: Seen; place?: string } = {}) =>
    plan(more.spec ?? raw('/x/web.img'), more.here ?? file(GiB), places, {
      olds,
      ...(wanted ? { formats: { xvda: wanted } } : {}),
      ...(more.place ? { places: { xvda: more.place } } : {}),
    }).copies[0];
  it('is the beginning only of what it is itself; without a wish its own format is kept', () => {
    expect(back([image], null)).toMatchObject({ as: 'raw', to: '/img/web.img', old: 't1' });
    expect(back([image], 'raw')).toMatchObject({ as: 'raw', old: 't1' });
    expect(back([image], 'qcow2')).toMatchObject({ as: 'qcow2', old: null });
    expect(back([logical], null)).toMatchObject({ as: 'volume', old: 't1' });
    expect(back([logical], 'raw')).toMatchObject({ as: 'raw', old: null });
    expect(back([logical], 'qcow2')).toMatchObject({ as: 'qcow2', old: null });
    expect(back([logical], 'raw', { place: 'vg:vg0' })).toMatchObject({ as: 'volume', old: 't1' });
  });
  it('serves a qcow2 file that goes back, by what is in that; but a file that looks like qcow2 never serves', () => {
    const file2 = { spec: qcow2('/x/web.qcow2'), here: inside(GiB) };
    expect(back([image], null, file2)).toMatchObject({ format: 'qcow2', as: 'raw', to: '/img/web.img', old: 't1', how: 'compared' });
    expect(back([image], 'qcow2', file2)).toMatchObject({ as: 'qcow2', old: null });
    const shown: Seen = { ...file(GiB), virtual: GiB * 1048576 } as Seen;
    expect(back([old(shown, '/img/web.img')], null)?.old).toBeNull();
    expect(back([old(shown, '/img/web.img')], 'raw', file2)?.old).toBeNull();
  });
});

describe('the config there', () => {
  const there = (spec: string, copy: Partial<DiskCopy>) =>
    /"(.*)"/.exec(
      configThere(`disk=["${spec}"]`, 'f', guestOf(''), [{ ...copyOf('xvda', '/i/a.img', '/i/a.qcow2'), as: 'qcow2', ...copy }]),
    )?.[1];
  it('says what the disk has become, and leaves it to who can serve that', () => {
    const served = (by: string) => `format=raw,vdev=xvda,access=rw,backendtype=${by},discard,target=/i/a.img`;
    expect(there(served('phy'), {})).toBe('format=qcow2,vdev=xvda,access=rw,discard,target=/i/a.qcow2');
    expect(there(served('tap'), {})).toBe('format=qcow2,vdev=xvda,access=rw,discard,target=/i/a.qcow2');
    expect(there(served('qdisk'), {})).toBe('format=qcow2,vdev=xvda,access=rw,backendtype=qdisk,discard,target=/i/a.qcow2');
    expect(there('backendtype=phy,vdev=xvda,target=/dev/vg0/a', { from: '/dev/vg0/a' })).toBe(
      'format=qcow2,vdev=xvda,access=rw,target=/i/a.qcow2',
    );
    expect(there('/i/a.img,raw,xvda,w', {})).toBe('format=qcow2,vdev=xvda,access=rw,target=/i/a.qcow2');
    const back = { from: '/i/a.qcow2', to: '/i/a.img', format: 'qcow2', as: 'raw' } as const;
    expect(there('format=qcow2,vdev=xvda,access=rw,backendtype=qdisk,target=/i/a.qcow2', back)).toBe(
      'format=raw,vdev=xvda,access=rw,backendtype=qdisk,target=/i/a.img',
    );
  });
  it('changes for a format alone as well', () => {
    const same = { from: '/i/a.qcow2', to: '/i/a.qcow2' };
    expect(there('format=raw,vdev=xvda,target=/i/a.qcow2', same)).toBe('format=qcow2,vdev=xvda,access=rw,target=/i/a.qcow2');
    expect(isOther({ ...copyOf('xvda', '/i/a', '/i/a'), as: 'qcow2' })).toBe(true);
    expect(isOther({ ...copyOf('xvda', '/i/a', '/i/a'), format: 'qcow2', as: 'qcow2' })).toBe(false);
  });
});
