import { useEffect, useState } from 'react';
import { useProgram } from '../../state/program.ts';
import { useWords } from '../../words/speak.tsx';
import styles from './CreateGuest.module.css';
import { configLines, keysOf, type StepName } from './steps.ts';
import { specOf, type Values } from './values.ts';

/** While one types, the engine isn't asked for every letter. */
const PAUSE_MS = 250;

/** The help pane: what this step means, the config lines that come of it, and what happens if one stops now. */
export function HelpPane({ step, values }: { step: StepName; values: Values }) {
  const { say } = useWords();
  const text = usePreview(values);
  const lines = text === null ? '' : configLines(text, keysOf[step]);
  return (
    <aside className={styles.help} aria-label={say('create.help')}>
      <h3>{say(`create.step.${step}`)}</h3>
      <p>{say(`create.help.${step}`)}</p>
      {lines !== '' && (
        <>
          <h4>{say('create.lines', { file: `/etc/xen/${values.name}.cfg` })}</h4>
          <pre className={styles.lines}>{lines}</pre>
        </>
      )}
      <h4>{say('create.ifStopped')}</h4>
      <p>{step === 'making' ? say('create.stopMaking') : say('create.stopBefore')}</p>
    </aside>
  );
}

/** The config as the engine would write it; the last good one while a new one is asked for. */
function usePreview(values: Values): string | null {
  const { session } = useProgram();
  const [text, setText] = useState<string | null>(null);
  const { hostId } = values;
  const spec = JSON.stringify(specOf(values));
  useEffect(() => {
    if (hostId === null) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      session.call('creation.preview', { hostId, spec: JSON.parse(spec) }, stop.signal).then(
        (said) => {
          if (!stop.signal.aborted) setText(said.text);
        },
        () => {}, // half-typed values: the page itself says what is missing
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [session, hostId, spec]);
  return text;
}
