import type { Plan } from '../../../../electron/contract/plan.ts';
import type { Task } from '../../../../electron/contract/task.ts';
import { useTask } from '../../state/program.ts';
import { Icon } from '../../ui/Icon.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { tellProblem } from '../../words/problems/tell.ts';
import { useWords } from '../../words/speak.tsx';
import type { Checked } from '../move/MoveSheet.tsx';
import { StandingText } from '../move/StandingText.tsx';
import { type Standing, standingOf } from '../move/standing.ts';
import styles from './Plans.module.css';
import type { PlannedStep } from './usePlanning.ts';

/** How far one step is, and what hinders it. */
export function StepState({ plan, planned, checked }: { plan: Plan; planned: PlannedStep; checked: Checked | undefined }) {
  const words = useWords();
  const { say } = words;
  const tell = useTellShort();
  const { step, verdict } = planned;
  const { state } = step;
  switch (state.is) {
    case 'waiting':
      if (verdict && plan.state === 'draft') return <StandingText standing={withoutNotAsked(standingOf(verdict, checked, step.how))} />;
      return (
        <span className={styles.note}>
          {verdict && !verdict.may ? say('plan.waitsFor', { why: tell(verdict.because) }) : say('plan.waits')}
        </span>
      );
    case 'checking':
      return <span className={styles.going}>{`${say('plan.checking')}…`}</span>;
    case 'moving':
      return <Moving taskId={state.taskId} />;
    case 'done':
      return <Done taskId={state.taskId} />;
    case 'skipped':
      return <span className={styles.note}>{say('plan.skipped')}</span>;
    case 'failed':
      // what a task failed with stands in full in the tray and in History
      return (
        <span className={styles.failed}>
          <Icon name="bad" size={14} />
          <span>{state.taskId === null ? tell(state.problem) : tellProblem(state.problem, words).what}</span>
        </span>
      );
  }
}

/** That stands below, where the name is typed. */
function withoutNotAsked(standing: Standing): Standing {
  if (standing.is !== 'fits') return standing;
  return { ...standing, warnings: standing.warnings.filter((one) => one.code !== 'guard.notAsked') };
}

function Moving({ taskId }: { taskId: string }) {
  const task = useTask(taskId);
  const { say, format } = useWords();
  const move = task?.migration;
  const [done, total] = sentOf(task);
  const phase = say(`phase.${task && !task.outcome ? task.phase : 'waiting'}`);
  return (
    <span className={styles.going}>
      <span>{phase}</span>
      <Progress label={phase} done={done} total={total} />
      {move?.bytesPerS != null && <span className={styles.note}>{format.rate(move.bytesPerS)}</span>}
    </span>
  );
}

/** Bytes of what goes over the line just now, its disks or its memory, and of how many; null: not known. */
function sentOf(task: Task | undefined): [number, number | null] {
  const move = task?.migration;
  if (!move) return [0, null];
  const { disks, memoryBytes, sentBytes } = move;
  if (task.phase === 'copyingDisk' && disks)
    return [disks.copiedBytes, disks.comparing || disks.pause ? null : (disks.rounds.at(-1) ?? null)];
  return memoryBytes > 0 && sentBytes > 0 ? [Math.min(sentBytes, memoryBytes), memoryBytes] : [0, null];
}

function Done({ taskId }: { taskId: string | null }) {
  const task = useTask(taskId);
  const { say, format } = useWords();
  const downtimeMs = task?.migration?.downtimeMs ?? null;
  return (
    <span className={styles.done}>
      <Icon name="check" size={14} />
      <span>{say(taskId === null ? 'plan.there' : 'plan.done')}</span>
      {downtimeMs !== null && <span className={styles.note}>{say('migration.downtime', { duration: format.duration(downtimeMs) })}</span>}
    </span>
  );
}
