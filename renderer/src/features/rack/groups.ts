import type { Host } from '../../../../electron/contract/host.ts';

/** Hosts that stand together: by their first tag; those without one last. */
export interface HostGroup {
  tag: string | null;
  hosts: Host[];
}

/** Groups hosts by tag, keeping their order. */
export function groupHosts(hosts: readonly Host[]): HostGroup[] {
  const groups = new Map<string | null, Host[]>();
  for (const host of hosts) {
    const tag = host.tags[0] ?? null;
    const those = groups.get(tag);
    if (those) those.push(host);
    else groups.set(tag, [host]);
  }
  return [...groups].map(([tag, those]) => ({ tag, hosts: those })).sort((a, b) => Number(a.tag === null) - Number(b.tag === null));
}

/** Whether what was typed is in a host's name, address or tags. */
export function hostFits(host: Host, filter: string): boolean {
  const text = filter.trim().toLowerCase();
  return [host.label, host.address, ...host.tags].some((one) => one.toLowerCase().includes(text));
}
