import type { GuestKey } from '../../../../electron/contract/guest.ts';
import { useGuests, useProgram, useUi } from '../../state/program.ts';
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
      {chosen?.is === 'guest' && <ChosenGuest guestKey={chosen.key} />}
      {chosen?.is === 'host' && <HostInspector hostId={chosen.id} />}
    </section>
  );
}

/** The chosen guest, wherever it has moved to since. */
function ChosenGuest({ guestKey }: { guestKey: GuestKey }) {
  const { say } = useWords();
  const now = useGuests((all) => {
    if (all.byId.has(guestKey)) return guestKey;
    const guestId = guestKey.slice(guestKey.indexOf('/') + 1);
    for (const guest of all.byId.values()) if (guest.guestId === guestId) return guest.key;
    return null;
  });
  if (now === null) return <p className={styles.gone}>{say('inspect.gone')}</p>;
  return <GuestInspector guestKey={now} />;
}
