import type { Host, HostId } from '../../../../electron/contract/host.ts';
import type { Fix, FixPreview } from '../../../../electron/contract/twin.ts';

/**
 * The one interface that could join the bridge, where the bridge of that name leads out of another host; else null. Where it is an
 * inner one elsewhere too, or several could join, nothing tells which would be right.
 */
export function suggestPort(fix: Fix, preview: FixPreview, hostId: HostId, hosts: readonly Pick<Host, 'id' | 'facts'>[]): string | null {
  if (fix.is !== 'bridge' || preview.refusal) return null;
  const leadsOut = hosts.some(
    ({ id, facts }) => id !== hostId && facts?.bridges.some((one) => one.name === fix.name && one.ports.length > 0),
  );
  const [only, ...more] = preview.ports.filter((one) => one.refusal === null);
  return leadsOut && only && more.length === 0 ? only.name : null;
}
