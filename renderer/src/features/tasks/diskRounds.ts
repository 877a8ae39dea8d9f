import type { DiskCopying } from '../../../../electron/contract/task.ts';
import type { Words } from '../../words/speak.tsx';

/** What each round over the disks had to copy, so that two moves can be compared: "disks 10 GiB, 52 MiB · 1 MiB in the pause". */
export function diskRoundsText({ rounds, pause }: DiskCopying, { say, format }: Pick<Words, 'say' | 'format'>): string {
  const live = pause ? rounds.slice(0, -1) : rounds;
  const parts = live.length > 0 ? [say('migration.diskRounds', { sizes: live.map(format.bytes).join(', ') })] : [];
  const last = pause ? rounds.at(-1) : undefined;
  return [...parts, ...(last === undefined ? [] : [say('migration.diskPause', { size: format.bytes(last) })])].join(' · ');
}
