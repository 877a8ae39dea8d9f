import { useEffect, useRef, useState } from 'react';
import type { Ping, Task } from '../../../../electron/contract/task.ts';
import { useProgram } from '../../state/program.ts';
import { useWords } from '../../words/speak.tsx';
import styles from './PingStrip.module.css';
import { addPings, summaryOf } from './pings.ts';

/** One tick per reply, gaps where there was none, while a guest moves. */
export function PingStrip({ task }: { task: Task }) {
  const { session } = useProgram();
  const { say, format } = useWords();
  const [lines, setLines] = useState<ReadonlyMap<string, readonly Ping[]>>(new Map());
  const taskId = task.id;
  useEffect(() => {
    setLines(new Map());
    return session.feed('migration.pings', { taskId }, ({ from, pings }) => {
      setLines((was) => new Map(was).set(from, addPings(was.get(from) ?? [], pings)));
    });
  }, [session, taskId]);
  const address = task.migration?.pingAddress ?? '';
  return (
    <section className={styles.pings} aria-label={say('ping.title')}>
      <h3>{say('ping.title')}</h3>
      {lines.size === 0 && !address && <p className={styles.note}>{say('ping.none')}</p>}
      {[...lines].map(([from, pings]) => {
        const { replies, missing, longestGapMs } = summaryOf(pings);
        const where = from === 'desktop' ? say('ping.desktop') : from;
        if (replies === 0 && (pings.length === 0 || pings.length >= SILENT_AFTER)) {
          return (
            <p key={from} className={styles.note}>
              {say('ping.unreachable', { from: where, address })}
            </p>
          );
        }
        const gap = longestGapMs > 0 ? format.duration(longestGapMs) : say('ping.noGap');
        return (
          <div key={from}>
            <p className={styles.note}>{say('ping.from', { from: where, address })}</p>
            <Ticks pings={pings} label={say('ping.label', { replies, gaps: missing, gap })} />
            <p className={styles.note}>{say('ping.label', { replies, gaps: missing, gap })}</p>
          </div>
        );
      })}
    </section>
  );
}

/** So many echoes without one reply: it can't be reached from there. */
const SILENT_AFTER = 25;
const STEP = 3;
const STEP_MS = 200;
const HEIGHT = 34;

function Ticks({ pings, label }: { pings: readonly Ping[]; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current) draw(canvas.current, pings);
  }, [pings]);
  return <canvas ref={canvas} className={styles.ticks} role="img" aria-label={label} />;
}

/** A reply is a tick as high as it was slow; a missing one a gap with a vermilion foot. */
function draw(canvas: HTMLCanvasElement, pings: readonly Ping[]): void {
  const pen = canvas.getContext('2d');
  if (!pen) return;
  const width = canvas.clientWidth;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = HEIGHT * ratio;
  pen.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  // a fifth of a second is one step: the lines of observers that ask more seldom are as long
  const until = pings.at(-1)?.at ?? 0;
  for (const ping of pings) {
    const x = width - STEP - ((until - ping.at) / STEP_MS) * STEP;
    if (x < 0) continue;
    if (ping.rttMs === null) {
      pen.fillStyle = style.outlineColor;
      pen.fillRect(x, HEIGHT - 4, STEP, 4);
      continue;
    }
    pen.fillStyle = style.color;
    const high = Math.min(HEIGHT, 8 + Math.log2(1 + ping.rttMs) * 3);
    pen.fillRect(x, HEIGHT - high, 2, high);
  }
}
