import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { GuestKey } from '../../../../electron/contract/guest.ts';
import type { GuestSubject } from '../../actions/action.ts';
import { type Program, useProgram } from '../../state/program.ts';

/** Guests with their hosts, as they are now. */
export function subjectsOf(program: Program, keys: readonly GuestKey[]): GuestSubject[] {
  const guests = program.mirror.guests.getState();
  const hosts = program.mirror.hosts.getState();
  return keys.flatMap((key) => {
    const guest = guests.byId.get(key);
    const host = guest && hosts.byId.get(guest.hostId);
    return guest && host ? [{ guest, host }] : [];
  });
}

/** Guests with their hosts, kept up. */
export function useSubjects(keys: readonly GuestKey[]): GuestSubject[] {
  const program = useProgram();
  useStore(
    program.mirror.guests,
    useShallow((all) => keys.map((key) => all.byId.get(key))),
  );
  useStore(program.mirror.hosts);
  return subjectsOf(program, keys);
}
