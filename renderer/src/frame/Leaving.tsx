import { useEffect, useRef, useState } from 'react';
import { neededFor, type Task } from '../../../electron/contract/task.ts';
import { useProgram } from '../state/program.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { useWords } from '../words/speak.tsx';

/** Guests whose moves need this desktop, and are not being cancelled anyway. */
const namesHere = (tasks: Iterable<Task>): string[] =>
  [...tasks].filter((one) => one.mayCancel.may && neededFor(one)).map((one) => one.guestName);

/** The window is asked to close: while moves need this desktop, its end would be theirs. In a browser the program goes on without it. */
export function Leaving() {
  const { mirror, info } = useProgram();
  const { say } = useWords();
  const [names, setNames] = useState<readonly string[]>([]);
  const sure = useRef(false);
  useEffect(() => {
    if (info.shell !== 'electron') return;
    const ask = (event: BeforeUnloadEvent) => {
      const moving = sure.current ? [] : namesHere(mirror.tasks.getState().byId.values());
      if (moving.length === 0) return;
      event.preventDefault();
      setNames(moving);
    };
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [mirror, info.shell]);
  if (names.length === 0) return null;
  const leave = () => {
    sure.current = true;
    window.close();
  };
  return (
    <Dialog
      title={say('leave.title')}
      width="narrow"
      closeLabel={say('leave.stay')}
      onClose={() => setNames([])}
      actions={
        <Button kind="danger" onPress={leave}>
          {say('leave.do')}
        </Button>
      }
    >
      <p>{say('leave.text', { names: names.join(', ') })}</p>
    </Dialog>
  );
}
