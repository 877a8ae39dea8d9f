import type { Host, HostId } from '../../contract/host.ts';
import { fail, type Problem, problem } from '../../contract/problem.ts';
import { type EntityFeed, feedOf } from '../feedOf.ts';
import type { Limits } from '../limits.ts';
import type { OpenHost } from '../parts.ts';
import type { SettingsStore } from '../store/settings.ts';
import type { World } from '../world.ts';
import { createConnecting } from './connecting.ts';
import { createKeyring, type Keyring } from './keyring.ts';
import { createPrompts, type Prompts } from './prompts.ts';
import type { ReachStart } from './reach.ts';
import { createRuntime, type HostRuntime, type Joined } from './runtime.ts';
import { openSavedHosts, type SavedHost, type Target } from './saved.ts';

/** What the saved hosts need of the rest. */
export interface HostsParts {
  world: World;
  limits: Limits;
  settings: Pick<SettingsStore, 'now'>;
}

/** The saved hosts, each as it lives: who is there, how they are reached, what is written down. */
export interface Roster {
  readonly keyring: Keyring;
  readonly prompts: Prompts;
  readonly feed: EntityFeed<Host>;
  readonly runtimes: Map<HostId, HostRuntime>;
  /** Who wants to know of open links. */
  readonly openers: Set<(host: OpenHost) => () => void>;
  all(): Host[];
  /** Problem: `host.unknown`. */
  find(id: HostId): HostRuntime;
  /** Another saved host whose machine shows this key: `host.duplicate`. */
  twinOf(own: HostId | null, fingerprint: string): Problem | null;
  connectTo(target: Target & { id: HostId | null }, how: Pick<ReachStart, 'secrets' | 'secret' | 'accept' | 'signal'>): Promise<Joined>;
  /** Gives a saved host its life; it is not opened yet. */
  begin(saved: SavedHost): HostRuntime;
  /** Writes hosts.json. */
  save(): Promise<void>;
}

/** Reads hosts.json and gives each host in it its life. */
export async function createRoster(parts: HostsParts): Promise<Roster> {
  const { world, limits } = parts;
  const file = await openSavedHosts(world);
  const keyring = createKeyring(world.secrets);
  const prompts = createPrompts(world.random);
  const runtimes: Roster['runtimes'] = new Map();
  const openers: Roster['openers'] = new Set();
  const all = () => [...runtimes.values()].map((one) => one.host());
  const feed = feedOf<Host>((host) => host.id, all);
  const save = () => file.write([...runtimes.values()].map((one) => one.saved));
  const twinOf: Roster['twinOf'] = (own, fingerprint) => {
    for (const { saved } of runtimes.values()) {
      const same = saved.id !== own && saved.hostKeys.includes(fingerprint);
      if (same) return problem('host.duplicate', { hostId: saved.id, label: saved.label });
    }
    return null;
  };
  const { connectTo, connectSaved } = createConnecting({ ...parts, keyring, prompts, twinOf });
  const begin = (saved: SavedHost): HostRuntime => {
    const runtime = createRuntime({
      world,
      limits,
      saved,
      openers,
      connect: connectSaved,
      changed: (one) => {
        if (runtimes.has(one.saved.id)) feed.put(one.host());
      },
      examined(one, { hostKeys }) {
        if (hostKeys.length === 0 || hostKeys.join() === one.saved.hostKeys.join() || !runtimes.has(one.saved.id)) return;
        one.saved = { ...one.saved, hostKeys };
        save().catch((thrown: unknown) => world.log('error', 'hosts.unwritable', { why: String(thrown) }));
      },
    });
    runtimes.set(saved.id, runtime);
    return runtime;
  };
  for (const saved of file.stored ?? []) begin(saved);
  const find = (id: HostId): HostRuntime => runtimes.get(id) ?? fail('host.unknown', { hostId: id });
  return { keyring, prompts, feed, runtimes, openers, all, find, twinOf, connectTo, begin, save };
}
