import type { Figures, Guest, HostSample } from '../../contract/guest.ts';
import type { Clock } from '../world.ts';
import { readTopLine, type TopLine } from '../xen/xentop.ts';

/** History kept for charts. */
const KEPT_MS = 10 * 60_000;
/** A sample is whole when xentop was silent for that long, or begins the next. */
const QUIET_MS = 150;

interface Sample {
  at: number;
  lines: TopLine[];
}

/** Makes samples of a host's xentop lines: rates since the sample before, the last ten minutes kept. */
export function figuresOf(
  clock: Clock,
  told: {
    sample: (lines: readonly TopLine[], rated: RatedSample | null) => void;
    unreadable: (line: string) => void;
  },
) {
  let current: Sample | null = null;
  let before: Sample | null = null;
  let rateless = true;
  let undoQuiet = () => {};
  const finish = () => {
    undoQuiet();
    if (!current) return;
    const done = current;
    current = null;
    const rated = before && !rateless ? rate(before, done) : null;
    rateless = false;
    before = done;
    told.sample(done.lines, rated);
  };
  return {
    /** xentop begins anew: its first sample has CPU 0.0. */
    anew() {
      finish();
      rateless = true;
    },
    begin() {
      finish();
      current = { at: clock.now(), lines: [] };
      undoQuiet = clock.after(QUIET_MS, finish);
    },
    line(text: string) {
      if (!current) return;
      const line = readTopLine(text);
      if (line) current.lines.push(line);
      else told.unreadable(text);
      undoQuiet();
      undoQuiet = clock.after(QUIET_MS, finish);
    },
    stop() {
      undoQuiet();
      current = null;
    },
  };
}

/** A sample with rates, by name. */
export interface RatedSample {
  at: number;
  byName: Map<string, Omit<Figures, 'domid'>>;
}

function rate(before: Sample, now: Sample): RatedSample {
  const seconds = Math.max(0.2, (now.at - before.at) / 1000);
  const earlier = new Map(before.lines.map((line) => [line.name, line]));
  const byName = new Map<string, Omit<Figures, 'domid'>>();
  for (const line of now.lines) {
    const was = earlier.get(line.name);
    // counters begin anew with the domain: less than before is no rate
    const perS = (count: (one: TopLine) => number, bytes: number) =>
      was ? Math.max(0, Math.round(((count(line) - count(was)) * bytes) / seconds)) : 0;
    byName.set(line.name, {
      name: line.name,
      cpuPercent: line.cpuPercent,
      memoryMiB: line.memoryMiB,
      netTxBytesPerS: perS((one) => one.netTxKB, 1024),
      netRxBytesPerS: perS((one) => one.netRxKB, 1024),
      diskReadBytesPerS: perS((one) => one.readSectors, 512),
      diskWriteBytesPerS: perS((one) => one.writtenSectors, 512),
    });
  }
  return { at: now.at, byName };
}

/** A sample as it goes out: figures of the guests we know, by name, and of dom0. */
export function hostSample(hostId: string, rated: RatedSample, guests: readonly Guest[]): HostSample {
  const dom0 = rated.byName.get('Domain-0');
  return {
    hostId,
    at: rated.at,
    dom0: dom0 ? { domid: 0, ...dom0 } : null,
    guests: guests.flatMap((guest) => {
      const figures = guest.domid === null ? undefined : rated.byName.get(guest.name);
      return figures && guest.domid !== null ? [{ key: guest.key, domid: guest.domid, ...figures }] : [];
    }),
  };
}

/** The last ten minutes of samples, oldest first. */
export function sampleHistory() {
  const samples: HostSample[] = [];
  return {
    add(sample: HostSample) {
      samples.push(sample);
      while (samples[0] && samples[0].at < sample.at - KEPT_MS) samples.shift();
    },
    all: (): HostSample[] => [...samples],
  };
}
