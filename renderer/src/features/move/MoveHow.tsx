import type { MoveWay } from '../../../../electron/contract/diskTravel.ts';
import { Choice } from '../../ui/Field.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { useWords, type Words } from '../../words/speak.tsx';
import type { Checked } from './MoveSheet.tsx';

/** Live, or as it is where it is halted; or with a stop. */
export type How = 'straight' | 'stopped';

/** What the hosts said of one way; null: nothing yet, or there is no such way. */
export function wayOf(checked: Checked | undefined, how: How): MoveWay | null {
  if (checked?.is !== 'found') return null;
  return how === 'stopped' ? checked.check.stopped : checked.check;
}

const badOf = (way: MoveWay | null) => way?.checks.find((one) => one.verdict === 'bad') ?? null;

/** The way that will be gone: what was chosen, else live where that can be, else with a stop where that can be. */
export function howOf(checks: Iterable<Checked>, wanted: How | null): How {
  const all = [...checks];
  const offered = all.length > 0 && all.every((one) => wayOf(one, 'stopped') !== null);
  if (!offered) return 'straight';
  if (wanted) return wanted;
  const canStay = all.every((one) => badOf(wayOf(one, 'straight')) === null);
  return !canStay && all.every((one) => badOf(wayOf(one, 'stopped')) === null) ? 'stopped' : 'straight';
}

/** Both ways of one that runs, each with what it costs, or why it can't be gone. */
export function MoveHow({ checked, how, onChoose }: { checked: Checked | undefined; how: How; onChoose: (how: How) => void }) {
  const words = useWords();
  const { say } = words;
  const tell = useTellShort();
  const stopped = wayOf(checked, 'stopped');
  if (!stopped) return null;
  const refusalOf = (way: MoveWay | null) => {
    const bad = badOf(way);
    return bad && (bad.problem ? tell(bad.problem) : say('check.bad'));
  };
  return (
    <Choice
      label={say('move.how')}
      kind="cards"
      value={how}
      onChange={onChoose}
      options={[
        { value: 'straight', label: say('move.howLive'), text: say('move.live'), refusal: refusalOf(wayOf(checked, 'straight')) },
        { value: 'stopped', label: say('move.howStopped'), text: costOf(stopped, words), refusal: refusalOf(stopped) },
      ]}
    />
  );
}

function costOf(way: MoveWay, { say, format }: Words): string {
  const copied = way.disks.flatMap((one) => (one.travels === 'copied' ? [one] : []));
  const sizeOf = (those: typeof copied) => format.memory(those.reduce((sum, one) => sum + one.sizeMiB, 0));
  const olds = copied.filter((one) => one.old);
  const parts = [
    say('move.stopped'),
    olds.length > 0
      ? say('move.kindOld', { size: sizeOf(copied), old: sizeOf(olds) })
      : copied.length > 0
        ? say('move.stoppedBytes', { size: sizeOf(copied) })
        : null,
    way.expectedPauseMs === null
      ? say('move.stoppedForUnknown')
      : say('move.stoppedFor', { duration: format.duration(way.expectedPauseMs) }),
  ];
  // Japanese sets no space between sentences
  return parts
    .filter((one) => one !== null)
    .join(' ')
    .replaceAll('。 ', '。');
}
