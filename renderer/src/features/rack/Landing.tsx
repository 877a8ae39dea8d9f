import { useMemo } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { GuestKey } from '../../../../electron/contract/guest.ts';
import type { HostId } from '../../../../electron/contract/host.ts';
import { useProgram } from '../../state/program.ts';
import { Icon } from '../../ui/Icon.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './Landing.module.css';
import { MIN_PX } from './layout.ts';
import { verdictText } from './useDragging.ts';
import { dropVerdicts } from './verdicts.ts';

/** What a strip says while something is in the hand: the rule that draws it is the rule that decides. */
export interface LandingNow {
  kind: 'fits' | 'warned' | 'refused';
  text: string;
  memoryMiB: number;
  /** It would take memory here: its outline is drawn. */
  outlined: boolean;
}

const icons = { fits: 'check', warned: 'warn', refused: 'bad' } as const;

/** What this host says of what is in hand; null where nothing is, or all of it is its own. */
export function useLanding(hostId: HostId, keys: readonly GuestKey[] | null): LandingNow | null {
  const program = useProgram();
  const words = useWords();
  // Only while something is in hand does a strip listen to all hosts, and to what is carried.
  const hosts = useStore(program.mirror.hosts, (all) => (keys ? all : null));
  const guests = useStore(
    program.mirror.guests,
    useShallow((all) => (keys ?? []).map((key) => all.byId.get(key))),
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the rule reads in the mirror changes with guests and hosts
  return useMemo(() => {
    const judged = keys ? dropVerdicts(program, keys, hostId) : [];
    if (!keys || judged.length === 0) return null;
    const may = judged.filter((one) => one.verdict.may);
    const plain = may.length === judged.length && may.every((one) => one.verdict.may && !one.verdict.warnings?.length);
    const takes = may.filter((one) => one.guest.state !== 'halted');
    return {
      kind: may.length === 0 ? 'refused' : plain ? 'fits' : 'warned',
      text: verdictText(program, words, keys, hostId),
      memoryMiB: takes.reduce((sum, one) => sum + one.guest.memoryMiB, 0),
      outlined: takes.length > 0,
    };
  }, [program, words, guests, hosts, hostId, keys]);
}

/** Where it would stand, at the free end of the bay. */
export function LandingOutline({ memoryMiB, scale }: { memoryMiB: number; scale: number }) {
  return <div className={styles.outline} style={{ width: Math.max(MIN_PX, memoryMiB * scale) }} />;
}

/** The verdict in words, in the place of the shelf. */
export function LandingVerdict({ landing }: { landing: LandingNow }) {
  return (
    <p className={`${styles.verdict} ${styles[landing.kind]}`} data-verdict={landing.kind}>
      <Icon name={icons[landing.kind]} size={14} />
      <span>{landing.text}</span>
    </p>
  );
}
