import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { Guest } from '../../../../electron/contract/guest.ts';
import { isMoveOf } from '../../../../electron/contract/guestIdentity.ts';
import { problem } from '../../../../electron/contract/problem.ts';
import { useHost, useProgram } from '../../state/program.ts';
import { Fact, Facts } from '../../ui/Facts.tsx';
import { ProblemView } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import { MoveBack } from '../move/MoveBack.tsx';
import { PingStrip } from '../move/PingStrip.tsx';
import { Scheduled } from '../move/Scheduled.tsx';
import { FigureNow } from './FigureNow.tsx';
import styles from './Inspector.module.css';

/** What a guest is, how it does, and what waits. While it moves, its ping strip. */
export function GuestOverview({ guest }: { guest: Guest }) {
  const { say, format } = useWords();
  const host = useHost(guest.hostId);
  const moves = useMoves(guest);
  const shape = guest.live ?? guest.config?.shape ?? null;
  const running = guest.state !== 'halted';
  const most = shape?.maxMemoryMiB ?? guest.memoryMiB;
  return (
    <>
      <Scheduled guest={guest} />
      {moves.map((task) => (
        <PingStrip key={task.id} task={task} />
      ))}
      {guest.warning && <ProblemView still problem={guest.warning} />}
      {guest.leftover && <ProblemView still problem={problem('guest.leftover', { name: guest.name })} />}
      {guest.config?.unreadable && (
        <ProblemView still problem={problem('config.unreadable', { file: guest.config.file, ...guest.config.unreadable })} />
      )}
      {guest.needsRestart.length > 0 && (
        <p>{say('inspect.restart', { fields: format.list(guest.needsRestart.map((one) => say(`field.${one}`))) })}</p>
      )}
      <MoveBack guest={guest} />
      {running && (
        <section className={styles.section}>
          <FigureNow guestKey={guest.key} memoryMiB={guest.memoryMiB} />
        </section>
      )}
      <Facts>
        <Fact name={say('inspect.host')}>{host?.label}</Fact>
        <Fact name={say('guests.type')}>{guest.type ? say(`type.${guest.type}`) : say('common.unknown')}</Fact>
        <Fact name={say('guests.memory')}>
          {most > guest.memoryMiB
            ? say('inspect.memoryText', { now: format.memory(guest.memoryMiB), most: format.memory(most) })
            : format.memory(guest.memoryMiB)}
        </Fact>
        <Fact name={say('guests.vcpus')}>{format.number(guest.vcpus)}</Fact>
        {guest.domid !== null && <Fact name={say('inspect.domid')}>{String(guest.domid)}</Fact>}
        {guest.config && <Fact name={say('inspect.autostart')}>{say(guest.config.autostart ? 'common.yes' : 'common.no')}</Fact>}
        {guest.uuid && (
          <Fact name={say('inspect.uuid')} mono>
            {guest.uuid}
          </Fact>
        )}
        {guest.config && (
          <Fact name={say('inspect.file')} mono>
            {guest.config.file}
          </Fact>
        )}
        {shape?.kernel && (
          <Fact name={say('inspect.kernel')} mono>
            {shape.kernel}
          </Fact>
        )}
      </Facts>
      {!guest.config && !guest.leftover && <p className={styles.note}>{say('inspect.noFile')}</p>}
      {guest.config && !guest.config.hasUuid && <p className={styles.note}>{say('inspect.noUuid')}</p>}
    </>
  );
}

/** Moves of this guest that run, or ended and are still in the tray. */
function useMoves(guest: Guest) {
  return useStore(
    useProgram().mirror.tasks,
    useShallow((all) =>
      [...all.byId.values()].filter((one) => one.kind === 'guest.migrate' && one.phase !== 'scheduled' && isMoveOf(one, guest)).slice(-1),
    ),
  );
}
