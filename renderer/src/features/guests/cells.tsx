import { memo } from 'react';
import type { GuestKey } from '../../../../electron/contract/guest.ts';
import type { TimedFigures } from '../../state/figures.ts';
import { useGuest, useHost, useTask } from '../../state/program.ts';
import { Lamp } from '../../ui/Lamp.tsx';
import { useWords, type Words } from '../../words/speak.tsx';
import { FigureText } from '../inspector/FigureNow.tsx';
import { CpuSpark } from '../rack/Block.tsx';
import type { ColumnId } from './columns.ts';
import styles from './GuestsView.module.css';

const cpu = ({ format }: Words, one: TimedFigures) => format.percent(one.cpuPercent);
const net = ({ format }: Words, one: TimedFigures) => format.rate(one.netRxBytesPerS + one.netTxBytesPerS);
const disk = ({ format }: Words, one: TimedFigures) => format.rate(one.diskReadBytesPerS + one.diskWriteBytesPerS);

/** One cell of the guests table, listening for itself. */
export const GuestCell = memo(function GuestCell({ guestKey, column }: { guestKey: GuestKey; column: ColumnId }) {
  const guest = useGuest(guestKey);
  const { format, say } = useWords();
  if (!guest) return null;
  const running = guest.domid !== null;
  switch (column) {
    case 'name':
      return <span className={styles.name}>{guest.name}</span>;
    case 'state':
      return <StateCell guestKey={guestKey} />;
    case 'host':
      return <HostName hostId={guest.hostId} />;
    case 'type':
      return guest.type ? say(`type.${guest.type}`) : null;
    case 'vcpus':
      return format.number(guest.vcpus);
    case 'memory':
      return format.memory(guest.memoryMiB);
    case 'cpu':
      return running ? (
        <span className={styles.cpu}>
          <CpuSpark figuresKey={guestKey} width={60} height={16} />
          <FigureText figuresKey={guestKey} text={cpu} />
        </span>
      ) : null;
    case 'net':
      return running ? <FigureText figuresKey={guestKey} text={net} /> : null;
    case 'disk':
      return running ? <FigureText figuresKey={guestKey} text={disk} /> : null;
  }
});

function StateCell({ guestKey }: { guestKey: GuestKey }) {
  const guest = useGuest(guestKey);
  const task = useTask(guest?.doing?.taskId ?? null);
  const { say } = useWords();
  if (!guest) return null;
  return (
    <span className={styles.state}>
      <Lamp shape={guest.leftover ? 'alarm' : guest.state} />
      <span>{task ? say(`phase.${task.phase}`) : say(`state.${guest.leftover ?? guest.state}`)}</span>
    </span>
  );
}

function HostName({ hostId }: { hostId: string }) {
  return useHost(hostId)?.label ?? null;
}
