import type { SimHost } from './simHost.ts';

/** The value at a xenstore path; '' for a node that only has children, null where there is none. */
export function storeValue(host: SimHost, path: string): string | null {
  const value = host.store.get(path);
  if (value !== undefined) return value;
  if (path === '/local/domain/0/name') return 'Domain-0';
  if (path === '/local/domain/0/domid') return '0';
  return storeChildren(host, path).length > 0 ? '' : null;
}

/** Names right below a path, in the order of domids. */
export function storeChildren(host: SimHost, path: string): string[] {
  const base = `${path.replace(/\/$/, '')}/`;
  const found = new Set<string>();
  if (base === '/local/domain/') found.add('0');
  for (const key of host.store.keys()) {
    if (!key.startsWith(base)) continue;
    const name = key.slice(base.length).split('/')[0];
    if (name) found.add(name);
  }
  return [...found].sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1));
}
