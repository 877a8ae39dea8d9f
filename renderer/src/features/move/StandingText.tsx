import { Icon } from '../../ui/Icon.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './StandingText.module.css';
import type { Standing } from './standing.ts';

/** Whether a move may be made, and why not: in one line of a list. */
export function StandingText({ standing }: { standing: Standing }) {
  const { say, format } = useWords();
  const tell = useTellShort();
  if (standing.is === 'asking') return <span className={styles.quiet}>{`${say('move.checking')}…`}</span>;
  if (standing.is === 'refused') {
    return (
      <span className={`${styles.line} ${styles.refused}`}>
        <Icon name="bad" size={14} />
        <span>{standing.because ? tell(standing.because) : say('check.bad')}</span>
      </span>
    );
  }
  const [warning] = standing.warnings;
  const { expectedSeconds } = standing;
  return (
    <span className={styles.line}>
      <Icon name={warning ? 'warn' : 'check'} size={14} />
      <span>{warning ? tell(warning) : say(standing.checked ? 'plan.checked' : 'drag.fits')}</span>
      {expectedSeconds !== null && (
        <span className={styles.quiet}>{say('plan.expected', { duration: format.duration(expectedSeconds * 1000) })}</span>
      )}
    </span>
  );
}
