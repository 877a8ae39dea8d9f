import type { MoveWay } from '../../../../electron/contract/diskTravel.ts';
import type { Host } from '../../../../electron/contract/host.ts';
import type { Fix } from '../../../../electron/contract/twin.ts';
import { Fact, Facts } from '../../ui/Facts.tsx';
import { ProblemView } from '../../ui/ProblemView.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { useWords } from '../../words/speak.tsx';
import { CheckList } from './CheckList.tsx';
import { DiskTravels } from './DiskTravels.tsx';
import styles from './MoveSheet.module.css';
import type { Checked } from './MoveSheet.tsx';

/** What both hosts said about one guest: ticks, way, expected time. */
export function MoveChecks({
  name,
  checked,
  way,
  target,
  onFix,
}: {
  name: string | null;
  checked: Checked;
  /** The one that would be gone. */
  way: MoveWay | null;
  target: Host | undefined;
  onFix: (fix: Fix) => void;
}) {
  const { say, format } = useWords();
  return (
    <section className={styles.checks} aria-label={name ?? say('move.checks')}>
      {name && <h3>{name}</h3>}
      {checked.is === 'asking' && (
        <div role="status">
          <p className={styles.note}>{say('move.checking')}…</p>
          <Progress label={say('move.checking')} done={0} total={null} />
        </div>
      )}
      {checked.is === 'refused' && <ProblemView problem={checked.problem} />}
      {checked.is === 'found' && way && (
        <>
          <CheckList checks={way.checks} {...(target ? { fix: { label: target.label, make: onFix } } : {})} />
          {checked.check.live || way.disks.some((one) => one.travels === 'copied') ? (
            <DiskTravels disks={way.disks} />
          ) : (
            way.checks.some((one) => one.what === 'disks' && one.verdict === 'good') && <p>{say('move.disks')}</p>
          )}
          <Facts>
            {way.reachAddress && <Fact name={say('move.way')}>{say('move.wayText', { address: way.reachAddress })}</Fact>}
            <Fact name={say('move.expected')}>
              {way.expectedSeconds === null
                ? say('move.expectedNone')
                : say('move.expectedText', { duration: format.duration(way.expectedSeconds * 1000) })}
            </Fact>
            {way.expectedPauseMs !== null && (
              <Fact name={say('move.pause')}>{say('move.expectedText', { duration: format.duration(way.expectedPauseMs) })}</Fact>
            )}
            {way.expectedDiskBytesPerS !== null && (
              <Fact name={say('move.diskSpeed')}>{say('move.diskSpeedText', { rate: format.rate(way.expectedDiskBytesPerS) })}</Fact>
            )}
          </Facts>
        </>
      )}
    </section>
  );
}
