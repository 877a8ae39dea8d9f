import type { CallName } from '../../../electron/contract/api.ts';
import { problem, type Verdict } from '../../../electron/contract/problem.ts';
import * as rules from '../../../electron/contract/rules.ts';
import type { Program } from '../state/program.ts';
import { choose, show } from '../state/ui.ts';
import { ask, type GuestAction, type GuestSubject, yes } from './action.ts';
import { askGuarded } from './guarded.ts';

type PlainCall = Extract<CallName, 'guest.pause' | 'guest.resume' | 'guest.giveUuid'>;

const each = (name: PlainCall) => (program: Program, subjects: readonly GuestSubject[]) => {
  for (const { guest } of subjects) ask(program, name, { hostId: guest.hostId, guestId: guest.guestId }, guest.name);
};
const keysOf = (subjects: readonly GuestSubject[]) => subjects.map((one) => one.guest.key);
const runs = (one: GuestSubject) => one.guest.state === 'running' || one.guest.state === 'blocked';

/** Whether it may leave at all; whether it may arrive, the sheet asks for each host. */
function mayLeave({ guest, host }: GuestSubject): Verdict {
  if (guest.doing) return { may: false, because: problem('guest.busy', { name: guest.name, taskId: guest.doing.taskId }) };
  if (guest.leftover) return { may: false, because: problem('guest.leftover', { name: guest.name }) };
  return rules.mayChangeHost(host);
}

/** Every command on a guest, in the order of menus. */
export const guestActions: readonly GuestAction[] = [
  {
    of: 'guest',
    id: 'guest.start',
    label: 'guest.start',
    icon: 'start',
    many: true,
    fits: (one) => one.guest.state === 'halted',
    may: (one) => rules.mayStart(one.guest, one.host),
    run: (program, subjects) => {
      for (const { guest } of subjects) {
        askGuarded(program, { name: 'guest.start', input: { hostId: guest.hostId, guestId: guest.guestId } }, guest.name);
      }
    },
  },
  {
    of: 'guest',
    id: 'guest.resume',
    label: 'guest.resume',
    icon: 'resume',
    many: true,
    fits: (one) => one.guest.state === 'paused',
    may: (one) => rules.mayResume(one.guest, one.host),
    run: each('guest.resume'),
  },
  {
    of: 'guest',
    id: 'guest.shutdown',
    label: 'guest.shutdown',
    icon: 'shutdown',
    many: true,
    fits: runs,
    may: (one) => rules.mayShutdown(one.guest, one.host),
    run: (program, subjects) => show(program.ui, { is: 'shutdown', keys: keysOf(subjects), reboot: false }),
  },
  {
    of: 'guest',
    id: 'guest.reboot',
    label: 'guest.reboot',
    icon: 'reboot',
    many: true,
    fits: runs,
    may: (one) => rules.mayReboot(one.guest, one.host),
    run: (program, subjects) => show(program.ui, { is: 'shutdown', keys: keysOf(subjects), reboot: true }),
  },
  {
    of: 'guest',
    id: 'guest.pause',
    label: 'guest.pause',
    icon: 'pause',
    many: true,
    fits: runs,
    may: (one) => rules.mayPause(one.guest, one.host),
    run: each('guest.pause'),
  },
  {
    of: 'guest',
    id: 'guest.move',
    label: 'guest.move',
    icon: 'move',
    keys: 'm',
    many: true,
    fits: () => true,
    may: mayLeave,
    run: (program, subjects) => show(program.ui, { is: 'move', keys: keysOf(subjects), targetHostId: null }),
  },
  {
    of: 'guest',
    id: 'guest.console',
    label: 'guest.console',
    icon: 'console',
    keys: 'c',
    many: false,
    fits: (one) => one.guest.state !== 'halted',
    may: (one) => {
      const serial = rules.mayOpenConsole(one.guest, one.host, 'serial');
      return serial.may ? serial : rules.mayOpenConsole(one.guest, one.host, 'vnc');
    },
    run: (program, subjects) => {
      const [first] = subjects;
      if (first) choose(program.ui, { is: 'guest', key: first.guest.key }, 'console');
    },
  },
  {
    of: 'guest',
    id: 'guest.openConfig',
    label: 'guest.openConfig',
    icon: 'config',
    many: false,
    fits: (one) => one.guest.config !== null,
    may: () => yes,
    run: (program, subjects) => {
      const [first] = subjects;
      if (first) choose(program.ui, { is: 'guest', key: first.guest.key }, 'config');
    },
  },
  autostart(true),
  autostart(false),
  {
    of: 'guest',
    id: 'guest.giveUuid',
    label: 'guest.giveUuid',
    icon: 'key',
    many: true,
    fits: (one) => one.guest.config?.hasUuid === false,
    may: (one) => rules.mayChangeHost(one.host),
    run: each('guest.giveUuid'),
  },
  {
    of: 'guest',
    id: 'guest.forceOff',
    label: 'guest.forceOff',
    icon: 'force',
    many: true,
    danger: true,
    fits: (one) => one.guest.state !== 'halted',
    may: (one) => rules.mayForceOff(one.guest, one.host),
    run: (program, subjects) => show(program.ui, { is: 'forceOff', keys: keysOf(subjects) }),
  },
  {
    of: 'guest',
    id: 'guest.remove',
    label: 'guest.remove',
    icon: 'trash',
    many: false,
    danger: true,
    fits: (one) => one.guest.state === 'halted',
    may: (one) => rules.mayRemove(one.guest, one.host),
    run: (program, subjects) => {
      const [first] = subjects;
      if (first) show(program.ui, { is: 'remove', key: first.guest.key });
    },
  },
];

function autostart(on: boolean): GuestAction {
  return {
    of: 'guest',
    id: on ? 'guest.autostartOn' : 'guest.autostartOff',
    label: on ? 'guest.autostartOn' : 'guest.autostartOff',
    icon: 'link',
    many: true,
    fits: (one) => one.guest.config !== null && one.guest.config.autostart !== on,
    may: (one) => rules.mayChangeHost(one.host),
    run: (program, subjects) => {
      for (const { guest } of subjects) {
        ask(program, 'guest.setAutostart', { hostId: guest.hostId, guestId: guest.guestId, autostart: on }, guest.name);
      }
    },
  };
}
