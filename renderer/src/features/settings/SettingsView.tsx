import { useState } from 'react';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import { shortcutText } from '../../actions/keys.ts';
import { useProgram } from '../../state/program.ts';
import { Check, Choice } from '../../ui/Field.tsx';
import { ProblemView } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './SettingsView.module.css';

/** The operator's own settings. Each takes effect at once. */
export function SettingsView() {
  const program = useProgram();
  const { settings, info } = program;
  const { say } = useWords();
  const [refused, setRefused] = useState<Problem | null>(null);
  const change: typeof program.changeSettings = (what) =>
    program.changeSettings(what).then(
      () => setRefused(null),
      (thrown: unknown) => setRefused(problemOf(thrown)),
    );
  return (
    <div className={styles.settings}>
      {refused && <ProblemView problem={refused} />}
      <Choice
        label={say('settings.language')}
        value={settings.language}
        onChange={(language) => void change({ language })}
        options={[
          { value: 'system', label: say('settings.languageSystem') },
          { value: 'ja', label: '日本語' },
          { value: 'en', label: 'English' },
        ]}
      />
      <Choice
        label={say('settings.theme')}
        value={settings.theme}
        onChange={(theme) => void change({ theme })}
        options={[
          { value: 'system', label: say('settings.themeSystem') },
          { value: 'light', label: say('settings.themeLight') },
          { value: 'dark', label: say('settings.themeDark') },
        ]}
      />
      <section>
        <h2 className={styles.head}>{say('settings.secrets')}</h2>
        <p>{say(secretsWord[info.secrets])}</p>
        {info.secrets === 'unsafe' && (
          <Check value={settings.insistOnUnsafeStore} onChange={(insistOnUnsafeStore) => void change({ insistOnUnsafeStore })}>
            {say('settings.insist')}
          </Check>
        )}
      </section>
      <section>
        <h2 className={styles.head}>{say('settings.keys')}</h2>
        <dl className={styles.keys}>
          <dt>
            <kbd>{shortcutText('mod+k')}</kbd>
          </dt>
          <dd>{say('settings.keyPalette')}</dd>
          <dt>
            <kbd>{say('keys.space')}</kbd>
          </dt>
          <dd>{say('settings.keyLift')}</dd>
          <dt>
            <kbd>X</kbd>
          </dt>
          <dd>{say('settings.keySelect')}</dd>
          <dt>
            <kbd>Enter</kbd>
          </dt>
          <dd>{say('settings.keyOpen')}</dd>
          <dt>
            <kbd>{say('keys.shiftF10')}</kbd>
          </dt>
          <dd>{say('settings.keyMenu')}</dd>
        </dl>
      </section>
      <section>
        <h2 className={styles.head}>{say('settings.about')}</h2>
        <p>XenFerry · {say('settings.version', { version: info.version })}</p>
      </section>
    </div>
  );
}

const secretsWord = { system: 'settings.secretsSystem', memory: 'settings.secretsMemory', unsafe: 'settings.secretsUnsafe' } as const;
