import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import type { Guest, GuestKey } from '../../../../electron/contract/guest.ts';
import { guestEntries, standings } from '../../actions/entries.ts';
import { useHost, useProgram, useUi } from '../../state/program.ts';
import type { InspectorTab } from '../../state/ui.ts';
import { Button } from '../../ui/Button.tsx';
import { Lamp } from '../../ui/Lamp.tsx';
import { MenuButton } from '../../ui/Menu.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import { ConsoleTab } from '../console/ConsoleTab.tsx';
import { useSubjects } from '../guests/useSubjects.ts';
import { ConfigTab } from './ConfigTab.tsx';
import { DisksTab, NetworkTab } from './DevicesTabs.tsx';
import { GuestOverview } from './GuestOverview.tsx';
import { HistoryTab } from './HistoryTab.tsx';
import styles from './Inspector.module.css';

const tabs: readonly InspectorTab[] = ['overview', 'console', 'disks', 'network', 'history', 'config'];

/** A guest: what can be done to it, and everything that is known of it. `first`: its key when it was chosen; its console stays open over moves. */
export function GuestInspector({ guest, first }: { guest: Guest; first: GuestKey }) {
  const { ui } = useProgram();
  const tab = useUi((now) => now.tab);
  const { say } = useWords();
  return (
    <>
      <Head guest={guest} />
      <Tabs
        className={styles.tabs ?? ''}
        selectedKey={tab}
        onSelectionChange={(to) => ui.setState({ tab: tabs.find((one) => one === to) ?? 'overview' })}
      >
        <TabList className={styles.list ?? ''} aria-label={say('inspect.tabs')}>
          {tabs.map((one) => (
            <Tab key={one} id={one} className={styles.tab ?? ''}>
              {say(`inspect.${one}`)}
            </Tab>
          ))}
        </TabList>
        {tabs.map((one) => (
          <TabPanel key={one} id={one} className={`${styles.panel} ${one === 'console' ? styles.flush : ''}`}>
            <Content tab={one} guest={guest} first={first} />
          </TabPanel>
        ))}
      </Tabs>
    </>
  );
}

function Content({ tab, guest, first }: { tab: InspectorTab; guest: Guest; first: GuestKey }) {
  switch (tab) {
    case 'overview':
      return <GuestOverview guest={guest} />;
    case 'console':
      return <ConsoleTab key={first} guestKey={guest.key} />;
    case 'disks':
      return <DisksTab guest={guest} />;
    case 'network':
      return <NetworkTab guest={guest} />;
    case 'history':
      return <HistoryTab key={guest.key} guest={guest} />;
    case 'config':
      return <ConfigTab key={guest.key} guest={guest} />;
  }
}

/** What is wanted most has a button; the menu has everything. */
const atHand = new Set(['guest.start', 'guest.resume', 'guest.shutdown', 'guest.reboot', 'guest.pause', 'guest.move']);

function Head({ guest }: { guest: Guest }) {
  const program = useProgram();
  const words = useWords();
  const { say } = words;
  const tell = useTellShort();
  const host = useHost(guest.hostId);
  const subjects = useSubjects([guest.key]);
  const front = standings(subjects).filter(({ action }) => atHand.has(action.id));
  return (
    <header className={styles.head}>
      <h2 className={styles.title}>
        <Lamp shape={guest.leftover ? 'alarm' : guest.state} />
        {guest.name}
      </h2>
      <p className={styles.sub}>
        <span>{say(`state.${guest.leftover ?? guest.state}`)}</span>
        <span>{host?.label}</span>
        {guest.type && <span>{say(`type.${guest.type}`)}</span>}
        {guest.needsRestart.length > 0 && <span>{say('state.needsRestart')}</span>}
      </p>
      <div className={styles.actions}>
        {front.map(({ action, because }) => (
          <Button
            key={action.id}
            size="small"
            icon={action.icon}
            refusal={because ? tell(because) : null}
            onPress={() => action.run(program, subjects)}
          >
            {say(action.label)}
          </Button>
        ))}
        <MenuButton label={say('guest.commands', { name: guest.name })} entries={guestEntries(program, subjects, words, tell)}>
          <Button size="small" icon="more" label={say('common.more')} />
        </MenuButton>
      </div>
    </header>
  );
}
