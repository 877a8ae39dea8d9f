import type { ProblemOf } from '../../../../electron/contract/problem.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './HostForm.module.css';

/** A key seen for the first time: its fingerprint, once, with a question. */
export function HostKeyQuestion({
  shown,
  onAccept,
  onClose,
}: {
  shown: ProblemOf<'hostKey.unknown'>;
  onAccept: () => void;
  onClose: () => void;
}) {
  const { say } = useWords();
  return (
    <Dialog
      title={say('hostKey.title')}
      onClose={onClose}
      actions={
        <Button kind="main" onPress={onAccept}>
          {say('hostKey.accept')}
        </Button>
      }
    >
      <p>{say('hostKey.text', { address: shown.address, port: String(shown.port) })}</p>
      <div>
        <p className={styles.note}>{`${say('hostKey.fingerprint')} · ${shown.type}`}</p>
        <p className={styles.print}>{shown.fingerprint}</p>
      </div>
    </Dialog>
  );
}
