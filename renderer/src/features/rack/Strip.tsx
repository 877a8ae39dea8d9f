import clsx from 'clsx';
import { memo, useMemo, useRef } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { GuestKey } from '../../../../electron/contract/guest.ts';
import type { Host, HostId } from '../../../../electron/contract/host.ts';
import type { Task } from '../../../../electron/contract/task.ts';
import { dom0Key } from '../../state/figures.ts';
import { useHost, useKeysOf, useProgram } from '../../state/program.ts';
import { useWords } from '../../words/speak.tsx';
import { Arriving, Block } from './Block.tsx';
import { CpuText } from './CpuText.tsx';
import { Faceplate } from './Faceplate.tsx';
import { LandingOutline, LandingVerdict, useLanding } from './Landing.tsx';
import { type Column, layBay } from './layout.ts';
import styles from './Strip.module.css';
import { useCarried, useIsHome, useIsOver } from './useDragging.ts';
import { useFocusWithin, useNear } from './useNear.ts';

interface Props {
  hostId: HostId;
  /** px for one MiB, the same for all hosts. */
  scale: number;
  thin: boolean;
}

/** One host, like a front panel: faceplate, bay to scale, shelf of halted guests. */
export const Strip = memo(function Strip({ hostId, scale, thin }: Props) {
  const host = useHost(hostId);
  const place = useRef<HTMLElement>(null);
  const near = useNear(place);
  const { focused, telling } = useFocusWithin();
  const home = useIsHome(hostId);
  const over = useIsOver(hostId);
  const carried = useCarried();
  const { say } = useWords();
  if (!host) return null;
  const old = host.link.is !== 'open';
  return (
    <section
      ref={place}
      {...telling}
      data-host={hostId}
      aria-label={say('rack.strip', { label: host.label })}
      className={clsx(styles.strip, thin && styles.thin, old && styles.old, over && styles.over)}
    >
      {/* scrolled away, the block that has the keyboard, or is in the hand, must not go: it hears the keys */}
      {(near || focused || home) && (
        <>
          <Faceplate host={host} thin={thin} />
          <div className={styles.body}>
            <Bay host={host} scale={scale} thin={thin} carried={carried} />
          </div>
        </>
      )}
    </section>
  );
});

/** A block alone in its column has room to say more. */
const formIn = (column: Column, thin: boolean) => (column.keys.length === 1 && !thin ? 'full' : 'half');

const halted = (state: string) => state === 'halted';

interface BayProps {
  host: Host;
  scale: number;
  thin: boolean;
  /** The blocks in hand. */
  carried: readonly GuestKey[] | null;
}

function Bay({ host, scale, thin, carried }: BayProps) {
  const { say, format } = useWords();
  const { running, shelf } = useBlocks(host.id);
  const arriving = useArriving(host.id);
  const totalMiB = host.facts?.totalMemoryMiB ?? 0;
  const dom0MiB = host.dom0MemoryMiB ?? 0;
  const bayPx = totalMiB * scale;
  const layout = useMemo(
    () => layBay({ bayPx, totalMiB, dom0MiB, blocks: [...running, ...arriving.map((one) => ({ key: one.id, memoryMiB: one.memoryMiB }))] }),
    [bayPx, totalMiB, dom0MiB, running, arriving],
  );
  const landing = useLanding(host.id, carried);
  const arrivals = new Set(arriving.map((one) => one.id));
  if (!host.facts) return <div className={styles.unknown}>{say(host.link.is === 'open' ? 'report.examining' : 'report.never')}</div>;
  return (
    <>
      <section className={styles.bay} style={{ width: bayPx }} aria-label={say('rack.bay', { label: host.label })}>
        <div className={styles.dom0} style={{ width: layout.dom0Px }} title={`dom0 · ${format.memory(dom0MiB)}`}>
          <span>{say('rack.dom0')}</span>
          {!thin && <CpuText figuresKey={dom0Key(host.id)} />}
        </div>
        {layout.columns.map((column) => (
          <div key={column.keys[0]} className={styles.column} style={{ width: column.px }}>
            {column.keys.map((key) =>
              arrivals.has(key) ? (
                <Arriving key={key} taskId={key} form={formIn(column, thin)} />
              ) : (
                <Block key={key} guestKey={key} px={column.px} form={formIn(column, thin)} />
              ),
            )}
          </div>
        ))}
        <div className={styles.free}>
          {layout.freePx > 70 && host.freeMemoryMiB !== null && (
            <span>{say('rack.free', { free: format.memory(host.freeMemoryMiB) })}</span>
          )}
        </div>
        {landing?.outlined && <LandingOutline memoryMiB={landing.memoryMiB} scale={scale} />}
      </section>
      <section className={clsx(styles.shelf, landing && styles.told)} aria-label={`${host.label} · ${say('rack.shelf')}`}>
        {shelf.map((key) => (
          <Block key={key} guestKey={key} px={0} form="shelf" />
        ))}
        {landing && <LandingVerdict landing={landing} />}
      </section>
    </>
  );
}

