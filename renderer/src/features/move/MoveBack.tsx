import { useEffect, useState } from 'react';
import type { OutputOf } from '../../../../electron/contract/api.ts';
import type { Guest } from '../../../../electron/contract/guest.ts';
import { useHosts, useProgram } from '../../state/program.ts';
import { show } from '../../state/ui.ts';
import { Button } from '../../ui/Button.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './MoveBack.module.css';

/** For a guest that left disks on another host: one button back, which copies only what changed. */
export function MoveBack({ guest }: { guest: Guest }) {
  const { ui } = useProgram();
  const { say, format } = useWords();
  const hosts = useHosts();
  const origins = useOrigins(guest);
  if (guest.doing) return null;
  return origins.map(({ hostId, leftAt, sizeMiB }) => {
    const host = hosts.find((one) => one.id === hostId);
    if (!host) return null;
    return (
      <section key={hostId} className={styles.back}>
        <p>{say('move.backText', { host: host.label, when: format.dateTime(leftAt), size: format.memory(sizeMiB) })}</p>
        <Button size="small" icon="move" onPress={() => show(ui, { is: 'move', keys: [guest.key], targetHostId: hostId })}>
          {say('move.back', { host: host.label })}
        </Button>
      </section>
    );
  });
}

/** Asked when the guest is chosen, when something that was done to it has ended, and when a host came or went. */
function useOrigins(guest: Guest): OutputOf<'migration.origins'> {
  const { session } = useProgram();
  const open = useHosts()
    .filter((one) => one.link.is === 'open' && one.id !== guest.hostId)
    .map((one) => one.id)
    .join();
  const [found, setFound] = useState<{ of: string; origins: OutputOf<'migration.origins'> }>({ of: '', origins: [] });
  const { key, hostId, guestId } = guest;
  const movable = guest.state === 'running' || guest.state === 'blocked' || guest.state === 'halted';
  const others = movable && guest.uuid !== null && guest.doing === null ? open : '';
  useEffect(() => {
    if (others === '') return;
    const aborter = new AbortController();
    session.call('migration.origins', { hostId, guestId }, aborter.signal).then(
      (origins) => {
        if (!aborter.signal.aborted) setFound({ of: key, origins });
      },
      () => {}, // it is an offer: whoever moves it back by hand gets the same, and hears why not
    );
    return () => aborter.abort();
  }, [session, key, hostId, guestId, others]);
  return others !== '' && found.of === key ? found.origins : [];
}
