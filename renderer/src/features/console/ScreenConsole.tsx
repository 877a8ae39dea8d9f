import RFB from '@novnc/novnc';
import { useEffect, useRef, useState } from 'react';
import { problemOf } from '../../../../electron/contract/problem.ts';
import type { Session } from '../../engine/session.ts';
import { Button } from '../../ui/Button.tsx';
import { TextInput } from '../../ui/Field.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './Console.module.css';
import { joinConsole } from './joinConsole.ts';
import type { Standing } from './TextConsole.tsx';
import { vncChannel } from './vncChannel.ts';

interface Props {
  session: Session;
  hostId: string;
  guestId: string;
  label: string;
  stands: (standing: Standing) => void;
  /** Given the screen while it is there, for keys that can't be typed. */
  onScreen: (screen: { sendCtrlAltDel(): void } | null) => void;
}

const RETRY_MS = 1_500;

/** The screen of a guest: noVNC over the SSH connection. A reboot or a move ends the VNC session, so it is begun anew. */
export function ScreenConsole({ session, hostId, guestId, label, stands, onScreen }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef({ stands, onScreen, hostId, guestId });
  latest.current = { stands, onScreen, hostId, guestId };
  const [asking, setAsking] = useState<{ answer: (password: string) => void } | null>(null);
  useEffect(() => {
    const inside = place.current;
    if (!inside) return;
    let closed = false;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let screen: RFB | null = null;
    const say = (standing: Standing) => {
      if (!closed) latest.current.stands(standing);
    };
    const again = () => {
      screen = null;
      setAsking(null);
      latest.current.onScreen(null);
      say({ is: 'waiting' });
      timer = setTimeout(() => void join(), RETRY_MS);
    };
    const join = async () => {
      try {
        const { hostId: at, guestId: of } = latest.current;
        const { stream } = await joinConsole(session, { hostId: at, guestId: of, kind: 'vnc' });
        if (closed) return stream.end(null);
        const { channel, start } = vncChannel(stream, (why) => {
          if (why?.code !== 'console.none') return; // the rest passes: a reboot, a lost link
          over = true;
          say({ is: 'ended', problem: why });
        });
        const made = new RFB(inside, channel);
        screen = made;
        made.scaleViewport = true;
        made.background = 'transparent';
        made.addEventListener('connect', () => {
          say({ is: 'joined' });
          latest.current.onScreen(made);
          made.focus();
        });
        made.addEventListener('credentialsrequired', () => setAsking({ answer: (password) => made.sendCredentials({ password }) }));
        made.addEventListener('disconnect', () => {
          if (screen === made && !closed && !over) again();
        });
        start();
      } catch (thrown) {
        const why = problemOf(thrown);
        if (closed) return;
        if (why.code === 'port.closed' || ['guest.wrongState', 'host.notOpen', 'program.fault'].includes(why.code)) again();
        else say({ is: 'ended', problem: why });
      }
    };
    say({ is: 'opening' });
    void join();
    return () => {
      closed = true;
      clearTimeout(timer);
      latest.current.onScreen(null);
      screen?.disconnect();
    };
  }, [session]);
  return (
    <>
      {asking && <VncPassword answer={asking.answer} done={() => setAsking(null)} />}
      <section ref={place} className={styles.screen} aria-label={label} />
    </>
  );
}

/** A VNC server with a password of its own. */
function VncPassword({ answer, done }: { answer: (password: string) => void; done: () => void }) {
  const { say } = useWords();
  const [password, setPassword] = useState('');
  return (
    <form
      className={styles.password}
      onSubmit={(event) => {
        event.preventDefault();
        answer(password);
        done();
      }}
    >
      <TextInput secret autoFocus label={say('console.password')} value={password} onChange={setPassword} />
      <Button submit kind="main">
        {say('console.join')}
      </Button>
    </form>
  );
}
