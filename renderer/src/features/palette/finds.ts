import type { Problem } from '../../../../electron/contract/problem.ts';
import { appActions } from '../../actions/appActions.ts';
import { guestEntries, hostEntries } from '../../actions/entries.ts';
import { hostsInOrder, type Program } from '../../state/program.ts';
import { choose } from '../../state/ui.ts';
import type { IconName } from '../../ui/Icon.tsx';
import type { Words } from '../../words/speak.tsx';

/** Something that search-and-do can find. */
export interface Find {
  id: string;
  label: string;
  about: string;
  icon: IconName;
  refusal: string | null;
  run: () => void;
}

/** Everything there is to find now: guests, hosts, then the commands on what is chosen and of the program, then all others. */
export function finds(program: Program, words: Words, tell: (problem: Problem) => string): Find[] {
  const hosts = program.mirror.hosts.getState();
  const { chosen } = program.ui.getState();
  const found: Find[] = [];
  const commands: Find[] = [];
  for (const action of appActions) {
    if (action.id !== 'palette') {
      found.push({
        id: action.id,
        label: words.say(action.label),
        about: '',
        icon: action.icon,
        refusal: null,
        run: () => action.run(program),
      });
    }
  }
  for (const host of hostsInOrder(hosts)) {
    const open = () => {
      program.ui.setState({ view: 'rack' });
      choose(program.ui, { is: 'host', id: host.id });
    };
    found.push({ id: host.id, label: host.label, about: host.address, icon: 'rack', refusal: null, run: open });
    for (const entry of hostEntries(program, host, words, tell)) {
      if (entry) commands.push({ ...plain(entry), id: `${host.id} ${entry.id}`, label: `${host.label}: ${entry.label}`, about: '' });
    }
  }
  for (const guest of program.mirror.guests.getState().byId.values()) {
    const host = hosts.byId.get(guest.hostId);
    if (!host) continue;
    const open = () => choose(program.ui, { is: 'guest', key: guest.key }, 'overview');
    const about = `${words.say(`state.${guest.state}`)} · ${host.label}`;
    found.push({ id: guest.key, label: guest.name, about, icon: 'guests', refusal: null, run: open });
    const into = chosen?.is === 'guest' && chosen.key === guest.key ? found : commands;
    for (const entry of guestEntries(program, [{ guest, host }], words, tell)) {
      if (entry) into.push({ ...plain(entry), id: `${guest.key} ${entry.id}`, label: `${guest.name}: ${entry.label}`, about: host.label });
    }
  }
  return [...found, ...commands];
}

const plain = (entry: { icon?: IconName; refusal?: string | null; run: () => void }) => ({
  icon: entry.icon ?? 'config',
  refusal: entry.refusal ?? null,
  run: entry.run,
});

/** Whether every word typed is somewhere in it. */
export function matches(find: Find, text: string): boolean {
  const hay = `${find.label} ${find.about}`.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => hay.includes(word));
}
