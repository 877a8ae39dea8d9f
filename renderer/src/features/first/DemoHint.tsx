import { useProgram } from '../../state/program.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './DemoHint.module.css';

/** How the demo is started: beside the program, so that saved hosts are never mixed with it. */
export function DemoHint({ onClose }: { onClose: () => void }) {
  const { info } = useProgram();
  const { say } = useWords();
  return (
    <Dialog title={say('demo.title')} closeLabel={say('common.close')} onClose={onClose}>
      <p>{say('demo.text')}</p>
      <pre className={styles.command}>npm start -- --demo</pre>
      {info.shell === 'server' && (
        <>
          <p>{say('demo.serve')}</p>
          <pre className={styles.command}>npm run serve -- --demo</pre>
        </>
      )}
    </Dialog>
  );
}
