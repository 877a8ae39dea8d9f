/** What happened to the servers: nothing; a part, which the problem names; or it can't be told yet. */
export type Effect = 'none' | 'partial' | 'unknown';

/** Why a move that had waited did not begin: what had changed at the source, or at the target. */
export const notBegun = [
  ...['halted', 'paused', 'busy', 'config', 'autostart', 'disks', 'booted'],
  ...['door', 'elsewhere', 'memory', 'taken', 'disk', 'keys'],
] as const;
export type NotBegun = (typeof notBegun)[number];

/**
 * Every code a problem can have, with its parameters. Codes are `area.what`; sentences stand in `renderer/src/words`.
 * Units are in the names; a parameter never holds a secret.
 */
export interface ProblemParams {
  // reaching a host
  'ssh.unknownHost': { address: string };
  'ssh.refused': { address: string; port: number };
  'ssh.timedOut': { address: string; port: number };
  'ssh.unreachable': { address: string; port: number };
  'ssh.notSsh': { address: string; port: number };
  'ssh.noCommonAlgorithm': { address: string; what: string };
  'ssh.closed': { address: string };
  'ssh.tooManySessions': { address: string };
  'ssh.forwardRefused': { address: string; port: number };
  'auth.wrongPassword': { user: string; address: string };
  'auth.keyRefused': { user: string; address: string };
  'auth.agentMissing': Record<never, never>;
  'auth.agentRefused': { user: string; address: string };
  'auth.keyUnreadable': { path: string };
  'auth.keyUnsupported': { path: string; format: string };
  'auth.passphraseNeeded': { path: string };
  'auth.passphraseWrong': { path: string };
  'auth.methodRefused': { user: string; address: string; offered: string[] };
  'auth.secretNeeded': { what: 'password' | 'passphrase' | 'sudo' };
  'hostKey.unknown': { address: string; port: number; type: string; fingerprint: string };
  'hostKey.changed': { address: string; port: number; type: string; known: string[]; shown: string; where: string };
  'hostKey.revoked': { address: string; fingerprint: string };
  'host.duplicate': { hostId: string; label: string };
  'host.unknown': { hostId: string };
  'host.notOpen': { label: string };
  'host.readOnly': { toolstack: string };
  'host.noXen': { label: string };
  'host.noXl': { label: string };
  /** A command that XenFerry needs on the host is not installed there. */
  'host.toolMissing': { tool: string };
  /** No folder and no volume group for disks. */
  'host.noPlace': { label: string };
  'host.noBridge': { label: string };
  'host.noRights': { user: string };
  'host.sudoPassword': { user: string };
  'host.sudoWrongPassword': { user: string };
  'host.sudoNotAllowed': { user: string };
  'jump.unsupported': { directive: string };
  // what commands said
  'output.unreadable': { what: string; sample: string };
  'command.failed': { command: string; exit: number | null; said: string };
  'command.timedOut': { command: string; seconds: number };
  'command.quoting': { text: string };
  'program.unknown': { name: string };
  // guests
  'guest.unknown': { guest: string };
  'guest.wrongState': { name: string; state: string };
  'guest.noPvControl': { name: string };
  'guest.stillRunning': { name: string; seconds: number };
  'guest.nameMismatch': { name: string };
  'guest.elsewhere': { name: string; where: string };
  'guest.diskInUse': { disk: string; name: string; where: string };
  'guest.busy': { name: string; taskId: string };
  'guest.startFailed': { name: string; said: string };
  'guest.noConfig': { name: string };
  'guest.leftover': { name: string };
  'memory.short': { shortMiB: number };
  'config.changed': { file: string };
  'config.unreadable': { file: string; line: number; sample: string };
  'config.exists': { file: string };
  'config.missing': { file: string };
  'config.unwritable': { file: string };
  'config.unsafeName': { name: string; why: 'empty' | 'slash' | 'control' | 'length' | 'reserved' | 'characters' };
  'trash.gone': { name: string };
  /** A move back began to write over its disks. */
  'trash.partly': { name: string };
  // creating
  'create.checkFailed': { check: string; said: string };
  'create.stepFailed': { step: string; said: string; undone: string[]; left: string[] };
  'create.typeMissing': { type: string };
  'create.imageUnreadable': { path: string };
  'create.isoNeedsHvm': Record<never, never>;
  'create.noDisk': Record<never, never>;
  'create.diskTooSmall': { neededMiB: number };
  'create.toolMissing': { tool: string };
  'create.interrupted': { left: string[] };
  'disk.exists': { path: string };
  'disk.missing': { path: string };
  'disk.inUse': { path: string };
  'disk.unreachable': { path: string; where: string };
  'space.short': { place: string; shortMiB: number };
  /** A guest that is to be saved and restored: its memory does not fit where the files of moves lie (/var/lib/xenferry). */
  'move.saveRoom': { host: string; shortMiB: number };
  /** `there`: it is, but a guest would be cut off on it: it is down, or no interface of the host joins it. Absent: there is none. */
  'bridge.missing': { bridge: string; where: string; there?: 'down' | 'noUplink' };
  'mac.taken': { mac: string; name: string; where: string };
  'uuid.taken': { name: string; where: string };
  'name.taken': { name: string; where: string };
  // moving
  'move.sameHost': Record<never, never>;
  'move.notRunning': { name: string };
  'move.paused': { name: string };
  'move.pvNoShadow': { host: string };
  'move.typeMissing': { type: string; host: string };
  'move.versionDown': { from: string; to: string };
  'move.versionStep': { from: string; to: string };
  'move.vendor': { from: string; to: string };
  'move.passthrough': { name: string };
  'move.noMigrate': { name: string };
  /** A driver domain serves the disk: dom0 can neither copy it nor see whether the target has it. */
  'move.diskBackend': { disk: string; domain: string };
  /** One disk attached to the guest twice: copied twice it would be two. */
  'move.diskTwice': { disk: string; vdevs: string[] };
  /** Both hosts have a volume of this UUID, and one of them can't tell what hardware it lies on: one disk, or a copy of it. */
  'move.diskTwin': { disk: string; host: string };
  /** A DRBD device that both hosts have, which a guest could not write to on `host`: not Primary, a peer not connected, not up to date. */
  'move.drbd': { disk: string; host: string; lacks: 'secondary' | 'apart' | 'stale' };
  'move.diskNotShared': { disk: string; host: string };
  /** A volume has no format: it can't be qcow2. */
  'move.volumeFormat': { vdev: string; group: string };
  /** qcow2 files are read and written through these, which the host does not have: commands, or `nbd`, a module of its kernel. */
  'move.qcow2Tools': { host: string; lacks: string[]; does: 'read' | 'write'; vdevs: string[] };
  /** Its config would have to change for the target, and what runs is not what its config says. */
  'move.configDiffers': { name: string };
  'move.disksFailed': { said: string };
  /** Comparing its disks would keep the guest standing still for so long. */
  'move.pauseTooLong': { minutes: number };
  /** It did not move, and this could not be taken away at the target. */
  'move.left': { paths: string[]; host: string };
  'move.cdromLocal': { disk: string; host: string };
  'move.fileMissing': { path: string; host: string };
  'move.clock': { differenceMs: number; host: string };
  'move.unreachable': { from: string; to: string; tried: string[] };
  /** A warning: the hosts don't talk to each other, this desktop passes the bytes on, and must stay. */
  'move.relayed': { from: string; to: string };
  /** The sshd of this host does not let us forward, so the desktop can't pass the bytes on. */
  'move.relayRefused': { host: string };
  /** The desktop passed the bytes on, and its link broke before the target was ready. */
  'move.relayCut': { name: string };
  /** A warning: the source logs in at the target by the operator's own agent, and may use it for that while it connects. */
  'move.byAgent': { from: string; to: string };
  /** The sshd of this host lets us open no socket there, at which the operator's agent could answer. */
  'move.agentDoor': { host: string };
  /** The source was not let in at this host by the operator's agent, or could do nothing there. */
  'move.agentRefused': { host: string; said: string };
  /** sudo asks for a password at this host, and the source is told none. */
  'move.agentSudo': { host: string };
  /** The operator's agent did not answer when the source was to log in. */
  'move.agentCut': { name: string };
  'move.targetFailed': { said: string };
  'move.failedAtSource': { said: string };
  /** It was asked to shut down for a move with a stop, and did not. Nothing else was done. */
  'move.notShutDown': { name: string; seconds: number };
  /** It came, with its disks and its config, and could not be started there. */
  'move.notStarted': { name: string; host: string; said: string };
  /** It could not be started, or restored, at the target of a move with a stop, and runs at the source again. */
  'move.cameBack': { name: string; host: string; said: string };
  /** It was shut down for a move that did not take place, and could not be started again here. */
  'move.notStartedAgain': { name: string; said: string };
  /** Both hosts know it by its UUID while its disks are copied; its config has none. */
  'move.noUuid': { name: string };
  /** Its work on the source was ended from outside (killed), before anybody could let the target start it. */
  'move.killed': { name: string; host: string };
  'move.undecided': { name: string };
  /** It was moving when a host went down; it did not go on, and was started again from its disk. */
  'move.restarted': { name: string; host: string };
  /** It was moving when the source went down: it runs nowhere now, and its config is in place at the source. */
  'move.halted': { name: string; host: string };
  'move.rootLoginRefused': { host: string };
  /** A move of this guest waits for its time already. `at` null: another XenFerry has made it ready. */
  'move.scheduled': { name: string; at: number | null };
  /** A move can wait for a minute to a week. */
  'move.badTime': Record<never, never>;
  /** Only the way straight from the source needs no desktop. */
  'move.laterRelay': Record<never, never>;
  /** The operator's agent answers only as long as this desktop is there. */
  'move.laterAgent': Record<never, never>;
  /** Only a live move waits: nobody would be there when a guest that was shut down can't be started. */
  'move.laterStopped': Record<never, never>;
  /** It had waited for its time, and then did not begin. `said`: what of it (a file, a machine, MiB). */
  'move.notBegun': { name: string; host: string; why: NotBegun; said: string };
  'move.tooLateToCancel': Record<never, never>;
  // two hosts as partners, and making what one lacks
  'twin.sameHost': Record<never, never>;
  /** Features guests have on the one host and can't have on the other. `grave`: instructions a guest may be using are among them. */
  'twin.featuresMissing': { types: string[]; features: string[]; host: string; grave: boolean };
  'twin.policyUnknown': { hosts: string[] };
  'twin.keymapMissing': { keymap: string; guests: string[]; host: string };
  'twin.keymapsUnknown': { keymap: string; host: string };
  'twin.groupMissing': { group: string; guests: string[]; host: string };
  'twin.volumeMissing': { group: string; volume: string; sizeMiB: number; guests: string[]; host: string };
  'twin.folderMissing': { path: string; guests: string[]; host: string };
  /** `source`: what is mounted there (or exported from there) on the other host. */
  'twin.mountMissing': { path: string; source: string; guests: string[]; host: string };
  'twin.mountDiffers': { path: string; source: string; guests: string[]; host: string };
  /** Devices, scripts and driver domains: whether the other host has the same was not looked at. No disks: the guests' configs can't be read. */
  'twin.disksUnknown': { disks: string[]; guests: string[]; host: string };
  /** The same of devices passed through: disk controllers may be among them. */
  'twin.devicesUnknown': { guests: string[]; host: string };
  /** Both have it, each its own: guests on it move only together with their disks. */
  'twin.storageLocal': { place: string; guests: string[]; host: string };
  'fix.exists': { thing: string; host: string };
  'fix.portUnfit': { port: string; unfit: 'missing' | 'address' | 'member' | 'below'; host: string };
  'fix.groupMissing': { group: string; host: string };
  'fix.changed': { host: string };
  'fix.busy': { host: string };
  /** It failed, and what had been made is taken back; `left`: what could not be. */
  'fix.failed': { thing: string; said: string; left: string[] };
  // plans of several moves
  'plan.unknown': { planId: string };
  /** It can't be changed or thrown away while moves of it are under way. */
  'plan.underWay': Record<never, never>;
  /** Nothing of it waits. */
  'plan.nothingWaits': Record<never, never>;
  'plan.twice': { name: string };
  'plan.stepCancelled': { name: string };
  /** A step with a stop, of a guest that does not run: it would not be started at its target. */
  'plan.stopHalted': { name: string };
  /** It was to run at its target, and is there and does not. */
  'plan.notRunning': { name: string; host: string };
  /** It is on another host than those of its step. */
  'plan.movedAway': { name: string; where: string };
  /**
   * Nobody knows whether the guest, or one that uses its disks, runs on these: going on needs its name typed.
   * `lastSeen`: of these, the one it ran on when it was heard last. `copyOf`: it is not the guest, but one that writes to this meanwhile.
   */
  'guard.notAsked': { name: string; hosts: string[]; lastSeen: string | null; copyOf?: string };
  /** Its disks were left by a move, and the guest is on that host now: what comes back is a second one, as it was then. Needs its name typed. */
  'guard.livesElsewhere': { name: string; where: string };
  /** Another XenFerry was about to start something from this disk at the same moment. */
  'guard.leaseTaken': { name: string; disk: string };
  /** It runs here, and the same guest, or one that writes to the same disk, runs there too. */
  'guard.twice': { name: string; other: string; where: string };
  /** It runs here, and beside its disk another host says that it uses it. */
  'guard.leaseElsewhere': { name: string; disk: string; where: string };
  // the doctor
  /** What was found is not as it was shown any more. */
  'doctor.stale': Record<never, never>;
  /** Its host looked again right before, and did nothing. */
  'doctor.refused': { why: 'busy' | 'moving' | 'running' | 'changed' | 'inuse' | 'other'; said: string };
  /** This could not be taken to the trash. */
  'doctor.left': { path: string };
  // tasks and the program itself
  'task.unknown': { taskId: string };
  'task.ended': Record<never, never>;
  /** Cancelled by somebody else: another XenFerry on the same hosts. */
  'task.cancelled': Record<never, never>;
  'task.notCancellable': Record<never, never>;
  'task.interrupted': Record<never, never>;
  /** It was to wait for its time when the program ended; how it goes is seen when its host is there. */
  'task.scheduled': { at: number };
  'secrets.unsafeStore': { backend: string };
  'console.busy': { name: string };
  'console.none': { name: string; kind: string };
  'store.unwritable': { file: string };
  'store.newer': { file: string; version: number };
  /** Another XenFerry on this computer has the folder of saved data; `pid` is its process. */
  'store.inUse': { file: string; shell: 'electron' | 'server' | 'cli'; pid: number };
  /** Another XenFerry on this computer wrote it since it was read here. */
  'store.changed': { file: string };
  'input.refused': { path: string; why: string };
  'call.unknown': { name: string };
  'port.closed': Record<never, never>;
  'program.fault': { message: string };
}

