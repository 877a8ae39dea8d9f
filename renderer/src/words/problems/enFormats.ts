import { listed } from './enTogether.ts';
import type { ProblemWords } from './shape.ts';

/** Why a disk can't become what it was to be, in English. */
export const problemsFormatsEn: Pick<ProblemWords, 'move.volumeFormat' | 'move.qcow2Tools'> = {
  'move.volumeFormat': (p) => [
    `${p.vdev} can’t be qcow2 in the volume group ${p.group}: only files have a format.`,
    'Choose a folder for it, or no format.',
  ],
  'move.qcow2Tools': (p) => {
    const lacks = listed(p.lacks.map((one) => (one === 'nbd' ? 'the kernel module nbd' : one)));
    const install = 'Install it there (qemu-img and qemu-nbd are in Debian’s package qemu-utils)';
    return p.does === 'read'
      ? [`${p.host} can’t read the qcow2 file of ${listed(p.vdevs)} for copying. It lacks: ${lacks}.`, `${install}.`]
      : [
          `${p.host} can’t write a qcow2 file for ${listed(p.vdevs)}. It lacks: ${lacks}.`,
          `${install}, or let the disk become a raw file or a volume.`,
        ];
  },
};
