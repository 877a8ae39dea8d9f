import { expect, test } from 'vitest';
import type { Guest } from '../contract/guest.ts';
import { readArguments } from './arguments.ts';
import { diskWishesOf } from './diskWishes.ts';
import { Refusal } from './refusal.ts';

/** Where a guest's disks are to stand after a move, and as what, as it is said on a command line. */

const disks = [{ vdev: 'xvda' }, { vdev: 'xvdb' }];
const halted = { live: null, config: { shape: { disks } } } as unknown as Guest; // only these are looked at
const wishes = (...words: string[]) => diskWishesOf(readArguments(['migrate', 'web', 'osaka', ...words]), halted);
const refusalOf = (...words: string[]) => {
  try {
    return wishes(...words);
  } catch (thrown) {
    if (thrown instanceof Refusal) return [thrown.code, thrown.values];
    throw thrown;
  }
};

test('a folder is named by its path, a volume group by its name, or either as the program calls it; each disk once', () => {
  expect(wishes()).toEqual({ places: {}, formats: {} });
  expect(wishes('--place', 'xvda=/srv/a=b', '--place=xvdb=vg0', '--format', 'xvda=qcow2')).toEqual({
    places: { xvda: 'dir:/srv/a=b', xvdb: 'vg:vg0' },
    formats: { xvda: 'qcow2' },
  });
  expect(wishes('--place', 'xvda=vg:vg0', '--place', 'xvdb=dir:/srv', '--format', 'xvdb=raw')).toEqual({
    places: { xvda: 'vg:vg0', xvdb: 'dir:/srv' },
    formats: { xvdb: 'raw' },
  });
});

test('what is no disk of the guest, or no format, is refused before anything is asked', () => {
  expect(refusalOf('--place', 'xvdc=vg0')).toEqual(['notOneOf', { option: '--place', value: 'xvdc', words: 'xvda, xvdb' }]);
  expect(refusalOf('--format', 'xvda=vhd')).toEqual(['notOneOf', { option: '--format', value: 'vhd', words: 'raw, qcow2' }]);
  expect(refusalOf('--format', 'qcow2')).toEqual(['notOfADisk', { option: '--format', value: 'qcow2' }]);
  expect(refusalOf('--place', 'xvda=')).toEqual(['notOfADisk', { option: '--place', value: 'xvda=' }]);
});