/** The code of a problem, `area.what`. */
export type ProblemCode = keyof ProblemParams;

/** A problem as data. `detail` is raw text of the outside world (stderr), secrets removed, shown under "Details". */
export type Problem = {
  [Code in ProblemCode]: { code: Code; effect: Effect; detail?: string } & ProblemParams[Code];
}[ProblemCode];

/** The problem of one code. */
export type ProblemOf<Code extends ProblemCode> = Extract<Problem, { code: Code }>;

/** Makes a problem. `effect` defaults to 'none': nothing was changed anywhere. */
export function problem<Code extends ProblemCode>(
  code: Code,
  params: ProblemParams[Code],
  more: { effect?: Effect; detail?: string } = {},
): Problem {
  const made = { code, effect: more.effect ?? 'none', ...params, ...(more.detail ? { detail: more.detail } : {}) };
  return made as unknown as Problem; // the spread of a generic is not narrowed by the compiler
}

/** A problem on its way up. Thrown only inside the engine and by the client; never crosses a port. */
export class ProblemError extends Error {
  readonly problem: Problem;
  constructor(what: Problem) {
    super(what.code);
    this.name = 'ProblemError';
    this.problem = what;
  }
}

/** Throws a problem: `fail('host.unknown', { hostId })`. */
export function fail<Code extends ProblemCode>(
  code: Code,
  params: ProblemParams[Code],
  more: { effect?: Effect; detail?: string } = {},
): never {
  throw new ProblemError(problem(code, params, more));
}

/** The problem in whatever was thrown: a fault of our own becomes `program.fault`. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return thrown.problem;
  const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return problem('program.fault', { message }, { effect: 'unknown' });
}

/** The answer of a rule: yes; yes with remarks; or no with the reason. */
export type Verdict = { may: true; warnings?: Problem[] } | { may: false; because: Problem };
