import { useStore } from 'zustand';
import type { Guest } from '../../../../electron/contract/guest.ts';
import { isMoveOf } from '../../../../electron/contract/guestIdentity.ts';
import type { Task } from '../../../../electron/contract/task.ts';
import { useProgram } from '../../state/program.ts';

/** The move of this guest that waits for its time; null: none. */
export function useScheduled(guest: Guest): Task | null {
  return useStore(useProgram().mirror.tasks, (all) => {
    for (const task of all.byId.values()) {
      if (task.phase === 'scheduled' && task.hostId === guest.hostId && isMoveOf(task, guest)) return task;
    }
    return null;
  });
}
