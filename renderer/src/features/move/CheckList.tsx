import type { Check } from '../../../../electron/contract/creation.ts';
import { Icon } from '../../ui/Icon.tsx';
import { tellProblem } from '../../words/problems/tell.ts';
import { useWords } from '../../words/speak.tsx';
import styles from './CheckList.module.css';

const icons = { good: 'check', warning: 'warn', bad: 'bad' } as const;

/** Ticks of a check before anything is changed; what isn't good says why. */
export function CheckList({ checks }: { checks: readonly Check[] }) {
  const words = useWords();
  const { say } = words;
  return (
    <ul className={styles.list}>
      {checks.map((one, at) => {
        const told = one.problem && tellProblem(one.problem, words);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same subject can be checked twice, and the list is replaced as a whole
          <li key={`${one.what} ${at}`} className={styles[one.verdict]}>
            <Icon name={icons[one.verdict]} />
            <span>
              {say(`check.${one.what}`)}
              <span className={styles.unseen}>{` (${say(`check.${one.verdict}`)})`}</span>
              {told && (
                <span className={styles.why}>
                  {told.what} {told.next}
                </span>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
