import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { earlierGuestIds } from '../../../../electron/contract/guestIdentity.ts';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import { beganAt, type Task } from '../../../../electron/contract/task.ts';
import { type Program, useHost, useProgram } from '../../state/program.ts';
import { ProblemView } from '../../ui/ProblemView.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { tellProblem } from '../../words/problems/tell.ts';
import { useWords } from '../../words/speak.tsx';
import { diskRoundsText } from '../tasks/diskRounds.ts';
import { outcomeWord } from '../tasks/outcome.ts';
import { Waited } from '../tasks/Waited.tsx';
import styles from './HistoryList.module.css';
import { KeptStrip } from './KeptStrip.tsx';
import { MovesTable } from './MovesTable.tsx';
import { wentOf } from './went.ts';

/** Ended tasks, newest first; of one guest, or all, or the moves alone. Read again whenever a task ends. */
export function HistoryList({ guestId, moves = false }: { guestId?: string; moves?: boolean }) {
  const program = useProgram();
  const { say } = useWords();
  const { tasks, refused } = useHistory(program);
  if (refused) return <ProblemView problem={refused} />;
  if (!tasks) return <Progress label={say('common.loading')} done={0} total={null} />;
  const those = guestId ? ofGuest(guestId, tasks) : tasks;
  if (moves) return <MovesTable tasks={those} />;
  if (those.length === 0) return <p className={styles.empty}>{say('history.empty')}</p>;
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{say('history.when')}</th>
          <th scope="col">{say('history.what')}</th>
          {!guestId && <th scope="col">{say('history.guest')}</th>}
          <th scope="col">{say('history.where')}</th>
          <th scope="col">{say('history.outcome')}</th>
          <th scope="col">{say('history.took')}</th>
        </tr>
      </thead>
      <tbody>
        {those.map((task) => (
          <HistoryRow key={task.id} task={task} named={!guestId} />
        ))}
      </tbody>
    </table>
  );
}

/** What was done to a guest, also under the names it had on other hosts. */
function ofGuest(guestId: string, tasks: readonly Task[]): readonly Task[] {
  const ids = earlierGuestIds(guestId, tasks);
  return tasks.filter((one) => one.guestId !== null && ids.has(one.guestId));
}

function useHistory(program: Program): { tasks: Task[] | null; refused: Problem | null } {
  const [tasks, setTasks] = useState<Task[] | null>(null);
  const [refused, setRefused] = useState<Problem | null>(null);
  const ended = useStore(program.mirror.tasks, (all) => [...all.byId.values()].filter((one) => one.outcome).length);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a task that ended is the reason to read again
  useEffect(() => {
    program.session.call('history.list', { limit: 300 }).then(setTasks, (thrown: unknown) => setRefused(problemOf(thrown)));
  }, [program.session, ended]);
  return { tasks, refused };
}

function HistoryRow({ task, named }: { task: Task; named: boolean }) {
  const words = useWords();
  const { say, format } = words;
  const from = useHost(task.hostId)?.label ?? '?';
  const to = useHost(task.targetHostId)?.label;
  const problem = task.outcome?.is === 'failed' || task.outcome?.is === 'unknown' ? task.outcome.problem : null;
  const move = task.migration;
  const began = beganAt(task);
  const went = wentOf(task);
  return (
    <tr>
      <td className={styles.when}>{format.dateTime(began)}</td>
      <td>{say(`task.${task.kind}`)}</td>
      {named && <td>{task.guestName}</td>}
      <td>{to ? say('tasks.fromTo', { from, to }) : from}</td>
      <td className={problem ? styles.bad : ''}>
        {say(outcomeWord(task))}
        <Waited task={task} className={styles.why} />
        {problem && <span className={styles.why}>{tellProblem(problem, words).what}</span>}
        {move && task.outcome?.is === 'done' && (
          <span className={styles.why}>
            {move.downtimeMs === null
              ? say('migration.downtimeUnknown')
              : say('migration.downtime', { duration: format.duration(move.downtimeMs) })}
          </span>
        )}
        {move?.transport === 'relay' && <span className={styles.why}>{say('migration.relayed')}</span>}
        {move?.transport === 'agent' && <span className={styles.why}>{say('migration.byAgent')}</span>}
        {move?.disks && <span className={styles.why}>{diskRoundsText(move.disks, words)}</span>}
        {went && (
          <span className={styles.why}>
            {say('history.went', { size: format.bytes(went.sizeBytes), sent: format.bytes(went.sentBytes) })}
            {went.bytesPerS !== null && ` · ${say('history.average', { rate: format.rate(went.bytesPerS) })}`}
          </span>
        )}
        {task.pings && <KeptStrip pings={task.pings} />}
        {task.log.length > 0 && (
          <details className={styles.log}>
            <summary>{say('tasks.log')}</summary>
            <pre>{task.log.join('\n')}</pre>
          </details>
        )}
      </td>
      <td className={styles.when}>{task.endedAt ? format.duration(task.endedAt - began) : ''}</td>
    </tr>
  );
}
