import type { Check } from '../../../../electron/contract/creation.ts';
import { type Fix, fixFor } from '../../../../electron/contract/twin.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { tellProblem } from '../../words/problems/tell.ts';
import { useWords } from '../../words/speak.tsx';
import styles from './CheckList.module.css';

const icons = { good: 'check', warning: 'warn', bad: 'bad' } as const;

/** Ticks of a check before anything is changed; what isn't good says why. `fix`: where what is missing can be made from here. */
export function CheckList({ checks, fix }: { checks: readonly Check[]; fix?: { label: string; make: (what: Fix) => void } }) {
  const words = useWords();
  const { say } = words;
  return (
    <ul className={styles.list}>
      {checks.map((one, at) => {
        const told = one.problem && tellProblem(one.problem, words);
        const helps = fix && one.problem && fixFor(one.problem);
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
            {helps && (
              <Button size="small" icon="plus" onPress={() => fix.make(helps)}>
                {say('fix.offer', { label: fix.label })}
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
