import { show, type View } from '../state/ui.ts';
import type { IconName } from '../ui/Icon.tsx';
import type { AppAction } from './action.ts';

const goTo = (view: View, keys: string): AppAction => ({
  of: 'app',
  id: `frame.${view}`,
  label: `frame.${view}`,
  icon: view satisfies IconName,
  keys,
  run: (program) => program.ui.setState({ view }),
});

/** Every command that is about no guest and no host. */
export const appActions: readonly AppAction[] = [
  goTo('rack', 'mod+1'),
  goTo('guests', 'mod+2'),
  goTo('plans', 'mod+3'),
  goTo('history', 'mod+4'),
  goTo('doctor', 'mod+5'),
  goTo('settings', 'mod+,'),
  { of: 'app', id: 'palette', label: 'frame.search', icon: 'search', keys: 'mod+k', run: (program) => show(program.ui, { is: 'palette' }) },
  {
    of: 'app',
    id: 'board.open',
    label: 'board.title',
    icon: 'rack',
    run: (program) => program.ui.setState({ view: 'plans', plan: { is: 'board' } }),
  },
  { of: 'app', id: 'host.add', label: 'host.add', icon: 'plus', run: (program) => show(program.ui, { is: 'addHost' }) },
  {
    of: 'app',
    id: 'host.newGuest',
    label: 'host.newGuest',
    icon: 'plus',
    run: (program) => show(program.ui, { is: 'createGuest', hostId: null }),
  },
];
