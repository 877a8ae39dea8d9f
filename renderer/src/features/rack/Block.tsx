import clsx from 'clsx';
import { memo, type PointerEvent as ReactPointerEvent, useCallback } from 'react';
import { useStore } from 'zustand';
import type { Guest, GuestKey } from '../../../../electron/contract/guest.ts';
import type { MigrationProgress } from '../../../../electron/contract/task.ts';
import { useGuest, useProgram, useTask, useUi } from '../../state/program.ts';
import { choose, pick, type Ui } from '../../state/ui.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Lamp } from '../../ui/Lamp.tsx';
import { Spark } from '../../ui/Spark.tsx';
import { useWords } from '../../words/speak.tsx';
import { useSign } from '../move/Scheduled.tsx';
import { useScheduled } from '../move/useScheduled.ts';
import styles from './Block.module.css';
import { CpuText } from './CpuText.tsx';
import { useRack } from './rackContext.ts';
import { loadOf, useIsCarried } from './useDragging.ts';

/** How much of a guest a block can say. */
export type BlockForm = 'full' | 'half' | 'shelf';

/** One guest in the rack: name, state, trace, and what is done to it. It can be pressed, lifted and dragged. */
export const Block = memo(function Block({ guestKey, form, px }: { guestKey: GuestKey; form: BlockForm; px: number }) {
  const guest = useGuest(guestKey);
  return guest ? <GuestBlock guest={guest} form={form} px={px} /> : null;
});

function GuestBlock({ guest, form, px }: { guest: Guest; form: BlockForm; px: number }) {
  const program = useProgram();
  const words = useWords();
  const { say, format } = words;
  const rack = useRack();
  const carried = useIsCarried(guest.key);
  const chosen = useUi((ui) => ui.chosen?.is === 'guest' && ui.chosen.key === guest.key);
  const faint = useUi((ui) => ui.filter !== '' && !rack.matches(guest.name, ui.filter) && !rack.hostMatches(guest.hostId, ui.filter));
  const selected = useUi((ui) => ui.selected.includes(guest.key));
  const key = guest.key;
  const press = (event: ReactPointerEvent) => {
    if (event.button === 0 && !picks(event)) {
      program.drags.step({ is: 'press', ...loadOf(program, key), at: { x: event.clientX, y: event.clientY } });
    }
  };
  const task = useTask(guest.doing?.taskId ?? null);
  const sign = useSign(useScheduled(guest));
  const state = say(`state.${guest.leftover ?? guest.state}`);
  const doing = task ? `${state}, ${say(`task.${task.kind}`)}` : state;
  const label = say('rack.block', { name: guest.name, state: doing, memory: format.memory(guest.memoryMiB) });
  return (
    <button
      type="button"
      data-block={key}
      className={clsx(
        styles.block,
        styles[form],
        styles[guest.state],
        carried && styles.carried,
        chosen && styles.chosen,
        selected && styles.selected,
        rack.isMarked(key) && styles.marked,
        faint && styles.faint,
        guest.doing && styles.doing,
      )}
      aria-pressed={chosen}
      aria-describedby="rack-help"
      title={say('rack.truth', { name: guest.name, memory: format.memory(guest.memoryMiB), vcpus: guest.vcpus })}
      onPointerDown={press}
      onClick={(event) => (picks(event) ? pick(program.ui, key) : chooseAlone(program.ui, key))}
      onKeyDown={(event) => rack.onBlockKey(event, guest)}
      onContextMenu={(event) => rack.onBlockMenu(event, guest)}
    >
      <span className={styles.spoken}>
        {label}
        {sign && `, ${sign}`}
        {selected && say('rack.selected')}
      </span>
      <span className={styles.head} aria-hidden="true">
        {selected ? <Icon name="check" size={12} /> : <Lamp shape={guest.leftover || guest.warning ? 'alarm' : guest.state} />}
        <span className={styles.name}>{guest.name}</span>
        {sign !== null && (
          <span title={sign}>
            <Icon name="history" size={11} />
          </span>
        )}
      </span>
      <span className={styles.foot} aria-hidden="true">
        {form === 'full' && <BlockFoot guest={guest} px={px} />}
      </span>
    </button>
  );
}

/** Ctrl or Cmd held: the press takes it into the selection, and chooses nothing. */
const picks = (event: { ctrlKey: boolean; metaKey: boolean }) => event.ctrlKey || event.metaKey;

/** A plain press is about this one. */
function chooseAlone(ui: Ui, key: GuestKey): void {
  if (ui.getState().selected.length > 0) ui.setState({ selected: [] });
  choose(ui, { is: 'guest', key });
}

/** From this length on there is room for the CPU figure beside the memory. */
const ROOMY_PX = 104;

function BlockFoot({ guest, px }: { guest: Guest; px: number }) {
  const { format, say } = useWords();
  const running = guest.state === 'running' || guest.state === 'blocked';
  return (
    <>
      <span className={styles.sub}>
        {guest.doing ? (
          <Doing taskId={guest.doing.taskId} />
        ) : (
          <>
            <span>{format.memory(guest.memoryMiB)}</span>
            {guest.needsRestart.length > 0 && <span title={say('state.needsRestart')}>↻</span>}
            {running ? px >= ROOMY_PX && <CpuText figuresKey={guest.key} /> : <span>{say(`state.${guest.state}`)}</span>}
          </>
        )}
      </span>
      <span className={styles.trace}>
        {running && <CpuSpark figuresKey={guest.key} width={Math.max(20, Math.floor(px - 16))} height={14} />}
      </span>
    </>
  );
}

function Doing({ taskId }: { taskId: string }) {
  const task = useTask(taskId);
  const { say } = useWords();
  return task ? <span className={styles.work}>{say(`phase.${task.phase}`)}</span> : null;
}

/** CPU of a guest or dom0 over the last minutes. */
export function CpuSpark({ figuresKey, width, height }: { figuresKey: string; width: number; height: number }) {
  const { figures } = useProgram().mirror;
  const values = useCallback(() => figures.of(figuresKey).map((one) => one.cpuPercent), [figures, figuresKey]);
  const watch = useCallback((changed: () => void) => figures.watch(figuresKey, changed), [figures, figuresKey]);
  return <Spark values={values} watch={watch} full={100} width={width} height={height} />;
}

/** How much of disks and memory has come; what is sent again is not counted twice. */
function arrivedShare({ disks, sentBytes, memoryBytes }: MigrationProgress): number {
  const ofDisks = disks ? (disks.rounds.length > 1 ? disks.totalBytes : disks.copiedBytes) : 0;
  const all = (disks?.totalBytes ?? 0) + memoryBytes;
  return all > 0 ? Math.min(1, (ofDisks + Math.min(sentBytes, memoryBytes)) / all) : 0;
}

/** A guest on its way here: stands at the target while it moves. */
export const Arriving = memo(function Arriving({ taskId, form }: { taskId: string; form: BlockForm }) {
  const task = useStore(useProgram().mirror.tasks, (all) => all.byId.get(taskId));
  const { say } = useWords();
  if (!task) return null;
  const share = task.migration ? arrivedShare(task.migration) : 0;
  return (
    <div className={clsx(styles.block, styles[form], styles.arriving)}>
      <span className={styles.fill} style={{ width: `${share * 100}%` }} />
      <span className={styles.head}>
        <span className={styles.name}>{task.guestName}</span>
      </span>
      {form === 'full' && (
        <span className={styles.sub}>
          <span className={styles.work}>{say('rack.arriving')}</span>
        </span>
      )}
    </div>
  );
});
