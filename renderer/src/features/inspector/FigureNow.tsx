import { type ReactNode, useCallback, useEffect, useRef } from 'react';
import type { TimedFigures } from '../../state/figures.ts';
import { useProgram } from '../../state/program.ts';
import { Spark } from '../../ui/Spark.tsx';
import { useWords, type Words } from '../../words/speak.tsx';
import styles from './FigureNow.module.css';

type Pick = (one: TimedFigures) => number;

/** The figures of a guest now, each with its trace. They tick without a render. */
export function FigureNow({ guestKey, memoryMiB }: { guestKey: string; memoryMiB: number }) {
  const { say, format } = useWords();
  return (
    <div className={styles.figures}>
      <Line name={say('guests.cpu')} figuresKey={guestKey} pick={cpu} full={100} text={cpuText} />
      <Line name={say('guests.net')} figuresKey={guestKey} pick={net} full={100_000} text={rateText} />
      <Line name={say('guests.disk')} figuresKey={guestKey} pick={disk} full={100_000} text={rateDiskText} />
      <span className={styles.name}>{say('guests.memory')}</span>
      <span className={styles.value}>{format.memory(memoryMiB)}</span>
      <span />
    </div>
  );
}

const cpu: Pick = (one) => one.cpuPercent;
const net: Pick = (one) => one.netRxBytesPerS + one.netTxBytesPerS;
const disk: Pick = (one) => one.diskReadBytesPerS + one.diskWriteBytesPerS;
const cpuText = ({ format }: Words, one: TimedFigures) => format.percent(one.cpuPercent);
const rateText = ({ format }: Words, one: TimedFigures) => format.rate(net(one));
const rateDiskText = ({ format }: Words, one: TimedFigures) => format.rate(disk(one));

interface LineProps {
  name: ReactNode;
  figuresKey: string;
  pick: Pick;
  full: number;
  text: (words: Words, one: TimedFigures) => string;
}

function Line({ name, figuresKey, pick, full, text }: LineProps) {
  const { figures } = useProgram().mirror;
  const values = useCallback(() => figures.of(figuresKey).map(pick), [figures, figuresKey, pick]);
  const watch = useCallback((changed: () => void) => figures.watch(figuresKey, changed), [figures, figuresKey]);
  return (
    <>
      <span className={styles.name}>{name}</span>
      <span className={styles.value}>
        <FigureText figuresKey={figuresKey} text={text} />
      </span>
      <span className={styles.trace}>
        <Spark values={values} watch={watch} full={full} width={150} height={22} />
      </span>
    </>
  );
}

/** One figure as text, written straight into the page at each tick. */
export function FigureText({ figuresKey, text }: { figuresKey: string; text: (words: Words, one: TimedFigures) => string }) {
  const place = useRef<HTMLSpanElement>(null);
  const { figures } = useProgram().mirror;
  const words = useWords();
  useEffect(() => {
    const write = () => {
      const now = figures.latest(figuresKey);
      if (place.current) place.current.textContent = now ? text(words, now) : '–';
    };
    write();
    return figures.watch(figuresKey, write);
  }, [figures, figuresKey, text, words]);
  return <span ref={place} />;
}
