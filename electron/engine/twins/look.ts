import type { Guest } from '../../contract/guest.ts';
import { problemOf } from '../../contract/problem.ts';
import type { NetworkFlavour } from '../../contract/twin.ts';
import { type Answer, readAnswer } from '../remote/answer.ts';
import text from '../remote/programs/twin-look.sh?raw';
import type { Program, Remote } from '../remote/remote.ts';
import { unreadable } from '../remote/said.ts';
import type { ConfigValue } from '../xen/configText.ts';
import { readGuestConfig } from '../xen/guestConfig.ts';
import { type Policies, readPolicies } from './policy.ts';

export const lookProgram: Program = { name: 'twin-look', text };

/** An interface of a host, and whether a bridge could have it as its port. */
export interface Nic {
  name: string;
  fit: 'free' | 'address' | 'member' | 'below';
}

/** What the examination doesn't tell of a host as a partner. */
export interface TwinLook {
  /** null: can't be told. */
  policies: Policies | null;
  /** null: no folder of keymaps was found. */
  keymaps: string[] | null;
  /** Keymaps that configs of this host's guests name. */
  wanted: { guest: string; keymap: string }[];
  network: NetworkFlavour;
  /** Suffix of files in /etc/network/interfaces.d that are read; null: none are. */
  sourced: string | null;
  nics: Nic[];
  /** The folders that were asked for, as they are here. */
  folders: Map<string, 'folder' | 'other' | 'missing'>;
}

/** Looks at a host. `folders`: those the other's guests use; `guests`: its own. Problems: `output.unreadable`, and those of Remote. */
export async function lookAtTwin(remote: Remote, folders: readonly string[], guests: readonly Guest[]): Promise<TwinLook> {
  const configs = guests.flatMap((one) => (one.config ? [{ file: one.config.file, guest: one.name }] : []));
  const args = [String(folders.length), ...folders, ...configs.map((one) => one.file)];
  const ran = await remote.program(lookProgram, args);
  return readLook(ran.stdout, folders, configs);
}

const flavours: readonly string[] = ['ifupdown', 'networkd', 'networkManager', 'netplan', 'wicked', 'unknown'] satisfies NetworkFlavour[];
const isFlavour = (word: string | undefined): word is NetworkFlavour => word !== undefined && flavours.includes(word);

/** Reads what `twin-look` said. Pure. Problem: `output.unreadable`. */
export function readLook(stdout: string, folders: readonly string[], configs: readonly { file: string; guest: string }[]): TwinLook {
  const answer = readAnswer('twin-look', stdout);
  const [network] = answer.lines('network');
  if (!isFlavour(network)) throw unreadable('twin-look', `network ${network}`);
  const policy = answer.block('policy');
  return {
    policies: policy ? readPolicies(policy.text) : null,
    keymaps: answer.has('keymaps') ? [...new Set(answer.lines('keymap'))].sort() : null,
    wanted: configs.flatMap(({ file, guest }, at) => {
      const config = answer.block(`config-${folders.length + at + 1}`);
      return config ? keymapsOf(config.text, file).map((keymap) => ({ guest, keymap })) : [];
    }),
    network,
    sourced: answer.lines('sourced')[0] ?? null,
    nics: answer.lines('nic').map(readNicLine),
    folders: readFolders(answer, folders),
  };
}

function readFolders(answer: Answer, folders: readonly string[]): TwinLook['folders'] {
  const found: TwinLook['folders'] = new Map();
  for (const line of answer.lines('at')) {
    const [, nth, what] = /^(\d+) (folder|other|missing)$/.exec(line) ?? [];
    const path = folders[Number(nth) - 1];
    if (path === undefined || (what !== 'folder' && what !== 'other' && what !== 'missing')) throw unreadable('twin-look', line);
    found.set(path, what);
  }
  return found;
}

function readNicLine(line: string): Nic {
  const [, fit, name = ''] = /^(free|address|member|below) (\S+)$/.exec(line) ?? [];
  if (fit !== 'free' && fit !== 'address' && fit !== 'member' && fit !== 'below') throw unreadable('twin-look', line);
  return { name, fit };
}

/** `keymap = "ja"`, and in PV's `vfb = [ "vnc=1,keymap=ja" ]`. A config that can't be read is told of elsewhere. */
function keymapsOf(config: string, file: string): string[] {
  const textsOf = (value: ConfigValue | undefined): string[] => {
    if (!value) return [];
    return value.is === 'list' ? value.items.flatMap(textsOf) : [value.text];
  };
  try {
    const { values } = readGuestConfig(config, file);
    const ofScreens = textsOf(values.get('vfb')).flatMap((screen) =>
      screen.split(',').map((one) => /^\s*keymap\s*=\s*(\S+)\s*$/.exec(one)?.[1] ?? ''),
    );
    return [...new Set([...textsOf(values.get('keymap')), ...ofScreens])].filter((one) => one !== '');
  } catch (thrown) {
    if (problemOf(thrown).code === 'config.unreadable') return [];
    throw thrown;
  }
}
