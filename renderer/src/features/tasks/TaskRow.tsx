import { isMoveOf } from '../../../../electron/contract/guestIdentity.ts';
import type { DiskCopying, Task } from '../../../../electron/contract/task.ts';
import { ask } from '../../actions/action.ts';
import { useHost, useProgram } from '../../state/program.ts';
import { choose } from '../../state/ui.ts';
import { Button } from '../../ui/Button.tsx';
import { ProblemView, useTellShort } from '../../ui/ProblemView.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { useWords } from '../../words/speak.tsx';
import { useSign } from '../move/Scheduled.tsx';
import { outcomeWord } from './outcome.ts';
import styles from './Tray.module.css';
import { Waited } from './Waited.tsx';

/** Work that can leave something behind when it breaks off. */
const leaving: readonly Task['kind'][] = ['guest.migrate', 'guest.moveStopped', 'guest.moveConfig', 'guest.create', 'doctor.mend'];

/** One task in the tray: what, where, phase, amount, speed, time left; cancel or its reason. */
export function TaskRow({ task }: { task: Task }) {
  const program = useProgram();
  const { say } = useWords();
  const tell = useTellShort();
  const from = useHost(task.hostId)?.label ?? '?';
  const to = useHost(task.targetHostId)?.label;
  const problem = task.outcome?.is === 'failed' || task.outcome?.is === 'unknown' ? task.outcome.problem : null;
  // beyond the point of no return there is nothing to press any more
  const late =
    !task.outcome && !task.mayCancel.may && task.mayCancel.because.code === 'move.tooLateToCancel' ? task.mayCancel.because : null;
  const look = () => {
    if (!task.guestId) return;
    const { byId } = program.mirror.guests.getState();
    const key = `${task.hostId}/${task.guestId}`;
    const onItsWay = byId.has(key) ? null : [...byId.values()].find((one) => isMoveOf(task, one));
    choose(program.ui, { is: 'guest', key: onItsWay?.key ?? key }, 'overview');
  };
  return (
    <li className={styles.row}>
      <div className={styles.line}>
        <span className={styles.what}>
          <strong>{task.guestName}</strong>
          <span className={styles.where}>{to ? say('tasks.fromTo', { from, to }) : from}</span>
          {task.foreign && <span className={styles.where}>{say('tasks.foreign')}</span>}
        </span>
        <span className={`${styles.phase} ${problem ? styles.failed : ''}`} role="status">
          {say(`task.${task.kind}`)} · {say(outcomeWord(task))}
        </span>
        <TaskFigures task={task} />
        <span className={styles.buttons}>
          {task.kind === 'guest.migrate' && task.migration && !task.outcome && task.guestId && (
            <Button size="small" kind="quiet" onPress={look}>
              {say('ping.title')}
            </Button>
          )}
          {problem && leaving.includes(task.kind) && (
            <Button size="small" kind="quiet" onPress={() => program.ui.setState({ view: 'doctor' })}>
              {say('doctor.open')}
            </Button>
          )}
          {task.outcome ? (
            <Button size="small" kind="quiet" onPress={() => ask(program, 'task.dismiss', { taskId: task.id }, task.guestName)}>
              {say('tasks.dismiss')}
            </Button>
          ) : late ? null : (
            <Button
              size="small"
              refusal={task.mayCancel.may ? null : tell(task.mayCancel.because)}
              onPress={() => ask(program, 'task.cancel', { taskId: task.id }, task.guestName)}
            >
              {say('tasks.cancel')}
            </Button>
          )}
        </span>
      </div>
      {late && (
        <p className={styles.late} role="status">
          {tell(late)}
        </p>
      )}
      {problem && (
        <div className={styles.problem}>
          <ProblemView problem={problem} />
        </div>
      )}
    </li>
  );
}

function TaskFigures({ task }: { task: Task }) {
  const { say, format } = useWords();
  const move = task.migration;
  if (task.phase === 'scheduled') return <WaitingFigures task={task} />;
  if (task.outcome) {
    if (!move) return <span className={styles.figures} />;
    return (
      <span className={styles.figures}>
        <Waited task={task} />
        {/* Without a switch to the target there was no standstill: the longest gap is only that between two pings. */}
        {task.outcome?.is === 'done' && (
          <span>
            {move.downtimeMs === null
              ? say('migration.downtimeUnknown')
              : say('migration.downtime', { duration: format.duration(move.downtimeMs) })}
          </span>
        )}
        {move.transport === 'relay' && <span>{say('migration.relayed')}</span>}
        {move.transport === 'agent' && <span>{say('migration.byAgent')}</span>}
        {move.wallMs !== null && <span>{say('migration.wall', { duration: format.duration(move.wallMs) })}</span>}
      </span>
    );
  }
  if (move?.disks && (task.phase === 'copyingDisk' || task.phase === 'finalPause')) return <DiskFigures task={task} disks={move.disks} />;
  const progress = task.progress;
  const rate = move?.bytesPerS ?? progress?.bytesPerS ?? null;
  const done = move && move.memoryBytes > 0 ? Math.min(move.sentBytes, move.memoryBytes) : (progress?.done ?? 0);
  const total = move && move.memoryBytes > 0 && move.sentBytes > 0 ? move.memoryBytes : (progress?.total ?? null);
  return (
    <span className={styles.figures}>
      <Progress label={say(`phase.${task.phase}`)} done={done} total={total} />
      {move && move.sentBytes > 0 && (
        <span>{say('migration.sent', { sent: format.bytes(move.sentBytes), memory: format.bytes(move.memoryBytes) })}</span>
      )}
      {rate !== null && <span>{format.rate(rate)}</span>}
      {move?.transport === 'relay' && <span>{say('migration.relayed')}</span>}
      {move?.transport === 'agent' && <span>{say('migration.byAgent')}</span>}
      {move?.pass != null && <span>{say('migration.pass', { pass: move.pass })}</span>}
      {progress?.secondsLeft != null && <span>{say('tasks.left', { duration: format.duration(progress.secondsLeft * 1000) })}</span>}
    </span>
  );
}

function WaitingFigures({ task }: { task: Task }) {
  return <span className={styles.figures}>{useSign(task)}</span>;
}

/** While its disks are copied, and when the last of them goes over. */
function DiskFigures({ task, disks }: { task: Task; disks: DiskCopying }) {
  const { say, format } = useWords();
  const { progress } = task;
  const total = disks.rounds.at(-1) ?? null;
  if (disks.pause || disks.comparing || total === null) {
    const told = disks.pause
      ? say('migration.diskLast', { size: format.bytes(total ?? 0) })
      : disks.comparing
        ? say('migration.diskComparing')
        : null;
    return (
      <span className={styles.figures}>
        <Progress label={say(`phase.${task.phase}`)} done={0} total={null} />
        {told && <span>{told}</span>}
      </span>
    );
  }
  return (
    <span className={styles.figures}>
      <Progress label={say(`phase.${task.phase}`)} done={disks.copiedBytes} total={total} />
      <span>{say('migration.diskRound', { round: disks.rounds.length })}</span>
      <span>{say('migration.sent', { sent: format.bytes(disks.copiedBytes), memory: format.bytes(total) })}</span>
      {progress?.bytesPerS != null && <span>{format.rate(progress.bytesPerS)}</span>}
      {progress?.secondsLeft != null && <span>{say('tasks.left', { duration: format.duration(progress.secondsLeft * 1000) })}</span>}
    </span>
  );
}
