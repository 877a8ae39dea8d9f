import type { Guest, GuestKey, HostSample } from '../../contract/guest.ts';
import { guestIdAfterMove } from '../../contract/guestIdentity.ts';
import type { HostId } from '../../contract/host.ts';
import { fail, type Problem, ProblemError, problem, problemOf } from '../../contract/problem.ts';
import { feedOf } from '../feedOf.ts';
import { noticeClashes } from '../guard/notice.ts';
import type { Limits } from '../limits.ts';
import type { Guests, Hosts, OpenHost, Tasks } from '../parts.ts';
import type { World } from '../world.ts';
import { hostSample, type RatedSample, sampleHistory } from './figures.ts';
import { guestsOf } from './guestsOf.ts';
import { HostWatch, type WatchEars, watchProgram } from './hostWatch.ts';
import { emptyPicture, type Picture } from './picture.ts';

/** What this folder needs of the rest. */
export interface GuestsParts {
  world: World;
  limits: Limits;
  hosts: Hosts;
  tasks: Tasks;
}

/** Folders of xl's own world: Debian's and upstream's, and SUSE's `vm`. */
const CONFIGS = '/etc/xen';
const VM = '/etc/xen/vm';
const RETRY_MS = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000];

interface Watched {
  watch: HostWatch | null;
  picture: Picture;
  guests: Map<string, Guest>;
  history: ReturnType<typeof sampleHistory>;
}

/** The guests of all hosts as the watches see them: the only writer of that mirror. */
export type Mirror = Pick<Guests, 'all' | 'onHost' | 'get' | 'onChange' | 'refresh' | 'until' | 'close'> & {
  handlers: Pick<Guests['handlers'], 'guest.watch' | 'figures.watch' | 'figures.history' | 'app.visible'>;
};

export function createMirror(parts: GuestsParts): Mirror {
  const { world, limits, hosts, tasks } = parts;
  const watched = new Map<HostId, Watched>();
  const all = () => [...watched.values()].flatMap((one) => [...one.guests.values()]);
  const feed = feedOf<Guest>((guest) => guest.key, all);
  let warnings: ReadonlyMap<GuestKey, Problem> = new Map();
  const samplers = new Set<(sample: HostSample) => void>();
  /** Called after every change of a host's guests. */
  const waiters = new Set<(hostId: HostId) => void>();
  let tick = limits.tickSeconds;

  const of = (hostId: HostId): Watched => {
    const known = watched.get(hostId);
    if (known) return known;
    const made: Watched = { watch: null, picture: emptyPicture, guests: new Map(), history: sampleHistory() };
    watched.set(hostId, made);
    return made;
  };

  const rebuild = (hostId: HostId) => {
    const host = watched.get(hostId);
    if (!host) return;
    const seen = guestsOf(hostId, host.picture, (guestId) => tasks.doing(hostId, guestId));
    const now = seen.map((guest) => ({ ...guest, warning: (guest.state !== 'halted' && warnings.get(guest.key)) || null }));
    const before = host.guests;
    host.guests = new Map(now.map((guest) => [guest.key, guest]));
    for (const key of before.keys()) if (!host.guests.has(key)) feed.gone(key);
    for (const guest of now) feed.put(guest);
    for (const wake of [...waiters]) wake(hostId);
  };

  const refresh = async (hostId: HostId): Promise<void> => {
    const { watch } = of(hostId);
    if (!watch) return fail('host.notOpen', { label: hosts.get(hostId).label });
    await within(world, limits.commandMs, watch.refresh());
  };

  const onFigures = (hostId: HostId, rated: RatedSample) => {
    const host = of(hostId);
    const sample = hostSample(hostId, rated, [...host.guests.values()]);
    host.history.add(sample);
    for (const say of samplers) say(sample);
  };

  const undo = [
    hosts.onOpen((host) =>
      keepWatch(parts, host, {
        tick: () => tick,
        started: (watch) => {
          of(host.hostId).watch = watch;
        },
        picture: (picture) => {
          of(host.hostId).picture = picture;
          rebuild(host.hostId);
        },
        figures: (rated) => onFigures(host.hostId, rated),
      }),
    ),
    tasks.onChange((task) => {
      for (const hostId of [task.hostId, task.targetHostId]) {
        const guestId = hostId && task.guestId && guestIdAfterMove(task.guestId, task.hostId, hostId);
        const guest = guestId && watched.get(hostId)?.guests.get(`${hostId}/${guestId}`);
        if (!guest) continue;
        const doing = tasks.doing(guest.hostId, guest.guestId);
        if (doing?.taskId !== guest.doing?.taskId) rebuild(guest.hostId);
      }
    }),
    hosts.handlers['host.watch']({}, (change) => {
      if (change.is !== 'gone') return;
      const host = watched.get(change.id);
      watched.delete(change.id);
      for (const key of host?.guests.keys() ?? []) feed.gone(key);
    }),
  ];

  const stopNoticing = noticeClashes({
    world,
    hosts,
    guests: { all, refresh, onChange: feed.onChange },
    warn(found) {
      const told = warnings;
      const changed = [...told.keys(), ...found.keys()].filter((key) => JSON.stringify(told.get(key)) !== JSON.stringify(found.get(key)));
      warnings = found;
      for (const hostId of new Set(changed.map((key) => key.slice(0, key.indexOf('/'))))) rebuild(hostId);
    },
  });

  return {
    all,
    onHost: (hostId) => [...(watched.get(hostId)?.guests.values() ?? [])],
    get: (hostId, guestId) => watched.get(hostId)?.guests.get(`${hostId}/${guestId}`) ?? fail('guest.unknown', { guest: guestId }),
    onChange: feed.onChange,
    refresh,
    until: (hostId, guestId, when, timeoutMs) => {
      const look = () => watched.get(hostId)?.guests.get(`${hostId}/${guestId}`) ?? null;
      return new Promise((resolve) => {
        const end = (found: Guest | null) => {
          waiters.delete(wake);
          undoTimeout();
          resolve(found);
        };
        const wake = (changed: HostId) => {
          if (changed === hostId && when(look())) end(look());
        };
        const undoTimeout = world.clock.after(timeoutMs, () => end(null));
        waiters.add(wake);
        wake(hostId);
      });
    },
    close() {
      stopNoticing();
      for (const one of undo) one();
      for (const { watch } of watched.values()) watch?.stop();
    },
    handlers: {
      'guest.watch': (_input, say) => feed.watch(say),
      'figures.watch': (_input, say) => {
        samplers.add(say);
        return () => {
          samplers.delete(say);
        };
      },
      'figures.history': async ({ hostId }) => watched.get(hostId)?.history.all() ?? [],
      'app.visible': async ({ visible }) => {
        const wanted = visible ? limits.tickSeconds : limits.tickSecondsHidden;
        if (wanted === tick) return null;
        tick = wanted;
        for (const { watch } of watched.values()) watch?.tick(tick);
        return null;
      },
    },
  };
}

