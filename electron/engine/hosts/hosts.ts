import pLimit from 'p-limit';
import type { Host, HostId, HostInput } from '../../contract/host.ts';
import { fail, type Problem, ProblemError, problem } from '../../contract/problem.ts';
import { feedOf } from '../feedOf.ts';
import type { Limits } from '../limits.ts';
import type { Hosts, OpenHost } from '../parts.ts';
import type { SettingsStore } from '../store/settings.ts';
import type { World } from '../world.ts';
import { jobLookers } from './jobLookers.ts';
import { createKeyring, type HostSecrets, type SecretKind, secretsOf } from './keyring.ts';
import { createPrompts } from './prompts.ts';
import { type ReachStart, reach } from './reach.ts';
import { createRuntime, type HostRuntime, type Joined, joinReached } from './runtime.ts';
import { openSavedHosts, type SavedHost, type Target, withoutSecrets } from './saved.ts';
import { readSuggestions } from './suggestions.ts';
import { createTrust } from './trust.ts';
import { onWakeUp } from './wakeUp.ts';

/** What the saved hosts need of the rest. */
export interface HostsParts {
  world: World;
  limits: Limits;
  settings: Pick<SettingsStore, 'now'>;
}

/** Handshakes at a time when the program starts with many hosts. */
const AT_ONCE = 24;

