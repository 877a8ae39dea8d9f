import type { HostSecrets, Keyring, SecretKind } from './keyring.ts';
import type { Prompts } from './prompts.ts';
import { type ReachStart, reach } from './reach.ts';
import type { HostsParts, Roster } from './roster.ts';
import { type HostRuntime, type Joined, joinReached } from './runtime.ts';
import type { SavedHost } from './saved.ts';
import { createTrust } from './trust.ts';

/** The two ways to a host: from a form, which has a field for each secret, and by itself, which asks for what is missing. */
export interface Connecting {
  connectTo: Roster['connectTo'];
  connectSaved(runtime: HostRuntime, signal: AbortSignal): Promise<Joined>;
}

type Parts = HostsParts & { keyring: Keyring; prompts: Prompts; twinOf: Roster['twinOf'] };

export function createConnecting(parts: Parts): Connecting {
  const { world, limits, keyring, prompts } = parts;
  const trust = createTrust(world);
  const connectTo: Connecting['connectTo'] = async (target, how) => {
    const ask: ReachStart['ask'] = (label) => (question) => prompts.ask({ hostLabel: label, what: 'interactive', ...question }, how.signal);
    const refuse = (fingerprint: string) => parts.twinOf(target.id, fingerprint);
    const reached = await reach({ world, limits, trust, target, ask, refuse, ...how });
    return joinReached(reached, target.address, target.user, { world, limits });
  };
  return {
    connectTo,
    async connectSaved({ saved }, signal) {
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
      // kept only once it was right
      if (Object.keys(answered).length > 0) await keep(parts, saved, { ...stored, ...answered });
      return joined;
    },
  };
}

async function keep({ keyring, settings }: Parts, saved: SavedHost, secrets: HostSecrets): Promise<void> {
  const insist = settings.now().insistOnUnsafeStore;
  try {
    await keyring.write(saved.id, secrets, { remember: saved.remember, insist });
  } catch {
    await keyring.write(saved.id, secrets, { remember: false, insist }); // no safe store: till the program ends
  }
}
