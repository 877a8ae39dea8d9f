import { useState } from 'react';
import type { GuestKey } from '../../../../electron/contract/guest.ts';
import { useGuest, useProgram } from '../../state/program.ts';
import { Check } from '../../ui/Field.tsx';
import { TypedNameDialog } from '../../ui/TypedNameDialog.tsx';
import { useWords } from '../../words/speak.tsx';

/** Removes a halted guest: to the host's trash, its name typed. */
export function RemoveDialog({ guestKey, onClose }: { guestKey: GuestKey; onClose: () => void }) {
  const { session } = useProgram();
  const { say } = useWords();
  const guest = useGuest(guestKey);
  const [disks, setDisks] = useState(false);
  if (!guest) return null;
  const { hostId, guestId, name } = guest;
  return (
    <TypedNameDialog
      title={say('remove.title', { name })}
      name={name}
      does={say('remove.do')}
      send={(typedName) => session.call('guest.remove', { hostId, guestId, typedName, disks })}
      onClose={onClose}
    >
      <p>{say('remove.text')}</p>
      <Check value={disks} onChange={setDisks} hint={say('remove.disksText')}>
        {say('remove.disks')}
      </Check>
    </TypedNameDialog>
  );
}
