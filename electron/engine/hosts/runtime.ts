import type { Host, HostFacts, HostFinding } from '../../contract/host.ts';
import { fail, type Problem, ProblemError, problemOf } from '../../contract/problem.ts';
import type { Limits } from '../limits.ts';
import type { OpenHost } from '../parts.ts';
import { createRemote } from '../remote/overSsh.ts';
import type { Remote } from '../remote/remote.ts';
import { shellWords } from '../ssh/quote.ts';
import type { World } from '../world.ts';
import { type Examined, examine } from './examine.ts';
import { findingsOf } from './findings.ts';
import { createLink, type Link } from './link.ts';
import type { Reached } from './reach.ts';
import type { SavedHost } from './saved.ts';

/** A host that was reached, with what is needed to be done with it. */
export interface Joined extends Reached {
  remote: Remote;
  onClose(closed: (why: Problem | null) => void): void;
  close(): void;
}

/** A saved host as it lives in the engine. */
export interface HostRuntime {
  saved: SavedHost;
  link: Link<Joined>;
  /** What is shown of it. */
  host(): Host;
  /** Why it can't be used, or the remote it is used by. */
  remote(): { remote: Remote } | { why: Problem | null };
  /** Examines anew. Problems: `host.notOpen`, `output.unreadable`, and those of Remote. */
  examine(): Promise<void>;
  learn(what: Partial<Pick<Host, 'seenAt' | 'freeMemoryMiB' | 'dom0MemoryMiB' | 'watchProblem'>>): void;
  /** Someone who wants to know of open links came. */
  addOpener(opened: (host: OpenHost) => () => void): void;
  dropOpener(opened: (host: OpenHost) => () => void): void;
  /** After the desktop slept: a dead link is found now, not at the next time-out. */
  wake(): void;
}

export interface RuntimeParts {
  world: World;
  limits: Limits;
  saved: SavedHost;
  connect(runtime: HostRuntime, signal: AbortSignal): Promise<Joined>;
  changed(runtime: HostRuntime): void;
  /** It was examined: its keys are known now. */
  examined(runtime: HostRuntime, examined: Examined): void;
  openers: ReadonlySet<(host: OpenHost) => () => void>;
}

/** Makes what was reached usable. */
export function joinReached(reached: Reached, address: string, user: string, parts: Pick<RuntimeParts, 'world' | 'limits'>): Joined {
  const { session, root } = reached;
  const remote = createRemote({ session, root, address, user, world: parts.world, limits: parts.limits });
  return { ...reached, remote, onClose: (closed) => session.onClose(closed), close: () => session.close() };
}

export function createRuntime(parts: RuntimeParts): HostRuntime {
  const { world, limits } = parts;
  let facts: HostFacts | null = null;
  let findings: HostFinding[] = [];
  let ready: Joined | null = null;
  let learned: Pick<Host, 'seenAt' | 'freeMemoryMiB' | 'dom0MemoryMiB' | 'watchProblem'> = {
    seenAt: null,
    freeMemoryMiB: null,
    dom0MemoryMiB: null,
    watchProblem: null,
  };
  const undos = new Map<unknown, () => void>();
  const usable = () => !findings.some((one) => one.hinders === 'everything');
  const tell = (opened: (host: OpenHost) => () => void) => {
    if (ready && usable()) undos.set(opened, opened({ hostId: runtime.saved.id, remote: ready.remote }));
  };
  const untell = () => {
    for (const undo of undos.values()) undo();
    undos.clear();
  };
  /** null: it went well. What was known before stays when it can't be read anew. */
  const look = async (joined: Joined): Promise<Problem | null> => {
    let failed: Problem | null = null;
    try {
      const examined = await examine(joined.remote, world.clock, limits);
      if (link.reached() !== joined) return null;
      facts = examined.facts;
      findings = findingsOf(examined, runtime.saved, joined.rights);
      learned = { ...learned, freeMemoryMiB: examined.facts.xenVersion ? examined.facts.freeMemoryMiB : null };
      parts.examined(runtime, examined);
    } catch (thrown) {
      if (link.reached() !== joined) return null;
      failed = problemOf(thrown);
      world.log('warn', 'host.examine', { host: runtime.saved.id, why: failed.code });
      if (joined.rights || !facts) findings = [{ hinders: 'everything', problem: joined.rights ?? failed }];
    }
    const first = ready !== joined;
    ready = joined;
    parts.changed(runtime);
    if (!usable()) untell();
    else if (first || undos.size === 0) for (const opened of parts.openers) tell(opened);
    return failed;
  };
  const link = createLink<Joined>({
    clock: world.clock,
    random: world.random,
    limits,
    connect: (signal) => parts.connect(runtime, signal),
    changed: () => parts.changed(runtime),
    opened(joined) {
      // known from before: who waits for it need not wait for the examination, which says so if it has become another
      if (facts && !joined.rights && usable()) {
        ready = joined;
        for (const opened of parts.openers) tell(opened);
      }
      void look(joined);
      return () => {
        ready = null;
        untell();
      };
    },
  });
  const runtime: HostRuntime = {
    saved: parts.saved,
    link,
    host: () => shownHost(runtime.saved, link, { facts, findings, ...learned }),
    remote() {
      if (ready && usable()) return { remote: ready.remote };
      return { why: ready ? (findings.find((one) => one.hinders === 'everything')?.problem ?? null) : null };
    },
    async examine() {
      const joined = link.reached();
      if (!joined) return fail('host.notOpen', { label: runtime.saved.label });
      const failed = await look(joined);
      if (failed) throw new ProblemError(failed);
    },
    learn(what) {
      learned = { ...learned, ...what };
      parts.changed(runtime);
    },
    addOpener: tell,
    dropOpener(opened) {
      undos.get(opened)?.();
      undos.delete(opened);
    },
    wake() {
      const joined = link.reached();
      if (joined) void probe(joined, parts);
      else if (link.now().is === 'lost') void link.open();
    },
  };
  return runtime;
}

function shownHost(
  saved: SavedHost,
  link: Link<Joined>,
  known: Pick<Host, 'facts' | 'findings' | 'seenAt' | 'freeMemoryMiB' | 'dom0MemoryMiB' | 'watchProblem'>,
): Host {
  const { id, label, address, port, user, auth, tags, jump, remember } = saved;
  const keyPath = auth.by === 'key' ? auth.path : null;
  return { id, label, address, port, user, authBy: auth.by, keyPath, tags, jump, remember, link: link.now(), ...known };
}

/** Asks for a sign of life; without one in time the connection is torn down, and so reconnected. */
async function probe(joined: Joined, { world, limits }: Pick<RuntimeParts, 'world' | 'limits'>): Promise<void> {
  const silent = world.clock.after(limits.keepaliveMs, () => joined.session.destroy());
  try {
    const channel = await joined.session.open(shellWords(['true']));
    channel.stream.end();
    channel.stream.resume();
    channel.stderr.resume();
    await channel.ended;
  } catch {
    // the link is lost, and says so itself; or no session is free: then it lives
  } finally {
    silent();
  }
}
