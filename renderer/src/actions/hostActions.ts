import * as rules from '../../../electron/contract/rules.ts';
import { show } from '../state/ui.ts';
import { ask, type HostAction, yes } from './action.ts';

/** Every command on a host, in the order of menus. */
export const hostActions: readonly HostAction[] = [
  {
    of: 'host',
    id: 'host.newGuest',
    label: 'host.newGuest',
    icon: 'plus',
    fits: () => true,
    may: rules.mayChangeHost,
    run: (program, host) => show(program.ui, { is: 'createGuest', hostId: host.id }),
  },
  {
    of: 'host',
    id: 'host.empty',
    label: 'host.empty',
    icon: 'plans',
    fits: () => true,
    may: rules.mayChangeHost,
    run: (program, host) => show(program.ui, { is: 'emptyHost', hostId: host.id }),
  },
  {
    of: 'host',
    id: 'host.connect',
    label: 'host.connect',
    icon: 'link',
    fits: (host) => host.link.is === 'closed' || host.link.is === 'lost',
    may: () => yes,
    run: (program, host) => {
      if (host.link.is === 'lost' && host.link.problem.code === 'hostKey.changed')
        show(program.ui, { is: 'hostKeyChanged', hostId: host.id });
      else ask(program, 'host.connect', { hostId: host.id }, host.label);
    },
  },
  {
    of: 'host',
    id: 'host.disconnect',
    label: 'host.disconnect',
    icon: 'close',
    fits: (host) => host.link.is !== 'closed',
    may: () => yes,
    run: (program, host) => ask(program, 'host.disconnect', { hostId: host.id }, host.label),
  },
  {
    of: 'host',
    id: 'host.examine',
    label: 'host.examine',
    icon: 'search',
    fits: (host) => host.link.is === 'open',
    may: () => yes,
    run: (program, host) => ask(program, 'host.examine', { hostId: host.id }, host.label),
  },
  {
    of: 'host',
    id: 'host.compare',
    label: 'host.compare',
    icon: 'compare',
    fits: (host) => host.link.is === 'open',
    may: () => yes,
    run: (program, host) => show(program.ui, { is: 'compare', hostId: host.id, otherHostId: null }),
  },
  {
    of: 'host',
    id: 'host.doctor',
    label: 'doctor.open',
    icon: 'doctor',
    fits: (host) => host.link.is === 'open',
    may: () => yes,
    run: (program) => program.ui.setState({ view: 'doctor' }),
  },
  {
    of: 'host',
    id: 'host.trash',
    label: 'host.trash',
    icon: 'trash',
    fits: (host) => host.link.is === 'open',
    may: rules.mayChangeHost,
    run: (program, host) => show(program.ui, { is: 'trash', hostId: host.id }),
  },
  {
    of: 'host',
    id: 'host.edit',
    label: 'host.edit',
    icon: 'edit',
    fits: () => true,
    may: () => yes,
    run: (program, host) => show(program.ui, { is: 'editHost', hostId: host.id }),
  },
  {
    of: 'host',
    id: 'host.remove',
    label: 'host.remove',
    icon: 'close',
    danger: true,
    fits: () => true,
    may: () => yes,
    run: (program, host) => show(program.ui, { is: 'removeHost', hostId: host.id }),
  },
];
