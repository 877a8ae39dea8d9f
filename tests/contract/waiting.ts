import type { Guest } from '../../electron/contract/guest.ts';
import type { Task } from '../../electron/contract/task.ts';
import type { Desk } from './desk.ts';

/** What tests of moves wait for, at a desktop that may be another one after a restart. */
export function waiting(desk: () => Desk) {
  return {
    seen: (hostId: string, name: string): Promise<Guest> => desk().until(`${name} there`, () => desk().guest(hostId, name)),
    /** So many bytes of its disks have gone. */
    copying: (taskId: string, bytes: number): Promise<Task> =>
      desk().until('disks are copied', () => {
        const task = desk().tasks.get(taskId);
        return task && (task.migration?.disks?.copiedBytes ?? 0) >= bytes && task;
      }),
    /** A move takes longer than other tasks. */
    ended: (taskId: string): Promise<Task> =>
      desk().until('its end', () => desk().tasks.get(taskId)?.outcome && desk().tasks.get(taskId), 60_000),
  };
}