/** What keepWatch needs of the mirror. */
interface Kept extends Pick<WatchEars, 'picture' | 'figures'> {
  tick(): number;
  started(watch: HostWatch | null): void;
}

/** Keeps a watch running as long as the link is open. */
function keepWatch({ world, limits, hosts, tasks }: GuestsParts, { hostId, remote }: OpenHost, kept: Kept): () => void {
  let stopped = false;
  let tries = 0;
  let watch: HostWatch | null = null;
  let undoRetry = () => {};
  const again = (why: string) => {
    watch = null;
    if (stopped) return;
    kept.started(null);
    world.log('warn', 'watch.ended', { hostId, why });
    undoRetry = world.clock.after(RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)] ?? 60_000, () => void begin());
  };
  const ears: WatchEars = {
    picture(picture) {
      tries = 0;
      kept.picture(picture);
    },
    figures: kept.figures,
    learn: (what) => hosts.learn(hostId, what),
    jobs: () => hosts.jobsChanged(hostId, () => isMoving(tasks, hostId)),
  };
  const begin = async () => {
    try {
      const autoFolder = hosts.get(hostId).facts?.autoFolder ?? '/etc/xen/auto';
      const stream = await remote.stream(watchProgram, [String(kept.tick()), autoFolder, CONFIGS, VM]);
      if (stopped) {
        stream.close();
        return;
      }
      watch = new HostWatch(stream, { clock: world.clock, autoFolder, heartbeatMs: limits.heartbeatMs }, ears);
      kept.started(watch);
      watch.onEnd((stderr) => again(stderr.slice(-200)));
    } catch (thrown) {
      again(problemOf(thrown).code);
    }
  };
  void begin();
  return () => {
    stopped = true;
    undoRetry();
    watch?.stop();
    kept.started(null);
  };
}

async function within<T>(world: World, ms: number, work: Promise<T>): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    const undo = world.clock.after(ms, () =>
      reject(new ProblemError(problem('command.timedOut', { command: 'watch', seconds: ms / 1000 }))),
    );
    work.then(resolve, reject).finally(undo);
  });
}

/** Whether a guest moves from this host, or to it, by a task of ours. */
function isMoving(tasks: Tasks, hostId: HostId): boolean {
  return tasks
    .all()
    .some(
      (one) =>
        one.outcome === null && one.phase !== 'scheduled' && one.migration !== null && [one.hostId, one.targetHostId].includes(hostId),
    );
}
