import type { KeptPings } from '../../../../electron/contract/task.ts';
import { useWords } from '../../words/speak.tsx';
import styles from './KeptStrip.module.css';

/** One second is as long in every strip: two moves can be compared by eye. */
const PX_A_SECOND = 8;
const HEIGHT = 18;

/** The replies around the switch of a move that is over: a tick each, as high as it was slow; a foot where one is missing. */
export function KeptStrip({ pings }: { pings: KeptPings }) {
  const { say, format } = useWords();
  const { from, replies, missing, longestGapMs, echoes } = pings;
  const gap = missing > 0 ? format.duration(longestGapMs) : say('ping.noGap');
  const where = from === 'desktop' ? say('ping.desktop') : from;
  const label = `${say('history.repliesFrom', { from: where })}: ${say('ping.label', { replies, gaps: missing, gap })}`;
  const width = Math.ceil(((echoes.at(-1)?.[0] ?? 0) / 1000) * PX_A_SECOND) + 2;
  const x = (afterMs: number) => ((afterMs / 1000) * PX_A_SECOND + 0.5).toFixed(1);
  const ticks = echoes.flatMap(([after, rtt]) => (rtt === null ? [] : [`M${x(after)} ${HEIGHT}v${-high(rtt)}`]));
  const feet = echoes.flatMap(([after, rtt]) => (rtt === null ? [`M${x(after)} ${HEIGHT}v-3`] : []));
  return (
    <span className={styles.strip} title={label}>
      <svg width={width} height={HEIGHT} role="img" aria-label={label}>
        <path className={styles.replies} d={ticks.join('')} />
        <path className={styles.missing} d={feet.join('')} />
      </svg>
    </span>
  );
}

const high = (rttMs: number): number => Math.round(Math.min(HEIGHT, 5 + Math.log2(1 + rttMs) * 1.8));
