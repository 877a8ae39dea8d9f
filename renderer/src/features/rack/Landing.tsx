import { useMemo } from 'react';
import { useStore } from 'zustand';
import type { GuestKey } from '../../../../electron/contract/guest.ts';
import type { HostId } from '../../../../electron/contract/host.ts';
import { useGuest, useProgram } from '../../state/program.ts';
import { Icon } from '../../ui/Icon.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './Landing.module.css';
import { MIN_PX } from './layout.ts';
import { verdictText } from './useDragging.ts';
import { moveVerdict } from './verdicts.ts';

/** What a strip says while a block is in the hand: the rule that draws it is the rule that decides. */
export interface LandingNow {
  kind: 'fits' | 'warned' | 'refused';
  text: string;
  memoryMiB: number;
  /** It would take memory here: its outline is drawn. */
  outlined: boolean;
}

const icons = { fits: 'check', warned: 'warn', refused: 'bad' } as const;

/** What this host says of the block in hand; null where nothing is in hand, or it is its own. */
export function useLanding(hostId: HostId, guestKey: GuestKey | null): LandingNow | null {
  const program = useProgram();
  const words = useWords();
  const guest = useGuest(guestKey);
  // Only while something is in hand does a strip listen to all hosts.
  const hosts = useStore(program.mirror.hosts, (all) => (guestKey ? all : null));
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the rule reads in the mirror changes with guest and hosts
  return useMemo(() => {
    if (!guest || guest.hostId === hostId) return null;
    const verdict = moveVerdict(program, guest.key, hostId);
    if (!verdict) return null;
    const warned = verdict.may && (verdict.warnings?.length ?? 0) > 0;
    return {
      kind: verdict.may ? (warned ? 'warned' : 'fits') : 'refused',
      text: verdictText(program, words, guest.key, hostId),
      memoryMiB: guest.memoryMiB,
      outlined: verdict.may && guest.state !== 'halted',
    };
  }, [program, words, guest, hosts, hostId]);
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
