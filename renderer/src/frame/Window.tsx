import { useEffect } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { useStore } from 'zustand';
import { appActions } from '../actions/appActions.ts';
import { isShortcut } from '../actions/keys.ts';
import { DoctorNotice } from '../features/doctor/DoctorNotice.tsx';
import { DoctorView } from '../features/doctor/DoctorView.tsx';
import { FirstStart } from '../features/first/FirstStart.tsx';
import { GuestsView } from '../features/guests/GuestsView.tsx';
import { HistoryView } from '../features/history/HistoryView.tsx';
import { Prompts } from '../features/hosts/Prompts.tsx';
import { Inspector } from '../features/inspector/Inspector.tsx';
import { PausedPlans } from '../features/plans/PausedPlans.tsx';
import { PlansView } from '../features/plans/PlansView.tsx';
import { RackView } from '../features/rack/RackView.tsx';
import { SettingsView } from '../features/settings/SettingsView.tsx';
import { Tray } from '../features/tasks/Tray.tsx';
import { type Program, useProgram, useUi } from '../state/program.ts';
import type { View } from '../state/ui.ts';
import { Button } from '../ui/Button.tsx';
import { ProblemView } from '../ui/ProblemView.tsx';
import { useWords } from '../words/speak.tsx';
import { Dialogs } from './Dialogs.tsx';
import { Edge } from './Edge.tsx';
import { Fault } from './Fault.tsx';
import { Leaving } from './Leaving.tsx';
import { TopBar } from './TopBar.tsx';
import styles from './Window.module.css';

/** The window: edge, top bar, screen, inspector, tray. */
export function Window() {
  const program = useProgram();
  const view = useUi((ui) => ui.view);
  const inspected = useUi((ui) => ui.chosen !== null);
  const ready = useStore(program.mirror.hosts, (all) => all.ready);
  const empty = useStore(program.mirror.hosts, (all) => all.ready && all.byId.size === 0);
  const { say } = useWords();
  useShortcuts(program);
  const first = empty && !program.info.demo && view !== 'settings';
  return (
    <div className={styles.window}>
      <Edge />
      <div className={styles.work}>
        <TopBar />
        <LostEngine />
        <main className={styles.middle}>
          <Group className={styles.panes ?? ''} orientation="horizontal">
            <Panel id="screen" minSize={420} className={styles.pane ?? ''}>
              <div className={styles.screen}>
                {!ready ? (
                  <p className={styles.reading}>{say('common.loading')}…</p>
                ) : first ? (
                  <FirstStart />
                ) : (
                  <Fault key={view}>
                    <Screen view={view} />
                  </Fault>
                )}
              </div>
            </Panel>
            {inspected && !first && (
              <>
                <Separator className={styles.gutter ?? ''} aria-label={say('frame.inspector')} />
                <Panel
                  id="inspector"
                  defaultSize={420}
                  minSize={300}
                  maxSize={900}
                  groupResizeBehavior="preserve-pixel-size"
                  className={styles.pane ?? ''}
                >
                  <Fault>
                    <Inspector />
                  </Fault>
                </Panel>
              </>
            )}
          </Group>
        </main>
        <Refused />
        <PausedPlans />
        <DoctorNotice />
        <Tray />
      </div>
      <Dialogs />
      <Prompts />
      <Leaving />
    </div>
  );
}

function Screen({ view }: { view: View }) {
  switch (view) {
    case 'rack':
      return <RackView />;
    case 'guests':
      return <GuestsView />;
    case 'plans':
      return <PlansView />;
    case 'history':
      return <HistoryView />;
    case 'doctor':
      return <DoctorView />;
    case 'settings':
      return <SettingsView />;
  }
}

function LostEngine() {
  const lost = useStore(useProgram().session.link, (link) => link.is === 'lost');
  const { say } = useWords();
  return lost ? (
    <p className={styles.lost} role="alert">
      {say('frame.engineLost')}
    </p>
  ) : null;
}

/** A command without a dialog of its own was refused: said once, above the tray. */
function Refused() {
  const { ui } = useProgram();
  const refused = useUi((now) => now.refused);
  const { say } = useWords();
  if (!refused) return null;
  return (
    <div className={styles.refused}>
      <div>
        <strong>{refused.about}</strong>
        <ProblemView problem={refused.problem} />
      </div>
      <Button kind="quiet" icon="close" label={say('common.dismiss')} onPress={() => ui.setState({ refused: null })} />
    </div>
  );
}

function useShortcuts(program: Program): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (program.drags.store.getState().drag.is === 'carried') return;
      const action = appActions.find((one) => one.keys && isShortcut(event, one.keys));
      if (!action) return;
      event.preventDefault();
      action.run(program);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [program]);
}
