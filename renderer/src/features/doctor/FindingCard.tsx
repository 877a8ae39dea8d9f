import { useState } from 'react';
import type { Finding } from '../../../../electron/contract/doctor.ts';
import type { HostId } from '../../../../electron/contract/host.ts';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import { useProgram, useTask } from '../../state/program.ts';
import { Button } from '../../ui/Button.tsx';
import { ProblemView } from '../../ui/ProblemView.tsx';
import { TypedNameDialog } from '../../ui/TypedNameDialog.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './Doctor.module.css';
import { tellFinding } from './tellFinding.ts';

/** One finding: which copy is alive, why, and the one thing to do. */
export function FindingCard({ found, labelOf }: { found: Finding; labelOf: (id: HostId) => string }) {
  const { session } = useProgram();
  const words = useWords();
  const { say } = words;
  const told = tellFinding(found, words, labelOf);
  const [taskId, setTaskId] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const [refused, setRefused] = useState<Problem | null>(null);
  const task = useTask(taskId);
  const failed = task?.outcome?.is === 'failed' || task?.outcome?.is === 'unknown' ? task.outcome.problem : null;
  const wrong = refused ?? failed;
  const mend = async (typedName: string) => {
    setRefused(null);
    const { taskId: started } = await session.call('doctor.mend', { findingId: found.id, version: found.version, typedName });
    setTaskId(started);
  };
  const press = () => {
    if (found.typed) setAsking(true);
    else mend('').catch((thrown: unknown) => setRefused(problemOf(thrown)));
  };
  const things = found.things.filter((thing) => !told.why.some((one) => one.includes(thing)));
  return (
    <li className={styles.card} data-weight={found.weight}>
      <header className={styles.title}>
        <span className={styles.weight}>{say(`doctor.weight.${found.weight}`)}</span>
        <h2>{told.title}</h2>
      </header>
      <dl className={styles.facts}>
        {told.alive && (
          <>
            <dt>{say('doctor.alive')}</dt>
            <dd className={found.alive ? styles.living : undefined}>{told.alive}</dd>
          </>
        )}
        <dt>{say('doctor.why')}</dt>
        <dd>
          <ul>
            {told.why.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </dd>
        {things.length > 0 && (
          <>
            <dt>{say('doctor.what')}</dt>
            <dd className={styles.things}>{things.join('\n')}</dd>
          </>
        )}
        <dt>{say(told.button ? 'doctor.will' : 'doctor.nothing')}</dt>
        <dd className={styles.do}>
          <p>{told.will}</p>
          {told.button && (
            <Button kind={found.typed ? 'danger' : 'plain'} busy={task !== undefined && task.outcome === null} onPress={press}>
              {told.button}
            </Button>
          )}
        </dd>
      </dl>
      {wrong && <ProblemView problem={wrong} />}
      {asking && <Confirm found={found} will={told.will} button={told.button ?? ''} mend={mend} onClose={() => setAsking(false)} />}
    </li>
  );
}

/** Memory of a guest is given up: its name is typed first. */
function Confirm({
  found,
  will,
  button,
  mend,
  onClose,
}: {
  found: Finding;
  will: string;
  button: string;
  mend: (typedName: string) => Promise<void>;
  onClose: () => void;
}) {
  const { say } = useWords();
  const name = found.guest?.name ?? '';
  return (
    <TypedNameDialog title={say('doctor.confirm', { name })} name={name} does={button} send={mend} onClose={onClose}>
      <p>{will}</p>
    </TypedNameDialog>
  );
}
