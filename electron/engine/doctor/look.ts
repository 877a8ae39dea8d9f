import type { Copy } from '../../contract/doctor.ts';
import type { HostId } from '../../contract/host.ts';
import disksText from '../remote/programs/config-disks.sh?raw';
import lookText from '../remote/programs/doctor-look.sh?raw';
import moversText from '../remote/programs/doctor-movers.sh?raw';
import type { Remote } from '../remote/remote.ts';
import { linesOf, unreadable } from '../remote/said.ts';

/** What one host has of things that moves and creations leave. */
export interface HostLook {
  hostId: HostId;
  boot: string;
  /** xl can let a suspended domain go on. */
  canResume: boolean;
  domains: SeenDomain[];
  /** What moves or saves a guest now: the guest stands still meanwhile. `ours`: the move of ours it belongs to. */
  movers: { way: 'receive' | 'send'; ours: string | null }[];
  jobs: SeenJob[];
  incoming: SeenIncoming[];
  keys: { id: string; expired: boolean; file: string }[];
  parts: { id: string; ageSeconds: number; bytes: number; path: string }[];
  volumes: { id: string; path: string; uuid: string; bytes: number; open: boolean; ageSeconds: number }[];
  /** Entries of the trash of guests that moved away, and disks of them that could not be set aside. `lock`: as of a job. */
  left: { trashId: string; lock: string; movedTo: string | null; name: string; disks: string[] }[];
  traces: { id: string; path: string }[];
  locks: { name: string; held: boolean; ageSeconds: number }[];
}
/** A domain with the identity of its guest. */
export type SeenDomain = Omit<Copy, 'hostId'> & { uuid: string };
/** A job's folder. `aside`: the config it set aside, and whether something stands in its place. */
export interface SeenJob {
  id: string;
  state: 'new' | 'running' | 'ended' | 'died';
  ageSeconds: number;
  rebooted: boolean;
  phase: string | null;
  committed: boolean;
  /** The guest's lock: its UUID, or its name. */
  lock: string | null;
  about: unknown;
  aside: { file: string; here: boolean } | null;
}
/** The folder of a move at its target. */
export interface SeenIncoming {
  id: string;
  /**
   * `staged`: nobody has come in yet; `waiting`: for the time to let somebody in; `claimed`: somebody came, or nobody has to, and the
   * source may have let go of its config.
   */
  state: (typeof incomingStates)[number];
  ageSeconds: number;
  installed: boolean;
  uuid: string | null;
  staged: { file: string; here: boolean } | null;
  made: { path: string; bytes: number }[];
}

export const lookProgram = { name: 'doctor-look', text: `${moversText}${disksText}${lookText}` } as const;

/** Looks at one host; `folders`: where disks and configs stand. Changes nothing. */
export async function lookAtHost(remote: Remote, hostId: HostId, folders: readonly string[]): Promise<HostLook> {
  return parseLook(hostId, linesOf('doctor-look', await remote.program(lookProgram, folders)));
}

const jobStates = ['new', 'running', 'ended', 'died'] as const;
const incomingStates = ['staged', 'waiting', 'claimed', 'receiving', 'received', 'failed'] as const;

/** The answer of doctor-look. */
export function parseLook(hostId: HostId, lines: readonly string[]): HostLook {
  const look: HostLook = {
    hostId,
    boot: '',
    canResume: false,
    domains: [],
    movers: [],
    jobs: [],
    incoming: [],
    keys: [],
    parts: [],
    volumes: [],
    left: [],
    traces: [],
    locks: [],
  };
  for (const line of lines) {
    const [word = '', ...fields] = line.split('\t');
    const reader = readers[word];
    if (!reader) throw unreadable('doctor-look', line);
    reader(look, new Fields(line, fields));
  }
  return look;
}

