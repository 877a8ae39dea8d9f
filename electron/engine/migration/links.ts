import type { HostId } from '../../contract/host.ts';
import type { Hosts } from '../parts.ts';
import type { Remote } from '../remote/remote.ts';
import type { Clock } from '../world.ts';

/** The link of a host as soon as it is open; rejects when `signal` is aborted. */
export function openLink(hosts: Hosts, hostId: HostId, signal?: AbortSignal): Promise<Remote> {
  return new Promise((resolve, reject) => {
    let found = false;
    let undo: (() => void) | null = null;
    const finish = () => {
      found = true;
      undo?.();
    };
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    undo = hosts.onOpen((open) => {
      if (open.hostId === hostId && !found) {
        finish();
        resolve(open.remote);
      }
      return () => {};
    });
    if (found) undo();
  });
}

/** The link of a host if it is open now. */
export function linkIfOpen(hosts: Hosts, hostId: HostId | null): Remote | null {
  if (hostId === null) return null;
  try {
    return hosts.get(hostId).link.is === 'open' ? hosts.remote(hostId) : null;
  } catch {
    return null; // it was removed meanwhile
  }
}

/** A pause by the engine's clock. */
export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
