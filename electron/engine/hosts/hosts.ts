import pLimit from 'p-limit';
import { fail, ProblemError } from '../../contract/problem.ts';
import type { Hosts } from '../parts.ts';
import { addHost, editHost, removeHost, trustHostKey } from './editing.ts';
import { jobLookers } from './jobLookers.ts';
import { createRoster, type HostsParts, type Roster } from './roster.ts';
import { readSuggestions } from './suggestions.ts';
import { onWakeUp } from './wakeUp.ts';

/** Handshakes at a time when the program starts with many hosts. */
const AT_ONCE = 24;

/** Saved hosts and their links: each one SSH connection, kept open, examined, and told of. */
export async function createHosts(parts: HostsParts): Promise<Hosts> {
  const roster = await createRoster(parts);
  const { runtimes, openers, find, feed, prompts } = roster;
  const turn = pLimit(AT_ONCE);
  for (const runtime of runtimes.values()) void turn(() => runtime.link.open());
  const stopWaking = onWakeUp(parts.world.clock, () => {
    for (const runtime of runtimes.values()) runtime.wake();
  });
  const onOpen: Hosts['onOpen'] = (opened) => {
    openers.add(opened);
    for (const runtime of runtimes.values()) runtime.addOpener(opened);
    return () => {
      openers.delete(opened);
      for (const runtime of runtimes.values()) runtime.dropOpener(opened);
    };
  };
  return {
    handlers: handlersOf(roster, parts),
    all: roster.all,
    get: (id) => find(id).host(),
    remote(id) {
      const runtime = find(id);
      const found = runtime.remote();
      if ('remote' in found) return found.remote;
      if (found.why) throw new ProblemError(found.why);
      return fail('host.notOpen', { label: runtime.saved.label });
    },
    onOpen,
    ...jobLookers(onOpen, parts.world.clock),
    onChange: feed.onChange,
    learn: (id, what) => runtimes.get(id)?.learn(what),
    close() {
      stopWaking();
      prompts.close();
      for (const runtime of runtimes.values()) runtime.link.close();
    },
  };
}

function handlersOf(roster: Roster, parts: HostsParts): Hosts['handlers'] {
  const { find, feed, prompts } = roster;
  return {
    ...prompts.handlers,
    'host.watch': (_input, say) => feed.watch(say),
    'host.add': async ({ host, accept }, signal) => ({ hostId: await addHost(roster, parts, { input: host, accept, signal }) }),
    'host.edit': async ({ hostId, host, accept }, signal) => {
      await editHost(roster, parts, hostId, { input: host, accept, signal });
      return { hostId };
    },
    'host.remove': async ({ hostId }) => {
      await removeHost(roster, hostId);
      return null;
    },
    'host.connect': async ({ hostId }) => {
      await find(hostId).link.open();
      return null;
    },
    'host.disconnect': async ({ hostId }) => {
      find(hostId).link.close();
      return null;
    },
    'host.examine': async ({ hostId }) => {
      await find(hostId).examine();
      return null;
    },
    'host.trustKey': async ({ hostId, fingerprint }, signal) => {
      await trustHostKey(roster, hostId, fingerprint, signal);
      return null;
    },
    'host.suggestions': () => readSuggestions(parts.world.desktop),
  };
}
