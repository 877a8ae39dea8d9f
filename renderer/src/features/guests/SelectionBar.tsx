import type { GuestKey } from '../../../../electron/contract/guest.ts';
import { standings } from '../../actions/entries.ts';
import { useProgram } from '../../state/program.ts';
import { Button } from '../../ui/Button.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './GuestsView.module.css';
import { useSubjects } from './useSubjects.ts';

/** What can be done to the selected guests, and to how many of them. */
export function SelectionBar({ keys, onClear }: { keys: readonly GuestKey[]; onClear: () => void }) {
  const program = useProgram();
  const { say } = useWords();
  const tell = useTellShort();
  const subjects = useSubjects(keys);
  return (
    <div className={styles.bar} role="toolbar" aria-label={say('guests.selected', { count: keys.length })}>
      <span className={styles.count}>{say('guests.selected', { count: keys.length })}</span>
      {standings(subjects).map(({ action, may, because }) => {
        const label = say(action.label);
        const some = may.length > 0 && may.length < subjects.length;
        return (
          <Button
            key={action.id}
            size="small"
            icon={action.icon}
            kind={action.danger ? 'danger' : 'plain'}
            refusal={because ? tell(because) : null}
            onPress={() => action.run(program, may)}
          >
            {some ? say('guest.someOf', { label, may: may.length, all: subjects.length }) : label}
          </Button>
        );
      })}
      <Button size="small" kind="quiet" onPress={onClear}>
        {say('guests.clear')}
      </Button>
    </div>
  );
}
