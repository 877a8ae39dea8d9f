import { useState } from 'react';
import type { HostId } from '../../../../electron/contract/host.ts';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import { useHost, useProgram } from '../../state/program.ts';
import { choose } from '../../state/ui.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { ProblemView } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';

/** Takes a host off the list; the server itself is left alone. */
export function RemoveHost({ hostId, onClose }: { hostId: HostId; onClose: () => void }) {
  const { session, ui } = useProgram();
  const host = useHost(hostId);
  const { say } = useWords();
  const [refused, setRefused] = useState<Problem | null>(null);
  if (!host) return null;
  const remove = () => {
    session.call('host.remove', { hostId }).then(
      () => {
        choose(ui, null);
        onClose();
      },
      (thrown: unknown) => setRefused(problemOf(thrown)),
    );
  };
  return (
    <Dialog
      title={say('host.removeTitle', { label: host.label })}
      width="narrow"
      onClose={onClose}
      actions={
        <Button kind="danger" onPress={remove}>
          {say('host.remove')}
        </Button>
      }
    >
      <p>{say('host.removeText')}</p>
      {refused && <ProblemView problem={refused} />}
    </Dialog>
  );
}
