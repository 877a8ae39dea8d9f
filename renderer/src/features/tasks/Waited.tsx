import type { Task } from '../../../../electron/contract/task.ts';
import { useWords } from '../../words/speak.tsx';

/** Of a move that had waited for its time: when it was to be, and when it ended. */
export function Waited({ task, className }: { task: Task; className?: string | undefined }) {
  const { say, format } = useWords();
  if (task.startsAt === undefined || task.endedAt === null) return null;
  return (
    <span className={className}>{say('later.was', { at: format.dateTime(task.startsAt), ended: format.dateTime(task.endedAt) })}</span>
  );
}
