import 'uplot/dist/uPlot.min.css';
import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import type { Series, TimedFigures } from '../../state/figures.ts';
import { useProgram } from '../../state/program.ts';
import { useWords } from '../../words/speak.tsx';
import styles from './FiguresChart.module.css';

interface Line {
  label: string;
  of: Series;
}

interface Props {
  title: string;
  figuresKey: string;
  lines: readonly Line[];
  text: (value: number) => string;
}

const HEIGHT = 92;

/** Steps of amounts counted in 1024s, so that a scale reads 512 KiB and not 488 KiB. */
const BINARY_STEPS = Array.from({ length: 50 }, (_, at) => 2 ** at);
/** Whole minutes: the labels of the time axis have no seconds. */
const MINUTE_STEPS = [60, 120, 300, 600, 1200, 1800, 3600];

/** A short chart of figures over the last minutes, with its summary in words. */
export function FiguresChart({ title, figuresKey, lines, text }: Props) {
  const { figures } = useProgram().mirror;
  const { say } = useWords();
  const place = useRef<HTMLDivElement>(null);
  const [summary, setSummary] = useState('');
  const shape = lines.map((one) => one.of).join(' ');
  const theme = useTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `lines` is made anew by every render; `shape` says whether it differs
  const drawn = useMemo(() => lines, [shape]);
  useEffect(() => {
    const element = place.current;
    // A test's page has no canvas to draw on; the summary is there all the same.
    if (!element) return;
    const chart = canDraw() ? new uPlot(options(element, drawn, text, theme), data(figures.of(figuresKey), drawn), element) : null;
    const draw = () => {
      const all = figures.of(figuresKey);
      chart?.setData(data(all, drawn));
      setSummary(summarise(all, drawn, text, say));
    };
    draw();
    const undo = figures.watch(figuresKey, draw);
    const observer =
      typeof ResizeObserver === 'undefined'
        ? null
        : new ResizeObserver(() => chart?.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer?.observe(element);
    return () => {
      undo();
      observer?.disconnect();
      chart?.destroy();
    };
  }, [figures, figuresKey, drawn, text, say, theme]);
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.caption}>
        <span>{title}</span>
        <span className={styles.summary}>{summary}</span>
      </figcaption>
      <div ref={place} className={styles.place} aria-hidden="true" />
    </figure>
  );
}

const canDraw = () => typeof Path2D !== 'undefined';

function data(all: readonly TimedFigures[], lines: readonly Line[]): uPlot.AlignedData {
  return [all.map((one) => one.at / 1000), ...lines.map((line) => all.map((one) => one[line.of]))];
}

function summarise(
  all: readonly TimedFigures[],
  lines: readonly Line[],
  text: (value: number) => string,
  say: ReturnType<typeof useWords>['say'],
): string {
  const last = all.at(-1);
  const [first] = all;
  if (!last || !first) return say('chart.none');
  const minutes = Math.max(1, Math.round((last.at - first.at) / 60_000));
  return lines
    .map((line) => {
      const most = all.reduce((so, one) => Math.max(so, one[line.of]), 0);
      const told = say('chart.summary', { now: text(last[line.of]), most: text(most), minutes });
      return lines.length > 1 ? `${line.label}: ${told}` : told;
    })
    .join(' / ');
}

function options(element: HTMLElement, lines: readonly Line[], text: (value: number) => string, _theme: string): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => colourOf(element, style.getPropertyValue(name));
  const hair = colour('--hair');
  const ink = colour('--ink-3');
  const font = `11px ${style.fontFamily}`;
  const axis = { stroke: ink, font, grid: { stroke: hair, width: 1 }, ticks: { show: false } };
  return {
    width: element.clientWidth || 320,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_chart, _low, high) => [0, Math.max(high * 1.1, 1)] } },
    axes: [
      { ...axis, size: 20, incrs: MINUTE_STEPS, values: (_chart, at) => at.map((one) => new Date(one * 1000).toTimeString().slice(0, 5)) },
      {
        ...axis,
        size: 66,
        space: 24,
        values: (_chart, at) => at.map(text),
        ...(lines.every((line) => line.of === 'cpuPercent') ? {} : { incrs: BINARY_STEPS }),
      },
    ],
    series: [
      {},
      ...lines.map((line, at) => ({
        label: line.label,
        stroke: colour(at === 0 ? '--accent' : '--ink-2'),
        width: 1.2,
        points: { show: false },
        ...(at === 0 ? {} : { dash: [4, 3] }),
      })),
    ],
  };
}

/** What a token comes to here: a canvas knows no light-dark(). */
function colourOf(element: HTMLElement, token: string): string {
  const probe = document.createElement('span');
  probe.style.color = token;
  element.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

/** Changes whenever colours do, so that canvases are drawn anew. */
function useTheme(): string {
  const [theme, setTheme] = useState(0);
  useEffect(() => {
    if (typeof matchMedia === 'undefined') return;
    const again = () => setTheme((was) => was + 1);
    const queries = ['(prefers-color-scheme: dark)', '(forced-colors: active)'].map((one) => matchMedia(one));
    for (const one of queries) one.addEventListener('change', again);
    const observer = new MutationObserver(again);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => {
      for (const one of queries) one.removeEventListener('change', again);
      observer.disconnect();
    };
  }, []);
  return String(theme);
}