/** The fields of a line; one that is missing or no number is unreadable. */
class Fields {
  private readonly line: string;
  private readonly fields: string[];
  constructor(line: string, fields: string[]) {
    this.line = line;
    this.fields = fields;
  }
  word(at: number): string {
    return this.fields[at] ?? this.bad();
  }
  /** '-' is none. */
  maybe(at: number): string | null {
    const found = this.word(at);
    return found === '-' || found === '' ? null : found;
  }
  number(at: number): number {
    const found = Number(this.word(at));
    return Number.isFinite(found) ? found : this.bad();
  }
  rest(at: number): string {
    return this.fields.length > at ? this.fields.slice(at).join('\t') : this.bad();
  }
  one<T extends string>(at: number, of: readonly T[]): T {
    return of.find((one) => one === this.fields[at]) ?? this.bad();
  }
  bad(): never {
    throw unreadable('doctor-look', this.line);
  }
}

const readers: Record<string, (look: HostLook, f: Fields) => void> = {
  boot: (look, f) => {
    look.boot = f.word(0);
  },
  resume: (look) => {
    look.canResume = true;
  },
  domain: (look, f) => look.domains.push({ domid: f.number(0), state: f.word(1), seconds: f.number(2), uuid: f.word(3), name: f.rest(4) }),
  mover: (look, f) => look.movers.push({ way: f.one(0, ['receive', 'send']), ours: f.maybe(1) }),
  job: (look, f) =>
    look.jobs.push({
      id: f.word(0),
      state: f.one(1, jobStates),
      ageSeconds: f.number(2),
      rebooted: f.one(3, ['same', 'other']) === 'other',
      phase: f.maybe(4),
      committed: f.one(5, ['yes', 'no']) === 'yes',
      lock: f.maybe(6),
      about: jsonOf(f.rest(7)),
      aside: null,
    }),
  aside: (look, f) => {
    const job = look.jobs.find((one) => one.id === f.word(0)) ?? f.bad();
    job.aside = { here: f.one(1, ['here', 'gone']) === 'here', file: f.rest(2) };
  },
  incoming: (look, f) =>
    look.incoming.push({
      id: f.word(0),
      state: f.one(1, incomingStates),
      ageSeconds: f.number(2),
      installed: f.one(3, ['yes', 'no']) === 'yes',
      uuid: f.maybe(4),
      staged: null,
      made: [],
    }),
  staged: (look, f) => {
    const incoming = look.incoming.find((one) => one.id === f.word(0)) ?? f.bad();
    incoming.staged = { here: f.one(1, ['here', 'gone']) === 'here', file: f.rest(2) };
  },
  made: (look, f) => {
    const incoming = look.incoming.find((one) => one.id === f.word(0)) ?? f.bad();
    incoming.made.push({ bytes: f.number(1), path: f.rest(2) });
  },
  key: (look, f) => look.keys.push({ id: f.word(0), expired: f.one(1, ['valid', 'expired']) === 'expired', file: f.rest(2) }),
  part: (look, f) => look.parts.push({ id: f.word(0), ageSeconds: f.number(1), bytes: f.number(2), path: f.rest(3) }),
  volume: (look, f) =>
    look.volumes.push({
      id: f.word(0),
      path: `/dev/${f.word(1)}`,
      uuid: f.word(2),
      bytes: f.number(3),
      open: f.one(4, ['yes', 'no']) === 'yes',
      ageSeconds: f.number(5),
    }),
  left: (look, f) => look.left.push({ trashId: f.word(0), lock: f.word(1), movedTo: f.maybe(2), name: f.rest(3), disks: [] }),
  kept: (look, f) => (look.left.find((one) => one.trashId === f.word(0)) ?? f.bad()).disks.push(f.rest(1)),
  trace: (look, f) => look.traces.push({ id: f.word(0), path: f.rest(1) }),
  lock: (look, f) => look.locks.push({ held: f.one(0, ['held', 'free']) === 'held', ageSeconds: f.number(1), name: f.rest(2) }),
};

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
