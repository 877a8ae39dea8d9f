import { z } from 'zod';
import type { HostInput } from '../../contract/host.ts';
import { openVersioned, type VersionedFile } from '../store/versioned.ts';
import type { World } from '../world.ts';

const auth = z.discriminatedUnion('by', [
  z.object({ by: z.literal('agent') }),
  z.object({ by: z.literal('key'), path: z.string() }),
  z.object({ by: z.literal('password') }),
  z.object({ by: z.literal('interactive') }),
]);

const savedHost = z.object({
  id: z.string(),
  label: z.string(),
  address: z.string(),
  port: z.number(),
  user: z.string(),
  auth,
  tags: z.array(z.string()),
  jump: z.string().nullable(),
  remember: z.boolean(),
  /** Fingerprints of the machine's keys, as last seen: the same machine is known by them under another address. */
  hostKeys: z.array(z.string()),
});

/** A host as it stands in hosts.json. No secrets: they are in the keyring, by a name made of the id. */
export type SavedHost = z.infer<typeof savedHost>;

/** What is needed to reach a host. */
export type Target = Pick<SavedHost, 'label' | 'address' | 'port' | 'user' | 'auth' | 'jump'>;

const file = z.array(savedHost);

/** Opens hosts.json. */
export const openSavedHosts = (world: World): Promise<VersionedFile<SavedHost[]>> =>
  openVersioned<SavedHost[]>(world, { name: 'hosts.json', version: 1, shape: file, migrations: {} });

/** What the operator typed, without its secrets. */
export function withoutSecrets(input: HostInput): Omit<SavedHost, 'id' | 'hostKeys'> {
  const { address, port, user, tags, jump, remember } = input;
  const by = input.auth.by === 'key' ? { by: 'key' as const, path: input.auth.path } : { by: input.auth.by };
  return { label: input.label || address, address, port, user, auth: by, tags, jump: jump || null, remember };
}
