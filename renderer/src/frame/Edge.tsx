import { useProgram, useUi } from '../state/program.ts';
import type { View } from '../state/ui.ts';
import { Icon } from '../ui/Icon.tsx';
import { useWords } from '../words/speak.tsx';
import styles from './Edge.module.css';

const views: readonly View[] = ['rack', 'guests', 'plans', 'history', 'doctor', 'settings'];

/** The left edge: the screens. */
export function Edge() {
  const { ui } = useProgram();
  const view = useUi((now) => now.view);
  const { say } = useWords();
  return (
    <nav className={styles.edge} aria-label={say('frame.nav')}>
      {views.map((one) => (
        <button
          key={one}
          type="button"
          className={styles.screen}
          aria-current={one === view ? 'page' : undefined}
          onClick={() => ui.setState({ view: one })}
        >
          <Icon name={one} size={20} />
          <span>{say(`frame.${one}`)}</span>
        </button>
      ))}
    </nav>
  );
}