/** Saved hosts and their links: each one SSH connection, kept open, examined, and told of. */
export async function createHosts(parts: HostsParts): Promise<Hosts> {
  const { world, limits, settings } = parts;
  const file = await openSavedHosts(world);
  const keyring = createKeyring(world.secrets);
  const trust = createTrust(world);
  const prompts = createPrompts(world.random);
  const runtimes = new Map<HostId, HostRuntime>();
  const openers = new Set<(host: OpenHost) => () => void>();
  const all = () => [...runtimes.values()].map((one) => one.host());
  const feed = feedOf<Host>((host) => host.id, all);
  const save = () => file.write([...runtimes.values()].map((one) => one.saved));
  const find = (id: HostId): HostRuntime => runtimes.get(id) ?? fail('host.unknown', { hostId: id });

  /** Another saved host whose machine shows this key. */
  const twinOf = (own: HostId | null, fingerprint: string): Problem | null => {
    for (const { saved } of runtimes.values()) {
      if (saved.id !== own && saved.hostKeys.includes(fingerprint))
        return problem('host.duplicate', { hostId: saved.id, label: saved.label });
    }
    return null;
  };

  const connectTo = async (
    target: Target & { id: HostId | null },
    how: Pick<ReachStart, 'secrets' | 'secret' | 'accept' | 'signal'>,
  ): Promise<Joined> => {
    const ask: ReachStart['ask'] = (label) => (question) => prompts.ask({ hostLabel: label, what: 'interactive', ...question }, how.signal);
    const refuse = (fingerprint: string) => twinOf(target.id, fingerprint);
    const reached = await reach({ world, limits, trust, target, ask, refuse, ...how });
    return joinReached(reached, target.address, target.user, { world, limits });
  };

  /** A saved host connects by itself: what is missing is asked for, and kept once it was right. */
  const connectSaved = async (runtime: HostRuntime, signal: AbortSignal): Promise<Joined> => {
    const { saved } = runtime;
    const stored = await keyring.read(saved.id);
    const answered: HostSecrets = {};
    const secret = async (what: SecretKind): Promise<string | null> => {
      const fields = [{ label: '', echo: false }];
      const answers = await prompts.ask({ hostLabel: saved.label, what, instructions: '', fields }, signal);
      const [answer] = answers ?? [];
      if (answer !== undefined) answered[what] = answer;
      return answer ?? null;
    };
    const joined = await connectTo(saved, { secrets: stored, secret, accept: null, signal });
    if (Object.keys(answered).length > 0) await keepAnswers(saved, { ...stored, ...answered });
    return joined;
  };
  const keepAnswers = async (saved: SavedHost, secrets: HostSecrets): Promise<void> => {
    const insist = settings.now().insistOnUnsafeStore;
    try {
      await keyring.write(saved.id, secrets, { remember: saved.remember, insist });
    } catch {
      await keyring.write(saved.id, secrets, { remember: false, insist }); // no safe store: till the program ends
    }
  };

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

  const writeSecrets = (id: HostId, input: HostInput, secrets: HostSecrets) =>
    keyring.write(id, secrets, { remember: input.remember, insist: settings.now().insistOnUnsafeStore });
  /** In a form nothing is asked by a prompt: the form has a field for it. */
  const fromForm = (secrets: HostSecrets, accept: string | null, signal: AbortSignal) => ({
    secrets,
    secret: async () => null,
    accept,
    signal,
  });

  const add = async (input: HostInput, accept: string | null, signal: AbortSignal): Promise<{ hostId: HostId }> => {
    const secrets = secretsOf(input);
    const draft = withoutSecrets(input);
    const joined = await connectTo({ ...draft, id: null }, fromForm(secrets, accept, signal));
    const id = Buffer.from(world.random.bytes(9)).toString('hex');
    try {
      refuseWrongSudo(joined, secrets);
      await writeSecrets(id, input, secrets);
      const twin = twinOf(null, joined.fingerprint); // the same one may have been added while we connected
      if (twin) throw new ProblemError(twin);
      const runtime = begin({ ...draft, id, hostKeys: [joined.fingerprint] });
      await save();
      feed.put(runtime.host());
      runtime.link.adopt(joined);
      return { hostId: id };
    } catch (thrown) {
      runtimes.delete(id);
      await keyring.remove(id);
      joined.close();
      throw thrown;
    }
  };

  const edit = async (id: HostId, input: HostInput, accept: string | null, signal: AbortSignal): Promise<{ hostId: HostId }> => {
    const runtime = find(id);
    const before = runtime.saved;
    const typed = secretsOf(input);
    const next = { ...before, ...withoutSecrets(input) };
    const stored = await keyring.read(id);
    const secrets = { ...stillOfUse(stored, next), ...typed };
    const stays = sameWay(before, next) && Object.keys(typed).length === 0;
    const joined = stays ? null : await connectTo(next, fromForm(secrets, accept, signal));
    try {
      if (joined) refuseWrongSudo(joined, typed);
      await writeSecrets(id, input, secrets);
      find(id).saved = joined ? { ...next, hostKeys: [joined.fingerprint] } : next;
      await save();
    } catch (thrown) {
      runtime.saved = before;
      await keyring.write(id, stored, { remember: before.remember, insist: true });
      joined?.close();
      throw thrown;
    }
    if (joined) runtime.link.adopt(joined);
    feed.put(runtime.host());
    return { hostId: id };
  };

  const remove = async (id: HostId): Promise<null> => {
    const runtime = find(id);
    runtimes.delete(id);
    await save();
    runtime.link.close();
    await keyring.remove(id);
    feed.gone(id);
    return null;
  };

  const trustKey = async (id: HostId, fingerprint: string, signal: AbortSignal): Promise<null> => {
    const runtime = find(id);
    const link = runtime.link.now();
    const shown = link.is === 'lost' && (link.problem.code === 'hostKey.changed' || link.problem.code === 'hostKey.unknown');
    if (!shown) return null;
    // the key itself is seen anew: what is trusted is what was shown, whoever answers now
    const joined = await connectTo(runtime.saved, { ...fromForm(await keyring.read(id), fingerprint, signal) });
    runtime.link.adopt(joined);
    return null;
  };

  for (const saved of file.stored ?? []) begin(saved);
  const turn = pLimit(AT_ONCE);
  for (const runtime of runtimes.values()) void turn(() => runtime.link.open());
  const stopWaking = onWakeUp(world.clock, () => {
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
    handlers: {
      ...prompts.handlers,
      'host.watch': (_input, say) => feed.watch(say),
      'host.add': ({ host, accept }, signal) => add(host, accept, signal),
      'host.edit': ({ hostId, host, accept }, signal) => edit(hostId, host, accept, signal),
      'host.remove': ({ hostId }) => remove(hostId),
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
      'host.trustKey': ({ hostId, fingerprint }, signal) => trustKey(hostId, fingerprint, signal),
      'host.suggestions': () => readSuggestions(world.desktop),
    },
    all,
    get: (id) => find(id).host(),
    remote(id) {
      const runtime = find(id);
      const found = runtime.remote();
      if ('remote' in found) return found.remote;
      if (found.why) throw new ProblemError(found.why);
      return fail('host.notOpen', { label: runtime.saved.label });
    },
    onOpen,
    ...jobLookers(onOpen),
    onChange: feed.onChange,
    learn: (id, what) => runtimes.get(id)?.learn(what),
    close() {
      stopWaking();
      prompts.close();
      for (const runtime of runtimes.values()) runtime.link.close();
    },
  };
}

/** A password for sudo that was typed and is wrong belongs beside its field; any other want of rights is shown on the host. */
function refuseWrongSudo(joined: Joined, typed: HostSecrets): void {
  if (typed.sudo !== undefined && joined.rights?.code === 'host.sudoWrongPassword') throw new ProblemError(joined.rights);
}

/** Of what was kept: the secrets this way of coming in asks for. */
function stillOfUse({ password, passphrase, sudo }: HostSecrets, { auth, user }: SavedHost): HostSecrets {
  return {
    ...(auth.by === 'password' && password !== undefined ? { password } : {}),
    ...(auth.by === 'key' && passphrase !== undefined ? { passphrase } : {}),
    ...(user !== 'root' && sudo !== undefined ? { sudo } : {}),
  };
}

/** Whether both are reached in the same way, so that nothing has to be tried. */
function sameWay(a: SavedHost, b: SavedHost): boolean {
  const way = ({ address, port, user, auth, jump }: SavedHost) => JSON.stringify([address, port, user, auth, jump]);
  return way(a) === way(b);
}
