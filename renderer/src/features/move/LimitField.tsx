import { Choice, TextInput } from '../../ui/Field.tsx';
import { useWords } from '../../words/speak.tsx';
import { type Limit, limitFault, limitOf } from './limit.ts';
import styles from './MoveSheet.module.css';

const MIB = 1024 * 1024;

interface Props {
  limit: Limit;
  /** Of the line, where it is known. */
  bytesPerS: number | null;
  onChange: (limit: Limit) => void;
}

/** How much of the line copied disks may take: as MiB/s or, where the line's speed is known, by what is left for the office. */
export function LimitField({ limit, bytesPerS, onChange }: Props) {
  const { say } = useWords();
  const fault = limitFault(limit, bytesPerS);
  const error = fault && say(fault);
  return (
    <div className={styles.ping}>
      {(bytesPerS !== null || limit.by === 'share') && (
        <Choice
          label={say('move.limitBy')}
          value={limit.by}
          onChange={(by) => onChange({ ...limit, by })}
          options={[
            { value: 'rate', label: say('move.limitRate') },
            { value: 'share', label: say('move.limitShare') },
          ]}
        />
      )}
      {limit.by === 'rate' ? (
        <TextInput
          label={say('move.limit')}
          hint={say('move.limitHint')}
          error={error}
          value={limit.rate}
          onChange={(rate) => onChange({ ...limit, rate })}
        />
      ) : (
        <ShareInput limit={limit} bytesPerS={bytesPerS} error={error} onChange={onChange} />
      )}
    </div>
  );
}

/** With what it comes to. */
function ShareInput({ limit, bytesPerS, error, onChange }: Props & { error: string | null }) {
  const { say, format } = useWords();
  const most = limitOf(limit, bytesPerS);
  const line = bytesPerS === null ? null : format.rate(bytesPerS);
  const comesTo = line !== null && typeof most === 'number' ? say('move.shareText', { line, most: format.rate(most * MIB) }) : null;
  return (
    <TextInput
      label={say('move.share')}
      hint={line === null ? say('move.shareUnknown') : (comesTo ?? say('move.shareHint', { line }))}
      error={error}
      value={limit.share}
      onChange={(share) => onChange({ ...limit, share })}
    />
  );
}
