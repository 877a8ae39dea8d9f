import { type ReactNode, useState } from 'react';
import { type Problem, problemOf } from '../../../electron/contract/problem.ts';
import { useWords } from '../words/speak.tsx';
import { Button } from './Button.tsx';
import { Dialog } from './Dialog.tsx';
import { TextInput } from './Field.tsx';
import { ProblemView } from './ProblemView.tsx';

/** Asks for a name before something that can't be taken back, or not easily; refused, it stays open with what was typed. */
export function TypedNameDialog({
  title,
  name,
  does,
  send,
  onClose,
  onDone = onClose,
  children,
}: {
  title: string;
  name: string;
  /** The button's word. */
  does: string;
  send: (typedName: string) => Promise<unknown>;
  onClose: () => void;
  onDone?: () => void;
  children: ReactNode;
}) {
  const { say } = useWords();
  const [typedName, setTypedName] = useState('');
  const [refused, setRefused] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const ready = typedName === name;
  const submit = () => {
    if (!ready) return;
    setBusy(true);
    send(typedName)
      .then(onDone, (thrown: unknown) => setRefused(problemOf(thrown)))
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={title}
      width="narrow"
      onClose={onClose}
      onSubmit={submit}
      actions={
        <Button kind="danger" submit busy={busy} refusal={ready ? null : say('common.typeName', { name })}>
          {does}
        </Button>
      }
    >
      {children}
      <TextInput label={say('common.typeName', { name })} value={typedName} onChange={setTypedName} autoFocus />
      {refused && <ProblemView problem={refused} />}
    </Dialog>
  );
}
