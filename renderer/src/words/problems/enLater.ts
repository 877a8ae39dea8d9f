import type { NotBegun } from '../../../../electron/contract/problem.ts';
import type { ProblemWords } from './shape.ts';

/** Why it did not begin: of the guest `name`, its target `host`, and what of it. */
const reasons: Record<NotBegun, (of: { name: string; host: string; said: string }) => string> = {
  halted: () => 'it was not running',
  paused: () => 'it was paused',
  busy: () => 'something else was being done to it',
  config: (of) => `${of.said || 'its config'} had been changed`,
  autostart: () => 'its autostart had been changed',
  disks: () => 'its disks had been changed',
  booted: () => 'its host was rebooted, or the waiting job was ended',
  door: (of) => `${of.host} did not let it in (it may have been rebooted, or can’t be reached)`,
  elsewhere: (of) => `${of.said || of.name} was on ${of.host} already`,
  memory: (of) => `${of.host} lacked ${of.said} MiB of memory`,
  taken: (of) => `${of.host} has another ${of.said} by now`,
  disk: (of) => `${of.host} did not have ${of.said} as it was`,
  keys: (of) => `${of.host} could not write its authorized_keys`,
};

/** A newer engine may know of more. */
const reasonOf = (p: { why: string; name: string; host: string; said: string }): string =>
  (Object.hasOwn(reasons, p.why) ? reasons[p.why as NotBegun](p) : p.said) || p.why; // it is one of them

/** Moves that wait for their time, in English. */
export const problemsLaterEn: Pick<
  ProblemWords,
  'move.scheduled' | 'move.badTime' | 'move.laterRelay' | 'move.laterStopped' | 'move.notBegun' | 'task.scheduled'
> = {
  'move.scheduled': (p, format) => [
    p.at === null
      ? `A move of ${p.name} waits for its time already, made ready by another XenFerry.`
      : `A move of ${p.name} waits for ${format.dateTime(p.at)} already.`,
    'Cancel that one first.',
  ],
  'move.badTime': () => ['A move can wait for a minute to a week.', 'Choose another time.'],
  'move.laterRelay': () => [
    'A move through this computer can’t wait for a time: this computer would have to be there then.',
    'Move it now, or let the source reach the target itself.',
  ],
  'move.laterStopped': () => [
    'A move with a stop can’t wait for a time: if the machine could not be started there, nobody would be there to see it.',
    'Move it with a stop now, or let a live move wait.',
  ],
  'move.notBegun': (p) => [
    `${p.name} was not moved to ${p.host} at its time: ${reasonOf(p)}. It is where it was.`,
    'Move it again when that is as it should be.',
  ],
  'task.scheduled': (p, format) => [
    `The program ended while this move waited for ${format.dateTime(p.at)}. What was ready goes on at its host without it.`,
    'Connect the host: it tells how it went.',
  ],
};
