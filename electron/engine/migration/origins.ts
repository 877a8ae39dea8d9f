import type { OutputOf } from '../../contract/api.ts';
import type { Guest } from '../../contract/guest.ts';
import { listTrash } from '../guests/configFiles.ts';
import type { MigrationParts } from './needs.ts';

/** Hosts that a guest left, where its old disks still lie. Those that can't be asked now are left out: it could not go back there. */
export async function originsOf({ hosts }: Pick<MigrationParts, 'hosts'>, guest: Guest): Promise<OutputOf<'migration.origins'>> {
  if (!guest.uuid) return [];
  const others = hosts.all().filter((one) => one.id !== guest.hostId && one.link.is === 'open' && one.facts);
  const found = await Promise.all(
    others.map(async ({ id }) => {
      const entries = await listTrash(hosts.remote(id)).catch(() => []);
      const [left] = entries.filter((one) => one.movedTo !== null && one.uuid === guest.uuid && one.disks.length > 0);
      return left ? [{ hostId: id, leftAt: left.removedAt, sizeMiB: left.disks.reduce((sum, disk) => sum + disk.sizeMiB, 0) }] : [];
    }),
  );
  return found.flat().sort((a, b) => b.leftAt - a.leftAt);
}
