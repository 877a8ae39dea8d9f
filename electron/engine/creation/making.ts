import type { GuestSpec } from '../../contract/creation.ts';
import { type Problem, ProblemError, problem } from '../../contract/problem.ts';
import type { TaskPhase } from '../../contract/task.ts';
import type { Guarded } from '../guard/guard.ts';
import { leaseFile, leaseWords } from '../guard/leaseWords.ts';
import type { JobStart } from '../remote/jobs.ts';
import { refusalOf } from '../remote/jobs.ts';
import createText from '../remote/programs/create.sh?raw';
import recoverText from '../remote/programs/create-recover.sh?raw';
import undoText from '../remote/programs/create-undo.sh?raw';
import type { Program, Remote } from '../remote/remote.ts';
import { diskWords } from './answer.ts';
import type { Plan } from './plan.ts';

/** The texts that run on a host: the job, what it reads, and what ends one whose process is gone. */
export const createProgram: Program = { name: 'create', text: createText };
export const createUndo: Program = { name: 'create-undo', text: undoText };
export const createRecover: Program = { name: 'create-recover', text: recoverText };

/** What a creation's job tells whoever finds it. */
export interface AboutCreation {
  kind: 'guest.create';
  guestId: string;
  guestName: string;
  /** ms since 1970, clock of the desktop that started it. */
  startedAt: number;
  /** Size of the disk in making, for its progress. */
  diskBytes: number;
  copies: boolean;
}

/** Reads `about` of a job; null: another kind of job, or nobody's we know. */
export function readAbout(about: unknown): AboutCreation | null {
  if (typeof about !== 'object' || about === null) return null;
  const said = about as Partial<AboutCreation>;
  const { kind, guestId, guestName, startedAt, diskBytes, copies } = said;
  if (kind !== 'guest.create' || typeof guestId !== 'string' || typeof guestName !== 'string') return null;
  if (typeof startedAt !== 'number' || typeof diskBytes !== 'number' || typeof copies !== 'boolean') return null;
  return { kind, guestId, guestName, startedAt, diskBytes, copies };
}

/** The job that makes a guest. */
export function creationJob(
  id: string,
  plan: Plan,
  more: { text: string; format: 'raw' | 'qcow2'; sourceBytes: number; startedAt: number; leases: Guarded['leases'] },
): JobStart {
  const about: AboutCreation = {
    kind: 'guest.create',
    guestId: plan.uuid,
    guestName: plan.spec.name,
    startedAt: more.startedAt,
    diskBytes: more.sourceBytes,
    copies: plan.copyOf !== null,
  };
  const sizeMiB = plan.disk.is === 'none' ? 0 : plan.disk.sizeMiB;
  const args = [
    plan.uuid,
    plan.configFile,
    plan.autoLink ?? '',
    ...diskWords(plan.disk),
    String(sizeMiB),
    plan.copyOf ?? '',
    more.format,
    startWord(plan.spec),
    ...leasesOf(plan, more.leases),
  ];
  return {
    id,
    lock: plan.uuid,
    about: { ...about },
    program: createProgram.text,
    args,
    files: { ...leaseFile, undo: createUndo.text, config: more.text },
  };
}

/** Of a disk that is made nobody has a lease. The UUID the job has already. */
function leasesOf(plan: Plan, taken: Guarded['leases']): string[] {
  const made = plan.disk.is === 'file' ? [{ disk: plan.disk.path, seen: '-' }] : [];
  return leaseWords({ uuid: plan.uuid, name: plan.spec.name }, { leases: [...made, ...taken] }).slice(1);
}

const startWord = (spec: GuestSpec): string => (spec.start ? 'yes' : 'no');

/** Steps of the job, and the task's phase in each. */
const phases = {
  disk: 'preparing',
  copy: 'copyingDisk',
  config: 'writing',
  autostart: 'writing',
  start: 'starting',
} as const satisfies Record<string, TaskPhase>;
type Step = keyof typeof phases;
const isStep = (word: string): word is Step => Object.hasOwn(phases, word);

/** A line of the job's log. Text of others has | in front; what is none of the rest is the shell's own. */
export type CreateSaid =
  | { is: 'step'; step: Step; phase: TaskPhase }
  | { is: 'percent'; percent: number }
  | { is: 'text'; text: string }
  | { is: 'undone' | 'left'; path: string }
  | { is: 'failed'; step: string }
  | { is: 'ok' | 'cancelled' };

export function parseCreate(line: string): CreateSaid {
  if (line.startsWith('|')) return { is: 'text', text: line.slice(1) };
  const [word = '', first = ''] = line.split(' ');
  if (word === 'step' && isStep(first)) return { is: 'step', step: first, phase: phases[first] };
  if (word === 'percent' && /^\d{1,3}$/.test(first)) return { is: 'percent', percent: Math.min(100, Number(first)) };
  if (word === 'undone' || word === 'left') return { is: word, path: line.slice(word.length + 1) };
  if (word === 'failed' && first !== '') return { is: 'failed', step: first };
  if (line === 'ok' || line === 'cancelled') return { is: line };
  return { is: 'text', text: line };
}

/** What a creation's log amounts to. */
export interface CreateTally {
  step: string;
  said: string[];
  undone: string[];
  left: string[];
  ended: 'ok' | 'cancelled' | 'failed' | null;
}

export const emptyTally = (): CreateTally => ({ step: 'disk', said: [], undone: [], left: [], ended: null });

/** Counts one more line in. */
export function tallied(tally: CreateTally, said: CreateSaid): CreateTally {
  switch (said.is) {
    case 'step':
      return { ...tally, step: said.step, said: [] };
    case 'percent':
      return tally;
    case 'text':
      return { ...tally, said: [...tally.said, said.text].slice(-40) };
    case 'undone':
      return { ...tally, undone: [...tally.undone, said.path] };
    case 'left':
      return { ...tally, left: [...tally.left, said.path] };
    case 'failed':
      return { ...tally, step: said.step === 'interrupted' ? tally.step : said.step, ended: tally.ended ?? 'failed' };
    case 'ok':
    case 'cancelled':
      return { ...tally, ended: said.is };
  }
}

/** How an ended job went; null: the guest is made. */
export function creationProblem(tally: CreateTally, exit: number | null): Problem | null {
  if (exit === 0) return null;
  const { step, undone, left } = tally;
  const said = tally.said.filter((line) => !line.startsWith('Parsing config from')).join('\n');
  const effect = left.length > 0 ? 'partial' : 'none';
  const detail = said === '' ? {} : { detail: said };
  if (exit === 8) return problem('create.interrupted', { left }, { effect: 'partial', ...detail });
  return problem('create.stepFailed', { step, said: firstError(said), undone, left }, { effect, ...detail });
}

/** The line that says most: xl's last ones tell only that it cleaned up. */
function firstError(said: string): string {
  const lines = said.split('\n').filter((line) => line !== '');
  return (lines.find((line) => /error|fail|panic|cannot|exist/i.test(line)) ?? lines[0] ?? '').slice(0, 300);
}

/** Ends a creation whose process is gone. 'busy': another XenFerry is at it; 'ended': it has its exit now. */
export async function recoverCreation(remote: Remote, id: string): Promise<'recovered' | 'ended' | 'busy'> {
  const refused = refusalOf(await remote.program(createRecover, [id]));
  if (refused === null) return 'recovered';
  if (refused === 'ended') return 'ended';
  if (refused === 'busy' || refused === 'running') return 'busy';
  throw new ProblemError(problem('command.failed', { command: createRecover.name, exit: 1, said: refused }, { effect: 'unknown' }));
}
