import { useEffect } from 'react';
import type { Guest } from '../../../../electron/contract/guest.ts';
import { useProgram } from '../../state/program.ts';
import { useWords } from '../../words/speak.tsx';
import { HistoryList } from '../history/HistoryList.tsx';
import { FiguresChart } from './FiguresChart.tsx';
import styles from './Inspector.module.css';

/** The last minutes of figures as charts, and what was done to this guest. */
export function HistoryTab({ guest }: { guest: Guest }) {
  const { say } = useWords();
  useFilled(guest.hostId);
  return (
    <>
      <FiguresCharts figuresKey={guest.key} />
      <section className={styles.section}>
        <h3>{say('frame.history')}</h3>
        <HistoryList guestId={guest.guestId} />
      </section>
    </>
  );
}

/** Charts of one guest or dom0. */
export function FiguresCharts({ figuresKey }: { figuresKey: string }) {
  const { say, format } = useWords();
  return (
    <>
      <FiguresChart
        title={say('chart.cpu')}
        figuresKey={figuresKey}
        lines={[{ label: say('guests.cpu'), of: 'cpuPercent' }]}
        text={format.percent}
      />
      <FiguresChart
        title={say('chart.memory')}
        figuresKey={figuresKey}
        lines={[{ label: say('guests.memory'), of: 'memoryMiB' }]}
        text={format.memory}
      />
      <FiguresChart
        title={say('chart.net')}
        figuresKey={figuresKey}
        lines={[
          { label: say('chart.rx'), of: 'netRxBytesPerS' },
          { label: say('chart.tx'), of: 'netTxBytesPerS' },
        ]}
        text={format.rate}
      />
      <FiguresChart
        title={say('chart.disk')}
        figuresKey={figuresKey}
        lines={[
          { label: say('chart.read'), of: 'diskReadBytesPerS' },
          { label: say('chart.write'), of: 'diskWriteBytesPerS' },
        ]}
        text={format.rate}
      />
    </>
  );
}

/** Fills the charts with what the engine kept from before this page. */
export function useFilled(hostId: string): void {
  const { session, mirror } = useProgram();
  useEffect(() => {
    // Without the past, the charts begin now.
    session.call('figures.history', { hostId }).then(mirror.figures.fill, () => {});
  }, [session, mirror, hostId]);
}
