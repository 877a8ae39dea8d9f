import { useState } from 'react';
import type { GuestKey } from '../../../../electron/contract/guest.ts';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import { useGuest, useProgram } from '../../state/program.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Check, TextInput } from '../../ui/Field.tsx';
import { ProblemView } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';

/** Removes a halted guest: to the host's trash, its name typed. */
export function RemoveDialog({ guestKey, onClose }: { guestKey: GuestKey; onClose: () => void }) {
  const { session } = useProgram();
  const { say } = useWords();
  const guest = useGuest(guestKey);
  const [typedName, setTypedName] = useState('');
  const [disks, setDisks] = useState(false);
  const [refused, setRefused] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  if (!guest) return null;
  const ready = typedName === guest.name;
  const send = () => {
    if (!ready) return;
    setBusy(true);
    session
      .call('guest.remove', { hostId: guest.hostId, guestId: guest.guestId, typedName, disks })
      .then(onClose, (thrown: unknown) => setRefused(problemOf(thrown)))
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={say('remove.title', { name: guest.name })}
      width="narrow"
      onClose={onClose}
      onSubmit={send}
      actions={
        <Button kind="danger" submit busy={busy} refusal={ready ? null : say('common.typeName', { name: guest.name })}>
          {say('remove.do')}
        </Button>
      }
    >
      <p>{say('remove.text')}</p>
      <Check value={disks} onChange={setDisks} hint={say('remove.disksText')}>
        {say('remove.disks')}
      </Check>
      <TextInput label={say('common.typeName', { name: guest.name })} value={typedName} onChange={setTypedName} autoFocus />
      {refused && <ProblemView problem={refused} />}
    </Dialog>
  );
}
