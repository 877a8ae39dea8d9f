import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react';
import type { Guest, GuestKey } from '../../../../electron/contract/guest.ts';
import { mayOpenConsole } from '../../../../electron/contract/rules.ts';
import { useGuests, useHost, useProgram } from '../../state/program.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice } from '../../ui/Field.tsx';
import { Lamp } from '../../ui/Lamp.tsx';
import { ProblemView } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './Console.module.css';
import type { Standing } from './TextConsole.tsx';

// terminal and VNC are large, and not needed to see the rack
const TextConsole = lazy(async () => ({ default: (await import('./TextConsole.tsx')).TextConsole }));
const ScreenConsole = lazy(async () => ({ default: (await import('./ScreenConsole.tsx')).ScreenConsole }));

/** Console of a guest, in the inspector: text or screen, wherever the guest is. */
export function ConsoleTab({ guestKey }: { guestKey: GuestKey }) {
  const guestId = guestKey.slice(guestKey.indexOf('/') + 1);
  // the guest where it runs: it may have moved since it was chosen
  const guest = useGuests((all) => {
    const those = [...all.byId.values()].filter((one) => one.guestId === guestId);
    const here = those.find((one) => one.key === guestKey);
    return here?.domid != null ? here : (those.find((one) => one.domid !== null && one.leftover === null) ?? here);
  });
  const host = useHost(guest?.hostId ?? null);
  if (!guest || !host) return null;
  return <ConsoleOf guest={guest} may={(kind) => mayOpenConsole(guest, host, kind)} />;
}

type Kind = 'serial' | 'vnc';

function ConsoleOf({ guest, may }: { guest: Guest; may: (kind: Kind) => ReturnType<typeof mayOpenConsole> }) {
  const { say } = useWords();
  const [chosen, setChosen] = useState<Kind | null>(null);
  const [attempt, setAttempt] = useState(0);
  const shape = guest.live ?? guest.config?.shape;
  const both = shape?.serial === true && shape.graphical;
  const kind = chosen ?? (shape?.graphical ? 'vnc' : 'serial');
  const verdict = may(kind);
  // a guest that is away for a moment (reboot, lost link) keeps its console: the engine joins it again
  const [begun, setBegun] = useState(false);
  if (verdict.may && !begun) setBegun(true);
  return (
    <div className={styles.console}>
      {both && (
        <Choice
          label={say('console.kind')}
          value={kind}
          options={[
            { value: 'vnc', label: say('console.screen') },
            { value: 'serial', label: say('console.text') },
          ]}
          onChange={setChosen}
        />
      )}
      {!verdict.may && !begun ? (
        <ProblemView problem={verdict.because} mild />
      ) : (
        <Live key={`${kind} ${attempt}`} kind={kind} guest={guest} again={() => setAttempt((now) => now + 1)} />
      )}
    </div>
  );
}

function Live({ kind, guest, again }: { kind: Kind; guest: Guest; again: () => void }) {
  const { session } = useProgram();
  const { say } = useWords();
  const [standing, setStanding] = useState<Standing>({ is: 'opening' });
  const [screen, setScreen] = useState<{ sendCtrlAltDel(): void } | null>(null);
  const bar = useRef<HTMLDivElement>(null);
  const leave = useCallback(() => bar.current?.focus(), []);
  const label = useMemo(() => say('console.title', { name: guest.name }), [say, guest.name]);
  const common = { session, hostId: guest.hostId, guestId: guest.guestId, label, stands: setStanding };
  return (
    <>
      <div className={styles.bar} ref={bar} tabIndex={-1}>
        <span className={styles.standing} role="status">
          <Lamp shape={standing.is === 'joined' ? 'linked' : standing.is === 'ended' ? 'alarm' : 'linking'} />
          {say(`console.${standing.is}`)}
        </span>
        {kind === 'serial' && <span className={styles.hint}>{say('console.leave')}</span>}
        {screen && (
          <Button size="small" onPress={() => screen.sendCtrlAltDel()}>
            Ctrl+Alt+Del
          </Button>
        )}
        {standing.is === 'ended' && (
          <Button size="small" onPress={again}>
            {say('console.again')}
          </Button>
        )}
      </div>
      {standing.is === 'ended' && <ProblemView problem={standing.problem} mild />}
      <Suspense fallback={<p>{say('common.loading')}</p>}>
        {kind === 'serial' ? <TextConsole {...common} onLeave={leave} /> : <ScreenConsole {...common} onScreen={setScreen} />}
      </Suspense>
    </>
  );
}
