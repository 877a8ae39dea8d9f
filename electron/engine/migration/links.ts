import type { HostId } from '../../contract/host.ts';
import { ProblemError, problem } from '../../contract/problem.ts';
import type { Hosts } from '../parts.ts';
import type { Remote } from '../remote/remote.ts';
import type { Clock } from '../world.ts';

/** The link of a host as soon as it is open. Problem: `host.unknown` when the host was removed: then nobody can tell what happens there. */
export function openLink(hosts: Hosts, hostId: HostId): Promise<Remote> {
  return new Promise((resolve, reject) => {
    const undo: (() => void)[] = [];
    let ended = false;
    const end = (then: () => void) => {
      if (ended) return;
      ended = true;
      for (const one of undo) one();
      then();
    };
    const gone = () => end(() => reject(new ProblemError(problem('host.unknown', { hostId }, { effect: 'unknown' }))));
    const keep = (one: () => void) => (ended ? one() : void undo.push(one));
    keep(hosts.handlers['host.watch']({}, (change) => change.is === 'gone' && change.id === hostId && gone()));
    if (!hosts.all().some((one) => one.id === hostId)) return gone();
    keep(
      hosts.onOpen((open) => {
        if (open.hostId === hostId) end(() => resolve(open.remote));
        return () => {};
      }),
    );
  });
}

/** The link of a host of which it may not be known yet which saved one it is, as soon as that is known and it is open. As `openLink`. */
export function openWhenKnown(hosts: Hosts, which: () => HostId | null): Promise<Remote> {
  const known = which();
  if (known !== null) return openLink(hosts, known);
  return new Promise((resolve) => {
    let undo: (() => void) | null = null;
    let found = false;
    undo = hosts.onOpen((open) => {
      if (!found && which() === open.hostId) {
        found = true;
        undo?.();
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
