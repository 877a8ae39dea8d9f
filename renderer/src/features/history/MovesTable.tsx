import type { Task } from '../../../../electron/contract/task.ts';
import { beganAt } from '../../../../electron/contract/task.ts';
import { useHost } from '../../state/program.ts';
import { useWords } from '../../words/speak.tsx';
import { diskRoundsText } from '../tasks/diskRounds.ts';
import styles from './HistoryList.module.css';
import { KeptStrip } from './KeptStrip.tsx';
import { wentOf } from './went.ts';

const columns = ['when', 'guest', 'where', 'what', 'downtime', 'size', 'sent', 'rate', 'took', 'replies'] as const;

/** Moves that arrived, with the same figure of each below that of the one before. */
export function MovesTable({ tasks }: { tasks: readonly Task[] }) {
  const { say } = useWords();
  const moves = tasks.filter((one) => one.migration && one.outcome?.is === 'done');
  if (moves.length === 0) return <p className={styles.empty}>{say('history.noMoves')}</p>;
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          {columns.map((one) => (
            <th key={one} scope="col">
              {say(`history.${one}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {moves.map((task) => (
          <MoveRow key={task.id} task={task} />
        ))}
      </tbody>
    </table>
  );
}

function MoveRow({ task }: { task: Task }) {
  const words = useWords();
  const { say, format } = words;
  const from = useHost(task.hostId)?.label ?? '?';
  const to = useHost(task.targetHostId)?.label ?? '?';
  const { migration: move, pings, endedAt } = task;
  const went = wentOf(task);
  const took = move?.wallMs ?? (endedAt === null ? null : endedAt - beganAt(task));
  const figure = (value: number | null | undefined, tell: (value: number) => string) =>
    value == null ? say('history.untold') : tell(value);
  return (
    <tr>
      <td className={styles.when}>{format.dateTime(beganAt(task))}</td>
      <td>{task.guestName}</td>
      <td>{say('tasks.fromTo', { from, to })}</td>
      <td>
        {say(`task.${task.kind}`)}
        {move?.transport === 'relay' && <span className={styles.why}>{say('migration.relayed')}</span>}
        {move?.transport === 'agent' && <span className={styles.why}>{say('migration.byAgent')}</span>}
      </td>
      <td className={styles.figure}>{figure(move?.downtimeMs, format.duration)}</td>
      <td className={styles.figure}>{figure(went?.sizeBytes, format.bytes)}</td>
      <td className={styles.figure}>
        {figure(went?.sentBytes, format.bytes)}
        {move?.disks && <span className={styles.why}>{diskRoundsText(move.disks, words)}</span>}
      </td>
      <td className={styles.figure}>{figure(went?.bytesPerS, format.rate)}</td>
      <td className={styles.figure}>{figure(took, format.duration)}</td>
      <td>{pings && <KeptStrip pings={pings} />}</td>
    </tr>
  );
}
