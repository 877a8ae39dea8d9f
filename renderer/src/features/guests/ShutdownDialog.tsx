import { useState } from 'react';
import type { GuestKey } from '../../../../electron/contract/guest.ts';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import { useProgram } from '../../state/program.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Choice } from '../../ui/Field.tsx';
import { ProblemView } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import { useSubjects } from './useSubjects.ts';

/** Shutting down or rebooting: by Xen's signal, or by the power button where nobody listens to that. */
export function ShutdownDialog({ keys, reboot, onClose }: { keys: readonly GuestKey[]; reboot: boolean; onClose: () => void }) {
  const { session } = useProgram();
  const { say } = useWords();
  const subjects = useSubjects(keys);
  const hvm = subjects.some((one) => one.guest.type === 'hvm');
  const [by, setBy] = useState<'pv' | 'acpi'>('pv');
  const [refused, setRefused] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [first] = subjects;
  if (!first) return null;
  const name = subjects.length === 1 ? first.guest.name : say('shutdown.many', { count: subjects.length });
  const call = reboot ? ('guest.reboot' as const) : ('guest.shutdown' as const);
  const send = () => {
    setBusy(true);
    const asked = subjects.map(({ guest }) =>
      session.call(call, { hostId: guest.hostId, guestId: guest.guestId, acpi: by === 'acpi' && guest.type === 'hvm' }),
    );
    Promise.all(asked)
      .then(onClose, (thrown: unknown) => setRefused(problemOf(thrown)))
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={say(reboot ? 'shutdown.rebootTitle' : 'shutdown.title', { name })}
      width="narrow"
      onClose={onClose}
      onSubmit={send}
      actions={
        <Button kind="main" submit busy={busy} autoFocus>
          {say(reboot ? 'guest.reboot' : 'guest.shutdown')}
        </Button>
      }
    >
      <p>{say(reboot ? 'shutdown.rebootText' : 'shutdown.text')}</p>
      {hvm && (
        <Choice
          label=""
          kind="cards"
          value={by}
          onChange={setBy}
          options={[
            { value: 'pv', label: say('shutdown.pv'), text: say('shutdown.pvText') },
            { value: 'acpi', label: say('shutdown.acpi'), text: say('shutdown.acpiText') },
          ]}
        />
      )}
      {refused && <ProblemView problem={refused} />}
    </Dialog>
  );
}
