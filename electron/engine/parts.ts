import type { Handlers } from '../contract/api.ts';
import type { Guest } from '../contract/guest.ts';
import type { Host, HostId } from '../contract/host.ts';
import type { Port } from '../contract/port.ts';
import type { Verdict } from '../contract/problem.ts';
import type { Task, TaskId } from '../contract/task.ts';
import type { Remote } from './remote/remote.ts';

/** What the folders of the engine offer to each other. Each folder's own file says how. */

/** A link that is open and examined. */
export interface OpenHost {
  hostId: HostId;
  remote: Remote;
}

/** electron/engine/hosts: saved hosts and their links. */
export interface Hosts {
  handlers: Pick<
    Handlers,
    | 'host.watch'
    | 'host.add'
    | 'host.edit'
    | 'host.remove'
    | 'host.connect'
    | 'host.disconnect'
    | 'host.examine'
    | 'host.trustKey'
    | 'host.suggestions'
    | 'prompt.watch'
    | 'prompt.answer'
  >;
  all(): Host[];
  /** Problem: `host.unknown`. */
  get(id: HostId): Host;
  /** The open link. Problem: `host.notOpen`. */
  remote(id: HostId): Remote;
  /** `opened` is called for every link that is open and examined, now and later; its undo when that link is lost. */
  onOpen(opened: (host: OpenHost) => () => void): () => void;
  /** `look` is called for every link that opens, and again when a job came or went there; `gone` when that link is lost. */
  onJobs(look: (host: OpenHost, gone: AbortSignal) => void): () => void;
  /** The watch of a host saw its folder of jobs change. While `isBusy` says so, that host has better to do than to be looked at. */
  jobsChanged(id: HostId, isBusy: () => boolean): void;
  onChange(changed: (host: Host) => void): () => void;
  /** What the watch of a host learned of the host itself. */
  learn(id: HostId, what: Partial<Pick<Host, 'seenAt' | 'freeMemoryMiB' | 'dom0MemoryMiB' | 'watchProblem'>>): void;
  close(): void;
}

/** electron/engine/guests: what runs and what is stored, from the watch; and what can be done to one guest. */
export interface Guests {
  handlers: Pick<
    Handlers,
    | 'guest.watch'
    | 'figures.watch'
    | 'figures.history'
    | 'guest.start'
    | 'guest.shutdown'
    | 'guest.reboot'
    | 'guest.forceOff'
    | 'guest.pause'
    | 'guest.resume'
    | 'guest.remove'
    | 'guest.setAutostart'
    | 'guest.readConfig'
    | 'guest.writeConfig'
    | 'guest.giveUuid'
    | 'trash.list'
    | 'trash.putBack'
    | 'trash.letGo'
    | 'app.visible'
  >;
  all(): Guest[];
  onHost(hostId: HostId): Guest[];
  /** Problem: `guest.unknown`. */
  get(hostId: HostId, guestId: string): Guest;
  onChange(changed: (guest: Guest) => void): () => void;
  /** Re-reads list and configs of a host now; resolves when the mirror has them. */
  refresh(hostId: HostId): Promise<void>;
  /** Resolves when a guest on this host satisfies `when`; `null` when the time is over. */
  until(hostId: HostId, guestId: string, when: (guest: Guest | null) => boolean, timeoutMs: number): Promise<Guest | null>;
  close(): void;
}

/** The hand of a running task: it says where it stands. */
export interface TaskHand {
  readonly id: TaskId;
  /** Aborted when the operator cancels. */
  readonly signal: AbortSignal;
  /** `kind`: what it turned out to be, once the hosts were looked at; `targetHostId`: likewise, of one that was found. */
  tell(what: Partial<Pick<Task, 'kind' | 'targetHostId' | 'phase' | 'progress' | 'migration' | 'mayCancel'>>): void;
  log(line: string): void;
}

export interface TaskStart {
  kind: Task['kind'];
  hostId: HostId;
  targetHostId?: HostId | null;
  guestId: string | null;
  guestName: string;
  /** Default: not cancellable. */
  mayCancel?: Verdict;
  /** Set when the task was found on a host (a job of an earlier run, or of another XenFerry); `endedAt`: it ended then, before it was found. */
  found?: { id: TaskId; startedAt: number; foreign: boolean; endedAt?: number };
  /** It waits for this time (Task.startsAt). */
  startsAt?: number;
}

/** electron/engine/tasks: long work. */
export interface Tasks {
  handlers: Pick<Handlers, 'task.watch' | 'task.cancel' | 'task.dismiss' | 'history.list'>;
  /**
   * Runs work as a task. Work on the same guest (guestId) queues, but not behind what says that it is `scheduled`. What the work throws becomes the outcome:
   * the signal's own reason and `task.cancelled` 'cancelled', anything else 'failed' or 'unknown'. Starting a found id twice is a no-op.
   */
  start(what: TaskStart, work: (hand: TaskHand) => Promise<void>): TaskId;
  get(id: TaskId): Task | null;
  all(): Task[];
  /** Ended tasks, newest first. */
  history(): Task[];
  /** What is being done to a guest now (for Guest.doing). */
  doing(hostId: HostId, guestId: string): { taskId: TaskId; kind: string } | null;
  onChange(changed: (task: Task) => void): () => void;
  /** `add` is asked at the end of each task what else its record is to keep. */
  atEnd(add: (task: Task) => Pick<Task, 'pings'>): () => void;
  close(): void;
}

export interface Creation {
  handlers: Pick<Handlers, 'creation.check' | 'creation.preview' | 'creation.create'>;
  close(): void;
}

export interface Migration {
  handlers: Pick<Handlers, 'migration.check' | 'migration.start' | 'migration.origins' | 'migration.pings'>;
  close(): void;
}

/** electron/engine/twins: two hosts as partners, and making what one lacks. */
export interface Twins {
  handlers: Pick<Handlers, 'twin.check' | 'fix.preview' | 'fix.make'>;
  close(): void;
}

/** electron/engine/plans: several moves, one after another. */
export interface Plans {
  handlers: Pick<
    Handlers,
    'plan.watch' | 'plan.empty' | 'plan.limit' | 'plan.back' | 'plan.save' | 'plan.run' | 'plan.pause' | 'plan.discard'
  >;
  close(): void;
}

/** electron/engine/doctor: what broken moves and creations left. */
export interface Doctor {
  handlers: Pick<Handlers, 'doctor.look' | 'doctor.mend' | 'doctor.watch'>;
  close(): void;
}

export interface Consoles {
  handlers: Pick<Handlers, 'console.open' | 'console.resize'>;
  /** Joins a byte stream that `console.open` named to its port. False: no such stream. */
  join(stream: string, port: Port): boolean;
  close(): void;
}
