import { type MoveWay, type WayToGo, waysToGo } from '../../../../electron/contract/diskTravel.ts';
import { wayOf } from '../../../../electron/contract/planning.ts';
import { Choice } from '../../ui/Field.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { useWords, type Words } from '../../words/speak.tsx';
import type { Checked } from './MoveSheet.tsx';

/** What the hosts said of one way; null: nothing yet, or there is no such way. */
export function wayIn(checked: Checked | undefined, how: WayToGo): MoveWay | null {
  return checked?.is === 'found' ? wayOf(checked.check, how) : null;
}

const badOf = (way: MoveWay | null) => way?.checks.find((one) => one.verdict === 'bad') ?? null;

/** What each way is called. */
export const howWord = { straight: 'move.howLive', stopped: 'move.howStopped', saved: 'move.howSaved' } as const;

/** The way that will be gone: what was chosen, else the first that can be: live, saved (what runs in it goes on), with a stop. */
export function howOf(checks: Iterable<Checked>, wanted: WayToGo | null): WayToGo {
  const all = [...checks];
  const offered = (how: WayToGo) => all.length > 0 && all.every((one) => wayIn(one, how) !== null);
  if (wanted) return offered(wanted) ? wanted : 'straight';
  const can = (how: WayToGo) => offered(how) && all.every((one) => badOf(wayIn(one, how)) === null);
  return waysToGo.find(can) ?? 'straight';
}

/** All ways of one that runs, each with what it costs, or why it can't be gone. */
export function MoveHow({
  checked,
  how,
  memoryMiB,
  onChoose,
}: {
  checked: Checked | undefined;
  how: WayToGo;
  memoryMiB: number;
  onChoose: (how: WayToGo) => void;
}) {
  const words = useWords();
  const { say } = words;
  const tell = useTellShort();
  const stopped = wayIn(checked, 'stopped');
  const saved = wayIn(checked, 'saved');
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
        { value: 'straight', label: say(howWord.straight), text: say('move.live'), refusal: refusalOf(wayIn(checked, 'straight')) },
        { value: 'stopped', label: say(howWord.stopped), text: costOf(stopped, words), refusal: refusalOf(stopped) },
        ...(saved
          ? [{ value: 'saved' as const, label: say(howWord.saved), text: costOf(saved, words, memoryMiB), refusal: refusalOf(saved) }]
          : []),
      ]}
    />
  );
}

/** `savedMiB`: its memory goes as well. */
function costOf(way: MoveWay, { say, format }: Words, savedMiB = 0): string {
  const copied = way.disks.flatMap((one) => (one.travels === 'copied' ? [one] : []));
  const sizeOf = (those: typeof copied, more = 0) => format.memory(those.reduce((sum, one) => sum + one.sizeMiB, more));
  const olds = copied.filter((one) => one.old);
  const parts = [
    say(savedMiB > 0 ? 'move.saved' : 'move.stopped'),
    olds.length > 0
      ? say('move.kindOld', { size: sizeOf(copied, savedMiB), old: sizeOf(olds) })
      : copied.length > 0 || savedMiB > 0
        ? say('move.stoppedBytes', { size: sizeOf(copied, savedMiB) })
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
