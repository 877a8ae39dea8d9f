import type { Problem } from '../../../electron/contract/problem.ts';
import { tellProblem } from '../words/problems/tell.ts';
import { useWords } from '../words/speak.tsx';
import { Icon } from './Icon.tsx';
import styles from './ProblemView.module.css';

interface Props {
  problem: Problem;
  /** Warnings are not in vermilion, and say nothing of changes. */
  mild?: boolean;
  /** Not announced by itself (in lists). */
  still?: boolean;
}

/** What happened, whether anything changed, what to do next; raw output under Details. */
export function ProblemView({ problem, mild, still }: Props) {
  const words = useWords();
  const told = tellProblem(problem, words);
  return (
    <div className={`${styles.problem} ${mild ? styles.mild : ''}`} role={still || mild ? 'group' : 'alert'}>
      <Icon name={mild ? 'info' : 'warn'} />
      <div>
        <p className={styles.what}>{told.what}</p>
        <p className={styles.next}>
          {!mild && <span>{told.changed} </span>}
          {told.next}
        </p>
        {problem.detail && (
          <details className={styles.details}>
            <summary>{words.say('common.details')}</summary>
            <pre>{problem.detail}</pre>
          </details>
        )}
      </div>
    </div>
  );
}

/** A problem in one sentence: for tips, menus and places beside a field. */
export function useTellShort(): (problem: Problem) => string {
  const words = useWords();
  return (problem) => {
    const told = tellProblem(problem, words);
    return words.language === 'ja' ? `${told.what}${told.next}` : `${told.what} ${told.next}`;
  };
}
