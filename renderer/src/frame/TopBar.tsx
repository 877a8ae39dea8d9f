import { Input, SearchField } from 'react-aria-components';
import { useStore } from 'zustand';
import { shortcutText } from '../actions/keys.ts';
import { useProgram, useUi } from '../state/program.ts';
import { show } from '../state/ui.ts';
import { Button } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { useWords } from '../words/speak.tsx';
import styles from './TopBar.module.css';

/** The top of the window: where one is, filter, search-and-do, and the two things one adds. */
export function TopBar() {
  const { ui, info, mirror } = useProgram();
  const view = useUi((now) => now.view);
  const filter = useUi((now) => now.filter);
  const empty = useStore(mirror.hosts, (all) => all.byId.size === 0);
  const { say } = useWords();
  return (
    <header className={styles.bar}>
      <h1 className={styles.title}>{say(`frame.${view}`)}</h1>
      {info.demo && <span className={styles.demo}>{say('frame.demo')}</span>}
      {!empty && (view === 'rack' || view === 'guests') && (
        <SearchField
          aria-label={say('frame.filter')}
          className={styles.filter ?? ''}
          value={filter}
          onChange={(text) => ui.setState({ filter: text })}
        >
          <Input placeholder={say('frame.filter')} className={styles.input ?? ''} />
        </SearchField>
      )}
      <span className={styles.gap} />
      <button type="button" className={styles.search} onClick={() => show(ui, { is: 'palette' })}>
        <Icon name="search" size={14} />
        <span>{say('frame.search')}</span>
        <kbd>{shortcutText('mod+k')}</kbd>
      </button>
      <Button icon="plus" onPress={() => show(ui, { is: 'addHost' })}>
        {say('host.add')}
      </Button>
      {!empty && (
        <Button icon="plus" kind="main" onPress={() => show(ui, { is: 'createGuest', hostId: null })}>
          {say('host.newGuest')}
        </Button>
      )}
    </header>
  );
}
