import { useEffect } from 'react';
import type { Task, TaskPhase } from '../../../../electron/contract/task.ts';
import { ask } from '../../actions/action.ts';
import { useGuest, useProgram, useTask } from '../../state/program.ts';
import { choose } from '../../state/ui.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { ProblemView, useTellShort } from '../../ui/ProblemView.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './CreateGuest.module.css';

const phases: readonly TaskPhase[] = ['checking', 'preparing', 'copyingDisk', 'writing', 'starting'];

interface MakingProps {
  taskId: string;
  copies: boolean;
  onDone: () => void;
  /** Back to the values, all kept. */
  onAgain: () => void;
}

/** The steps of the making as the host reports them. When it is done, the guest's console opens; closing this stops nothing. */
export function MakingStep({ taskId, copies, onDone, onAgain }: MakingProps) {
  const program = useProgram();
  const { say } = useWords();
  const tell = useTellShort();
  const task = useTask(taskId);
  const key = task?.guestId ? `${task.hostId}/${task.guestId}` : null;
  const guest = useGuest(key);
  const done = task?.outcome?.is === 'done';
  useEffect(() => {
    if (!done || !guest) return;
    choose(program.ui, { is: 'guest', key: guest.key }, guest.state === 'halted' ? 'overview' : 'console');
    onDone();
  }, [done, guest, program, onDone]);
  if (!task) return <p role="status">{say('common.loading')}</p>;
  const problem = task.outcome?.is === 'failed' || task.outcome?.is === 'unknown' ? task.outcome.problem : null;
  return (
    <>
      {!task.outcome && <p>{say('create.makingText')}</p>}
      {/* What failed or was cancelled has been undone: no step of it stands any more. */}
      {(!task.outcome || done) && <PhaseList task={task} phases={phases.filter((one) => copies || one !== 'copyingDisk')} />}
      {task.outcome?.is === 'done' && <p role="status">{say('create.made')}</p>}
      {task.outcome?.is === 'cancelled' && <p role="status">{say('create.cancelled')}</p>}
      {problem && <ProblemView problem={problem} />}
      <div>
        {!task.outcome && (
          <Button
            refusal={task.mayCancel.may ? null : tell(task.mayCancel.because)}
            onPress={() => ask(program, 'task.cancel', { taskId }, task.guestName)}
          >
            {say('create.stop')}
          </Button>
        )}
        {task.outcome && !done && <Button onPress={onAgain}>{say('create.again')}</Button>}
      </div>
    </>
  );
}

function PhaseList({ task, phases }: { task: Task; phases: readonly TaskPhase[] }) {
  const { say, format } = useWords();
  const now = task.outcome?.is === 'done' ? phases.length : phases.indexOf(task.phase);
  const { progress } = task;
  return (
    <ol className={styles.phases}>
      {phases.map((phase, at) => (
        <li
          key={phase}
          className={at < now ? styles.past : at === now ? styles.now : styles.coming}
          aria-current={at === now ? 'step' : undefined}
        >
          <span className={styles.mark}>{at < now && <Icon name="check" size={12} />}</span>
          <span>{say(`phase.${phase}`)}</span>
          {at === now && !task.outcome && (
            <span className={styles.amount}>
              <Progress label={say(`phase.${phase}`)} done={progress?.done ?? 0} total={progress?.total ?? null} />
              {progress && (
                <span>
                  {format.bytes(progress.done)}
                  {progress.bytesPerS !== null && ` · ${format.rate(progress.bytesPerS)}`}
                  {progress.secondsLeft !== null && ` · ${say('tasks.left', { duration: format.duration(progress.secondsLeft * 1000) })}`}
                </span>
              )}
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}
