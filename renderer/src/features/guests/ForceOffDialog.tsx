import { useState } from 'react';
import type { GuestKey } from '../../../../electron/contract/guest.ts';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import { useProgram } from '../../state/program.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { TextInput } from '../../ui/Field.tsx';
import { ProblemView } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import { useSubjects } from './useSubjects.ts';

/** Pulling the plug: each name is typed. */
export function ForceOffDialog({ keys, onClose }: { keys: readonly GuestKey[]; onClose: () => void }) {
  const { session } = useProgram();
  const { say, format } = useWords();
  const subjects = useSubjects(keys);
  const [typed, setTyped] = useState<Record<GuestKey, string>>({});
  const [refused, setRefused] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  if (subjects.length === 0) return null;
  const missing = subjects.find(({ guest }) => typed[guest.key] !== guest.name);
  const send = () => {
    if (missing) return;
    setBusy(true);
    const asked = subjects.map(({ guest }) =>
      session.call('guest.forceOff', { hostId: guest.hostId, guestId: guest.guestId, typedName: typed[guest.key] ?? '' }),
    );
    Promise.all(asked)
      .then(onClose, (thrown: unknown) => setRefused(problemOf(thrown)))
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={say('forceOff.title', { name: format.list(subjects.map((one) => one.guest.name)) })}
      width="narrow"
      onClose={onClose}
      onSubmit={send}
      actions={
        <Button kind="danger" submit busy={busy} refusal={missing ? say('common.typeName', { name: missing.guest.name }) : null}>
          {say('forceOff.do')}
        </Button>
      }
    >
      <p>{say('forceOff.text')}</p>
      {subjects.map(({ guest }, at) => (
        <TextInput
          key={guest.key}
          label={say('common.typeName', { name: guest.name })}
          value={typed[guest.key] ?? ''}
          onChange={(text) => setTyped({ ...typed, [guest.key]: text })}
          autoFocus={at === 0}
        />
      ))}
      {refused && <ProblemView problem={refused} />}
    </Dialog>
  );
}
