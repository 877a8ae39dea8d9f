import { Button as AriaButton } from 'react-aria-components';
import { Icon } from '../../ui/Icon.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './CreateGuest.module.css';
import { type StepName, steps } from './steps.ts';

/** The steps at the left: where one is, and a way back to each that is behind. */
export function StepList({ step, go, reached }: { step: StepName; go: (to: StepName) => void; reached: (step: StepName) => boolean }) {
  const { say } = useWords();
  const now = steps.indexOf(step);
  return (
    <nav className={styles.steps} aria-label={say('create.steps')}>
      <ol>
        {steps.map((one, at) => {
          const open = at !== now && step !== 'making' && one !== 'making' && reached(one);
          return (
            <li
              key={one}
              className={at === now ? styles.now : at < now ? styles.past : styles.coming}
              aria-current={at === now ? 'step' : undefined}
            >
              <span className={styles.mark}>{at < now ? <Icon name="check" size={12} /> : at + 1}</span>
              {open ? (
                <AriaButton className={styles.stepButton ?? ''} onPress={() => go(one)}>
                  {say(`create.step.${one}`)}
                </AriaButton>
              ) : (
                <span>{say(`create.step.${one}`)}</span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
