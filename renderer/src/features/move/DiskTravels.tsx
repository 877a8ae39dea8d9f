import type { DiskTravel } from '../../../../electron/contract/diskTravel.ts';
import { useWords } from '../../words/speak.tsx';
import styles from './DiskTravels.module.css';

const how = { traced: 'move.diskTraced', compared: 'move.diskCompared', still: 'move.diskStill' } as const;

/** How each disk of a guest gets there: shared, or copied, and what that means for the pause. */
export function DiskTravels({ disks }: { disks: readonly DiskTravel[] }) {
  const { say, format } = useWords();
  const copied = disks.flatMap((one) => (one.travels === 'copied' ? [one] : []));
  const sizeOf = (those: typeof copied) => format.memory(those.reduce((sum, one) => sum + one.sizeMiB, 0));
  const olds = copied.filter((one) => one.old);
  if (copied.length === 0) return disks.length > 0 ? <p>{say('move.disks')}</p> : null;
  return (
    <>
      <p>{say(copied.some((one) => one.how === 'still') ? 'move.kindStopped' : 'move.kindCopied', { size: sizeOf(copied) })}</p>
      {olds.length > 0 && <p>{say('move.kindOld', { size: sizeOf(copied), old: sizeOf(olds) })}</p>}
      <ul className={styles.list}>
        {disks.map((one) => (
          <li key={one.vdev}>
            <strong className={styles.vdev}>{one.vdev}</strong>
            <span>
              <code>{one.path}</code>
              <span className={styles.how}>
                {one.travels === 'shared'
                  ? say('move.diskShared')
                  : `${say(one.old ? 'move.diskOld' : 'move.diskCopied', { size: format.memory(one.sizeMiB), to: one.to })} · ${say(how[one.how])}`}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
