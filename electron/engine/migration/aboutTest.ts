import type { AboutMove } from './plan.ts';

/** A live move as its job is told of it, for unit tests. */
export const aboutMove: AboutMove = {
  kind: 'guest.migrate',
  guestId: 'g',
  guestName: 'tiny',
  uuid: '',
  domid: 7,
  memoryMiB: 80,
  target: '',
  targetLabel: 'host2',
  configFile: null,
  pingAddress: null,
  activated: [],
  startedAt: 0,
};
