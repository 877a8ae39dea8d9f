import type { Problem } from '../../../../electron/contract/problem.ts';
import { Choice, TextInput } from '../../ui/Field.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './MoveSheet.module.css';
import { nightAfter, timeOf } from './when.ts';

/** Now, or at a time that both hosts wait for by themselves. `at` null: now; else what stands in the field. */
export function WhenField({
  at,
  refused,
  onChange,
}: {
  at: string | null;
  refused: Problem | null;
  onChange: (at: string | null) => void;
}) {
  const { say } = useWords();
  const tell = useTellShort();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <div className={styles.ping}>
      <Choice
        label={say('move.when')}
        value={at === null ? 'now' : 'later'}
        options={[
          { value: 'now', label: say('move.now') },
          {
            value: 'later',
            label: say('move.later'),
            text: say('move.laterText'),
            refusal: refused ? tell(refused) : null,
          },
        ]}
        onChange={(chosen) => onChange(chosen === 'now' ? null : nightAfter(Date.now()))}
      />
      {at !== null && (
        <>
          <TextInput
            label={say('move.at')}
            hint={say('move.atHint', { zone })}
            error={timeOf(at, Date.now()) === null ? say('move.atBad') : null}
            value={at}
            onChange={onChange}
            dateTime
          />
          <p>{say('move.laterCopies')}</p>
        </>
      )}
    </div>
  );
}
