import type { HostId } from './host.ts';
import type { Problem } from './problem.ts';

/** What the doctor can find: states that a move or a creation leaves when it is broken off, by us or by hand. */
export type FindingKind =
  /** It runs on more than one host. */
  | 'twice'
  /** `NAME--incoming`: the half that came, and was never started. */
  | 'incoming'
  /** `NAME--migratedaway`: what stayed at the source of a move. */
  | 'migratedAway'
  /** Suspended under its own name: its move broke off before it was given away. */
  | 'suspended'
  /** Paused here, while it runs on another host. */
  | 'pausedBeside'
  /** Its config stands here too, while it runs on another host. */
  | 'configCopy'
  /** Its config stands here, and only here, while it runs on another host: as a plain `xl migrate` leaves it. */
  | 'configElsewhere'
  /** Halted, and its config stands on several hosts. */
  | 'configsHalted'
  /** Its config is in no folder of Xen: a move has set it aside, or brought it, and did not end. */
  | 'nowhere'
  /** The folder of a move that nobody will go on with, and what was made for its disks. */
  | 'staged'
  /** Disks and parts of a work of ours that no host knows any more. */
  | 'halfDisks'
  /** What a guest that moved away had as its disk, under its own name still: it could not be set aside with the others. */
  | 'oldDisk'
  /** Our line in root's authorized_keys, without its move. */
  | 'keyLine'
  | 'trace'
  | 'locks'
  /** A move that was prepared and never began. */
  | 'job';

/** A copy of a guest, as a host has it. `state`: six letters of `xl list`. */
export interface Copy {
  hostId: HostId;
  domid: number;
  name: string;
  state: string;
  /** CPU time it has used: a copy that was never started has used none. */
  seconds: number;
}

/** A fact on which a finding stands. */
export type Evidence =
  | { is: 'copy'; copy: Copy; as: 'runs' | 'paused' | 'suspended' | 'neverStarted' | 'givenAway' | 'ended' }
  /** None of its domains is on these hosts, and they were asked. */
  | { is: 'noCopy'; hostIds: HostId[] }
  /** Nothing moves or saves a guest on this host now. */
  | { is: 'noMover'; hostId: HostId }
  | { is: 'config'; hostId: HostId; file: string; autostart: boolean; same: boolean }
  | { is: 'noConfig'; hostIds: HostId[] }
  /** What the work of ours says of itself; `rebooted`: its host was booted anew since. */
  | { is: 'job'; hostId: HostId; jobId: string; state: 'new' | 'ended' | 'died'; committed: boolean; rebooted: boolean }
  | { is: 'noJob'; jobId: string; hostIds: HostId[] }
  /** It moved from this host to one of that name. */
  | { is: 'movedTo'; hostId: HostId; label: string }
  | { is: 'expired' }
  | { is: 'unheld' };

/** The one thing that can be done, in words of the remote program that does it. */
export type MendAction =
  | { is: 'end'; copy: Copy; uuid: string; how: 'incoming' | 'migratedaway' | 'suspended' | 'paused' }
  | { is: 'resume'; copy: Copy; uuid: string }
  | { is: 'putBack'; jobId: string; file: string }
  | { is: 'install'; jobId: string; file: string }
  | { is: 'trashConfig'; file: string; version: string }
  /** To the host on which it runs; here it goes to the trash. */
  | { is: 'carryConfig'; file: string; version: string; toHostId: HostId; autostart: boolean }
  | { is: 'unstage'; jobId: string; disks: string[] }
  | { is: 'shelve'; jobId: string; disks: string[] }
  /** To the other disks of the guest that lie in the trash as `trashId`. */
  | { is: 'setAside'; trashId: string; disks: string[] }
  | { is: 'unlock'; jobId: string; file: string }
  | { is: 'untrace'; jobId: string; path: string }
  | { is: 'dropLocks'; names: string[] }
  | { is: 'forget'; jobId: string };

/** Why nothing is offered. */
export type NoAction =
  /** More than one copy may be alive: only who knows the guest can choose. */
  | { is: 'bothAlive' }
  /** These hosts could not be asked, and one of them may have it. */
  | { is: 'notAsked'; hostIds: HostId[]; others: string[] }
  /** Something is moved or saved there now. */
  | { is: 'moving' }
  /** The other finding comes first. */
  | { is: 'otherFirst' }
  /** Without it nothing would be left from which the guest could be started. */
  | { is: 'onlyCopy' }
  /** Nothing says which of the configs is the right one. */
  | { is: 'cannotTell' }
  /** They have one UUID and different names, and may be two guests. */
  | { is: 'notOneGuest' }
  /** The disks that were to come with it did not come whole. */
  | { is: 'halfDisks' };

/** One thing that is not as it should be. */
export interface Finding {
  /** The same as long as it is about the same thing. */
  id: string;
  /** Changes with every fact it stands on: what was shown is what is mended, or nothing. */
  version: string;
  kind: FindingKind;
  /** danger: data is at stake. attention: something is in the way. remark: it only lies around. */
  weight: 'danger' | 'attention' | 'remark';
  /** Where it is, and where it would be mended. */
  hostId: HostId;
  guest: { name: string; uuid: string | null } | null;
  /** The copy that is alive; null: none, or it can't be told. */
  alive: Copy | null;
  because: Evidence[];
  /** Paths and names it is about. */
  things: string[];
  action: MendAction | null;
  /** The name must be typed first: memory of a guest is given up. */
  typed: boolean;
  /** Why `action` is null. */
  none: NoAction | null;
}

/** What the doctor saw. Times: ms since 1970, desktop's clock. */
export interface DoctorReport {
  at: number;
  /** It looked by itself, after something was interrupted. */
  byItself: boolean;
  findings: Finding[];
  asked: HostId[];
  /** `problem` null: its link is not open. */
  notAsked: { hostId: HostId; problem: Problem | null }[];
}
