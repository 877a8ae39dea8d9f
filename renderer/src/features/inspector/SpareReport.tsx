import type { HostId } from '../../../../electron/contract/host.ts';
import { useSpare } from '../../state/program.ts';
import { Lamp } from '../../ui/Lamp.tsx';
import { useWords } from '../../words/speak.tsx';
import { spareShape, tellLeftOut, tellSpare } from '../spare/tellSpare.ts';
import styles from './Inspector.module.css';

/** So many are named; a host of a hundred guests would fill the inspector. */
const NAMED = 12;

/** In a host's report: whether its guests would fit elsewhere, and who would not, and why. */
export function SpareReport({ hostId }: { hostId: HostId }) {
  const words = useWords();
  const { say } = words;
  const spare = useSpare(hostId);
  if (!spare) return null;
  const left = spare.is === 'short' ? spare.left : [];
  return (
    <section className={styles.section} aria-label={say('spare.title')}>
      <h3>{say('spare.title')}</h3>
      <p className={styles.spare}>
        <Lamp shape={spareShape(spare)} />
        <span>{tellSpare(spare, words)}</span>
      </p>
      {left.length > 0 && (
        <ul className={styles.leftOut}>
          {left.slice(0, NAMED).map((one) => (
            <li key={one.key}>{tellLeftOut(one, words)}</li>
          ))}
          {left.length > NAMED && <li>{say('spare.more', { more: left.length - NAMED })}</li>}
        </ul>
      )}
      {(spare.is === 'fits' || spare.is === 'short') && <p className={styles.note}>{say('spare.counted')}</p>}
    </section>
  );
}
