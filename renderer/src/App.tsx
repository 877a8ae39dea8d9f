import { useEffect, useMemo, useState } from 'react';
import type { AppInfo, Settings } from '../../electron/contract/app.ts';
import type { Session } from './engine/session.ts';
import { Window } from './frame/Window.tsx';
import { createDrags } from './state/dragStore.ts';
import { followChosen } from './state/followChosen.ts';
import { createMirror } from './state/mirror.ts';
import { type Program, ProgramContext } from './state/program.ts';
import { createSpares } from './state/spares.ts';
import { createUi } from './state/ui.ts';
import { Speaking } from './words/speak.tsx';
import { languageOf } from './words/words.ts';

/** The page: the program over one session. */
export function App({ session }: { session: Session }) {
  const [known, setKnown] = useState<{ info: AppInfo; settings: Settings } | null>(null);
  const parts = useMemo(() => {
    const mirror = createMirror(session);
    const ui = createUi();
    followChosen(mirror, ui);
    return { session, mirror, spares: createSpares(mirror), ui, drags: createDrags() };
  }, [session]);
  useEffect(() => {
    let here = true;
    const read = async () => {
      const [info, settings] = await Promise.all([session.call('app.info', {}), session.call('settings.read', {})]);
      if (here) setKnown({ info, settings });
    };
    // Not told now: asked again when the port opens.
    const undo = session.link.subscribe((link) => {
      if (link.is === 'open') read().catch(() => {});
    });
    read().catch(() => {});
    return () => {
      here = false;
      undo();
    };
  }, [session]);
  useSeen(session);
  const theme = known?.settings.theme ?? 'system';
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  const program = useMemo<Program | null>(
    () =>
      known && {
        ...parts,
        ...known,
        async changeSettings(change) {
          const settings = await session.call('settings.write', { ...known.settings, ...change });
          setKnown((was) => was && { ...was, settings });
        },
      },
    [parts, known, session],
  );
  if (!program) return null;
  return (
    <Speaking language={languageOf(program.settings.language, navigator.languages)}>
      <ProgramContext value={program}>
        <Window />
      </ProgramContext>
    </Speaking>
  );
}

/** Figures slow down while nobody looks. */
function useSeen(session: Session): void {
  useEffect(() => {
    const tell = () => {
      session.call('app.visible', { visible: document.visibilityState === 'visible' }).catch(() => {});
    };
    document.addEventListener('visibilitychange', tell);
    tell();
    return () => document.removeEventListener('visibilitychange', tell);
  }, [session]);
}
