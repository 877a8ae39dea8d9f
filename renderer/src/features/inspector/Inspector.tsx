import type { GuestKey } from '../../../../electron/contract/guest.ts';
import { useGuest, useProgram, useUi } from '../../state/program.ts';
import { choose } from '../../state/ui.ts';
import { Button } from '../../ui/Button.tsx';
import { useWords } from '../../words/speak.tsx';
import { GuestInspector } from './GuestInspector.tsx';
import { HostInspector } from './HostInspector.tsx';
import styles from './Inspector.module.css';

/** What is chosen, at the right. */
export function Inspector() {
  const { ui } = useProgram();
  const chosen = useUi((now) => now.chosen);
  const { say } = useWords();
  return (
    <section className={styles.inspector} aria-label={say('frame.inspector')}>
      <div className={styles.close}>
        <Button kind="quiet" icon="close" label={say('frame.closeInspector')} onPress={() => choose(ui, null)} />
      </div>
      {chosen?.is === 'guest' && <ChosenGuest guestKey={chosen.key} first={chosen.first ?? chosen.key} />}
      {chosen?.is === 'host' && <HostInspector hostId={chosen.id} />}
    </section>
  );
}

function ChosenGuest({ guestKey, first }: { guestKey: GuestKey; first: GuestKey }) {
  const guest = useGuest(guestKey);
  const { say } = useWords();
  if (!guest) return <p className={styles.gone}>{say('inspect.gone')}</p>;
  return <GuestInspector guest={guest} first={first} />;
}
