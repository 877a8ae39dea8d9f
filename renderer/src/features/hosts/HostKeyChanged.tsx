import { useState } from 'react';
import type { HostId } from '../../../../electron/contract/host.ts';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import { useHost, useProgram } from '../../state/program.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { ProblemView } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './HostForm.module.css';

/** A changed host key: both fingerprints, and the way to take the new one. */
export function HostKeyChanged({ hostId, onClose }: { hostId: HostId; onClose: () => void }) {
  const { session } = useProgram();
  const host = useHost(hostId);
  const { say } = useWords();
  const [refused, setRefused] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const why = host?.link.is === 'lost' && host.link.problem.code === 'hostKey.changed' ? host.link.problem : null;
  if (!host || !why) return null;
  const replace = () => {
    setBusy(true);
    session
      .call('host.trustKey', { hostId, fingerprint: why.shown })
      .then(onClose, (thrown: unknown) => setRefused(problemOf(thrown)))
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={say('hostKey.changedTitle', { label: host.label })}
      onClose={onClose}
      actions={
        <Button kind="danger" busy={busy} onPress={replace}>
          {say('hostKey.replace')}
        </Button>
      }
    >
      <p>{say('hostKey.changedText')}</p>
      <div>
        <p className={styles.note}>{say('hostKey.known', { where: why.where })}</p>
        {why.known.map((one) => (
          <p key={one} className={styles.print}>
            {one}
          </p>
        ))}
      </div>
      <div>
        <p className={styles.note}>{`${say('hostKey.shown')} · ${why.type}`}</p>
        <p className={`${styles.print} ${styles.wrong}`}>{why.shown}</p>
      </div>
      {refused && <ProblemView problem={refused} />}
    </Dialog>
  );
}
