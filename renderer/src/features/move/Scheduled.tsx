import type { Guest } from '../../../../electron/contract/guest.ts';
import type { Task } from '../../../../electron/contract/task.ts';
import { ask } from '../../actions/action.ts';
import { useHost, useProgram } from '../../state/program.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './Scheduled.module.css';
import { useScheduled } from './useScheduled.ts';

/** Where and when a move that waits will go. */
export function useSign(task: Task | null): string | null {
  const { say, format } = useWords();
  const to = useHost(task?.targetHostId ?? null)?.label ?? '?';
  return task?.startsAt === undefined ? null : say('later.sign', { to, at: format.dateTime(task.startsAt) });
}

/** That a move of this guest waits for its time, and a way to call it off. */
export function Scheduled({ guest }: { guest: Guest }) {
  const program = useProgram();
  const { say } = useWords();
  const tell = useTellShort();
  const task = useScheduled(guest);
  const sign = useSign(task);
  if (!task) return null;
  return (
    <p className={styles.scheduled}>
      <Icon name="history" size={14} />
      <span>{sign}</span>
      <Button
        size="small"
        refusal={task.mayCancel.may ? null : tell(task.mayCancel.because)}
        onPress={() => ask(program, 'task.cancel', { taskId: task.id }, task.guestName)}
      >
        {say('later.cancel')}
      </Button>
    </p>
  );
}