/** Which blocks stand in the bay (largest first) and on the shelf; the same arrays while nothing of that changes. */
function useBlocks(hostId: HostId): { running: { key: GuestKey; memoryMiB: number }[]; shelf: GuestKey[] } {
  const { mirror } = useProgram();
  const keys = useKeysOf(hostId);
  const moving = useMovingNames(hostId);
  const facts = useStore(
    mirror.guests,
    useShallow((all) =>
      keys.flatMap((key) => {
        const one = all.byId.get(key);
        if (!one || (one.leftover && moving.some((name) => one.name.startsWith(`${name}--`)))) return [];
        return [`${halted(one.state) ? 'h' : 'r'}\t${one.memoryMiB}\t${one.name}\t${key}`];
      }),
    ),
  );
  return useMemo(() => {
    const those = facts.map((fact) => {
      const [state = '', memory = '0', name = '', ...key] = fact.split('\t');
      return { state, memoryMiB: Number(memory), name, key: key.join('\t') };
    });
    const running = those.filter((one) => one.state === 'r').sort((a, b) => b.memoryMiB - a.memoryMiB || (a.name < b.name ? -1 : 1));
    const shelf = those.filter((one) => one.state === 'h').sort((a, b) => (a.name < b.name ? -1 : 1));
    return { running: running.map(({ key, memoryMiB }) => ({ key, memoryMiB })), shelf: shelf.map((one) => one.key) };
  }, [facts]);
}

/** A move that has begun, and not ended. */
const isOnItsWay = (task: Task) => task.kind === 'guest.migrate' && !task.outcome && task.phase !== 'scheduled';

/** Names of guests that are moving to this host: their half-arrived domains are drawn as arrivals. */
function useMovingNames(hostId: HostId): readonly string[] {
  return useStore(
    useProgram().mirror.tasks,
    useShallow((all) => [...all.byId.values()].filter((one) => isOnItsWay(one) && one.targetHostId === hostId).map((one) => one.guestName)),
  );
}

function useArriving(hostId: HostId): { id: string; memoryMiB: number }[] {
  const { mirror } = useProgram();
  const ids = useStore(
    mirror.tasks,
    useShallow((all) => [...all.byId.values()].filter((one) => isOnItsWay(one) && one.targetHostId === hostId).map((one) => one.id)),
  );
  // What of it is at the target already: a half-arrived domain is drawn as arriving, a whole one as itself.
  const whole = useStore(
    mirror.guests,
    useShallow((all) =>
      (all.keysOf.get(hostId) ?? []).flatMap((key) => {
        const one = all.byId.get(key);
        return one && one.leftover === null && !halted(one.state) ? [one.name] : [];
      }),
    ),
  );
  return useMemo(
    () =>
      ids.flatMap((id) => {
        const task = mirror.tasks.getState().byId.get(id);
        if (!task || whole.includes(task.guestName)) return [];
        const memoryMiB = mirror.guests.getState().byId.get(`${task.hostId}/${task.guestId}`)?.memoryMiB ?? 0;
        return [{ id, memoryMiB }];
      }),
    [ids, whole, mirror],
  );
}
