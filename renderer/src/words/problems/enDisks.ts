import { listed } from './enTogether.ts';
import { type ProblemWords, roomOf } from './shape.ts';

/** Why a disk can't go along, or not as what it was to be, in English. */
export const problemsDisksEn: Pick<
  ProblemWords,
  'move.volumeFormat' | 'move.qcow2Tools' | 'move.diskTwice' | 'move.diskTwin' | 'move.drbd' | 'move.disksFailed' | 'move.pauseTooLong'
> = {
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
  'move.diskTwin': (p) => [
    `Both hosts have ${p.disk} with the same UUID, but not both can tell the serial number of the disk it lies on: it may be one disk, or a copy of it.`,
    `Nothing was changed. If ${p.host} was installed from a copy of the other, give its volume group a new UUID (vgimportclone); a shared disk needs a serial number that both hosts see.`,
  ],
  'move.drbd': (p) => [
    {
      secondary: `The DRBD device ${p.disk} is not Primary on ${p.host}, so the machine could not write to it there.`,
      apart: `The DRBD device ${p.disk} is not connected to all its peers, seen from ${p.host}.`,
      stale: `The DRBD device ${p.disk} is not up to date on ${p.host}.`,
    }[p.lacks],
    {
      secondary: `Nothing was changed. Run “drbdadm primary RESOURCE” on ${p.host}; the resource needs allow-two-primaries while a machine moves.`,
      apart: 'Nothing was changed. Connect it with “drbdadm connect RESOURCE”, wait until it has caught up, and try again.',
      stale: 'Nothing was changed. Wait until “drbdadm status” says UpToDate, and try again.',
    }[p.lacks],
  ],
  'move.diskTwice': (p) => [
    `The disk ${p.disk} is attached to this machine twice (${listed(p.vdevs)}), so copying would make two of it.`,
    'Take one of the two out, or put the disk on shared storage first.',
  ],
  'move.disksFailed': (p, f) => {
    const room = roomOf(p.said);
    return [
      `The disks could not be copied (${room ? `${room.place} at the target is short of ${f.memory(room.shortMiB)} by now` : p.said}). The guest goes on at the source; its disks there are as they were.`,
      room ? 'Make room there, or choose another place, and move it again.' : 'See Details, mend the cause, and move it again.',
    ];
  },
  'move.pauseTooLong': (p) => [
    `The disks would have to be compared for about ${p.minutes} min while the guest stands still; 10 are allowed. It goes on at the source, and nothing was changed.`,
    'Move it with a stop: then it may take as long as it needs.',
  ],
};
