import type { HostId, HostInput } from '../../contract/host.ts';
import { ProblemError } from '../../contract/problem.ts';
import { type HostSecrets, secretsOf } from './keyring.ts';
import type { HostsParts, Roster } from './roster.ts';
import type { Joined } from './runtime.ts';
import { type SavedHost, withoutSecrets } from './saved.ts';

/** What an operator types about a host, and the fingerprint they said yes to. */
interface Typed {
  input: HostInput;
  accept: string | null;
  signal: AbortSignal;
}

/** In a form nothing is asked by a prompt: the form has a field for it. */
const fromForm = (secrets: HostSecrets, accept: string | null, signal: AbortSignal) => ({
  secrets,
  secret: async () => null,
  accept,
  signal,
});

const writeSecrets = (roster: Roster, { settings }: HostsParts, id: HostId, input: HostInput, secrets: HostSecrets): Promise<void> =>
  roster.keyring.write(id, secrets, { remember: input.remember, insist: settings.now().insistOnUnsafeStore });

/** Connects first; what fails stores nothing. */
export async function addHost(roster: Roster, parts: HostsParts, { input, accept, signal }: Typed): Promise<HostId> {
  const secrets = secretsOf(input);
  const draft = withoutSecrets(input);
  const joined = await roster.connectTo({ ...draft, id: null }, fromForm(secrets, accept, signal));
  const id = Buffer.from(parts.world.random.bytes(9)).toString('hex');
  try {
    refuseWrongSudo(joined, secrets);
    await writeSecrets(roster, parts, id, input, secrets);
    const twin = roster.twinOf(null, joined.fingerprint); // the same one may have been added while we connected
    if (twin) throw new ProblemError(twin);
    const runtime = roster.begin({ ...draft, id, hostKeys: [joined.fingerprint] });
    await roster.save();
    roster.feed.put(runtime.host());
    runtime.link.adopt(joined);
    return id;
  } catch (thrown) {
    roster.runtimes.delete(id);
    await roster.keyring.remove(id);
    joined.close();
    throw thrown;
  }
}

/** Connects anew where the way to it changed; what fails leaves all as it was. */
export async function editHost(roster: Roster, parts: HostsParts, id: HostId, { input, accept, signal }: Typed): Promise<void> {
  const runtime = roster.find(id);
  const before = runtime.saved;
  const typed = secretsOf(input);
  const next = { ...before, ...withoutSecrets(input) };
  const stored = await roster.keyring.read(id);
  const secrets = { ...stillOfUse(stored, next), ...typed };
  const stays = sameWay(before, next) && Object.keys(typed).length === 0;
  const joined = stays ? null : await roster.connectTo(next, fromForm(secrets, accept, signal));
  try {
    if (joined) refuseWrongSudo(joined, typed);
    await writeSecrets(roster, parts, id, input, secrets);
    roster.find(id).saved = joined ? { ...next, hostKeys: [joined.fingerprint] } : next;
    await roster.save();
  } catch (thrown) {
    runtime.saved = before;
    await roster.keyring.write(id, stored, { remember: before.remember, insist: true });
    joined?.close();
    throw thrown;
  }
  if (joined) runtime.link.adopt(joined);
  roster.feed.put(runtime.host());
}

/** Forgets a host and all that was kept of it. */
export async function removeHost(roster: Roster, id: HostId): Promise<void> {
  const runtime = roster.find(id);
  roster.runtimes.delete(id);
  await roster.save();
  runtime.link.close();
  await roster.keyring.remove(id);
  roster.feed.gone(id);
}

/** Trusts the key that was shown. It is seen anew: what is trusted is what was shown, whoever answers now. */
export async function trustHostKey(roster: Roster, id: HostId, fingerprint: string, signal: AbortSignal): Promise<void> {
  const runtime = roster.find(id);
  const link = runtime.link.now();
  const shown = link.is === 'lost' && (link.problem.code === 'hostKey.changed' || link.problem.code === 'hostKey.unknown');
  if (!shown) return;
  runtime.link.adopt(await roster.connectTo(runtime.saved, fromForm(await roster.keyring.read(id), fingerprint, signal)));
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
