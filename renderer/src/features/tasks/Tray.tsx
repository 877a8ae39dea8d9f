import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useProgram } from '../../state/program.ts';
import { useWords } from '../../words/speak.tsx';
import { trayTasks } from './outcome.ts';
import { TaskRow } from './TaskRow.tsx';
import styles from './Tray.module.css';

/** What is being done, at the bottom; it never covers anything. */
export function Tray() {
  const { mirror } = useProgram();
  const byId = useStore(mirror.tasks, (all) => all.byId);
  const { say } = useWords();
  const now = useNow(byId.size > 0);
  const tasks = trayTasks(byId.values(), now);
  if (tasks.length === 0) return null;
  return (
    <section className={styles.tray} aria-label={say('frame.tray')}>
      <ul>
        {tasks.map((task) => (
          <TaskRow key={task.id} task={task} />
        ))}
      </ul>
    </section>
  );
}

/** The time, once a second while it matters. */
function useNow(matters: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!matters) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [matters]);
  return now;
}
