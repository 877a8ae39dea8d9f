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

/** What a strip says while a block is in the hand: where it would land, or why it can't. The rule that draws it is the rule that decides. */
export function Landing({ hostId, guestKey, scale }: { hostId: HostId; guestKey: GuestKey; scale: number }) {
  const program = useProgram();
  const words = useWords();
  const guest = useGuest(guestKey);
  const hosts = useStore(program.mirror.hosts);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the rule reads in the mirror changes with these
  const verdict = useMemo(() => moveVerdict(program, guestKey, hostId), [program, guestKey, hostId, guest, hosts]);
  if (!verdict || !guest || guest.hostId === hostId) return null;
  const text = verdictText(program, words, guestKey, hostId);
  const warned = verdict.may && (verdict.warnings?.length ?? 0) > 0;
  const kind = verdict.may ? (warned ? 'warned' : 'fits') : 'refused';
  return (
    <>
      {verdict.may && guest.state !== 'halted' && (
        <div className={styles.outline} style={{ width: Math.max(MIN_PX, guest.memoryMiB * scale) }} />
      )}
      <p className={`${styles.verdict} ${styles[kind]}`} data-verdict={kind}>
        <Icon name={verdict.may ? (warned ? 'warn' : 'check') : 'bad'} size={14} />
        <span>{text}</span>
      </p>
    </>
  );
}
