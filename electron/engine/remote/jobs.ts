import { fail, type Problem, ProblemError, problem } from '../../contract/problem.ts';
import type { Clock } from '../world.ts';
import cancelText from './programs/job-cancel.sh?raw';
import followText from './programs/job-follow.sh?raw';
import listText from './programs/job-list.sh?raw';
import removeText from './programs/job-remove.sh?raw';
import startText from './programs/job-start.sh?raw';
import type { Program, Ran, Remote } from './remote.ts';

/** Long work on a host, in a folder of its own: it goes on without us and is found again by whoever connects. */

export const jobPrograms = {
  start: { name: 'job-start', text: startText },
  list: { name: 'job-list', text: listText },
  follow: { name: 'job-follow', text: followText },
  cancel: { name: 'job-cancel', text: cancelText },
  remove: { name: 'job-remove', text: removeText },
} as const satisfies Record<string, Program>;

/** A job to start. */
export interface JobStart {
  /** Letters, digits, `.`, `_`, `-`; a task's id. */
  id: string;
  /** Names the guest in the host's locks: one job a guest. See `lockOf`. */
  lock: string;
  /** What it is for, told to any XenFerry that finds it. */
  about: Record<string, unknown>;
  /** The work: POSIX sh, run in the job's folder, arguments as given, standard input empty, both outputs to `log`. */
  program: string;
  args: readonly string[];
  /** More files for its folder, by name. */
  files?: Record<string, string>;
}

/** A job as a host lists it. `exit`: its status, when it ended. Seconds since its folder last changed. */
export interface FoundJob {
  id: string;
  state: 'new' | 'running' | 'ended' | 'died';
  exit: number | null;
  ageSeconds: number;
  logBytes: number;
  about: unknown;
}

/** What a job says while it is followed. Times are seconds of the host's uptime. */
export type JobSaid =
  | { is: 'began'; uptime: number }
  | { is: 'line'; text: string }
  | { is: 'phase'; phase: string }
  | { is: 'committed' }
  | { is: 'sent'; bytes: number; uptime: number };

/** How a job ended. `exit` null: its process is gone and left no exit. */
export interface JobEnd {
  exit: number | null;
  uptime: number;
}

/** The name of a guest's lock on a host: its UUID, or its name in hex where it has none. */
export function lockOf(guest: { uuid: string | null; name: string }): string {
  return guest.uuid?.toLowerCase() ?? `name-${Buffer.from(guest.name).toString('hex').slice(0, 200)}`;
}

/** Starts a job, detached. Problems: `guest.busy` (somebody works on that guest), `command.failed`. */
export async function startJob(remote: Remote, job: JobStart, guestName: string): Promise<void> {
  const files = { ...job.files, program: job.program };
  const stdin = Object.entries(files).map(([name, text]) => `file ${name} ${Buffer.from(text).toString('base64')}\n`);
  const ran = await remote.program(jobPrograms.start, [job.id, job.lock, JSON.stringify(job.about), ...job.args], {
    stdin: stdin.join(''),
  });
  const refused = refusalOf(ran);
  if (refused === null) return;
  if (refused === 'busy') fail('guest.busy', { name: guestName, taskId: '' });
  fail('command.failed', { command: 'job-start', exit: ran.exit, said: refused });
}

/** Lists asked for in this moment. Only these are shared: one asked for earlier may not know of a job that began since. */
const askedNow = new WeakMap<Remote, Promise<FoundJob[]>>();

/** All jobs of a host. Several who ask at once, as when a link opens, hear one answer. */
export function listJobs(remote: Remote): Promise<FoundJob[]> {
  const asked = askedNow.get(remote);
  if (asked !== undefined) return asked;
  const list = remote.program(jobPrograms.list, []).then((ran) => parseJobs(ran.stdout));
  askedNow.set(remote, list);
  queueMicrotask(() => askedNow.delete(remote));
  return list;
}

/** Asks a job to stop. 'late': its point of no return is behind it; 'ended': it has ended already. */
export async function cancelJob(remote: Remote, id: string): Promise<'cancelled' | 'late' | 'ended'> {
  const ran = await remote.program(jobPrograms.cancel, [id]);
  const refused = refusalOf(ran);
  if (refused === null) return 'cancelled';
  if (refused === 'late') return 'late';
  if (refused === 'ended' || refused === 'gone') return 'ended';
  return fail('command.failed', { command: 'job-cancel', exit: ran.exit, said: refused });
}

/** Takes away the folders of ended jobs. */
export async function removeJobs(remote: Remote, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await removeOld(remote, ids);
}

/** Takes away the folders of ended jobs, and what moves left here more than a day ago. */
export async function removeOld(remote: Remote, ids: readonly string[]): Promise<void> {
  await remote.program(jobPrograms.remove, ids);
}

/** How often a followed job is looked at, ms. */
const TICK_MS = 1000;

/**
 * Follows a job until it has ended. Resolves null when the link went first (follow again when it is back, with the number
 * of log lines already heard). Problem: `command.failed` when there is no such job.
 */
export async function followJob(
  remote: Remote,
  id: string,
  how: { skipLines: number; said: (what: JobSaid) => void; clock: Clock; signal?: AbortSignal },
): Promise<JobEnd | null> {
  const stream = await remote.stream(jobPrograms.follow, [id, String(how.skipLines)]);
  const stopBeating = how.clock.every(TICK_MS, () => stream.send('.\n'));
  let end: JobEnd | null = null;
  let trouble: Problem | null = null;
  const close = () => stream.close();
  how.signal?.addEventListener('abort', close, { once: true });
  try {
    await new Promise<void>((resolve) => {
      stream.onLine((line) => {
        const heard = parseFollow(line);
        if (heard === null) trouble = unreadable('job-follow', line);
        else if (heard.is === 'end') end = heard.end;
        else if (heard.is === 'gone') trouble = problem('command.failed', { command: 'job-follow', exit: 1, said: heard.why });
        else if (heard.is !== 'ok') how.said(heard);
      });
      stream.onEnd(() => resolve());
    });
  } finally {
    stopBeating();
    how.signal?.removeEventListener('abort', close);
  }
  if (trouble) throw new ProblemError(trouble);
  return end;
}

type FollowLine = JobSaid | { is: 'end'; end: JobEnd } | { is: 'gone'; why: string } | { is: 'ok' };

/** One line of job-follow; null: not one of its lines. */
export function parseFollow(line: string): FollowLine | null {
  if (line.startsWith('|')) return { is: 'line', text: line.slice(1) };
  const [word, first = '', second = ''] = line.split(' ');
  switch (word) {
    case 'began':
      return isNumber(first) ? { is: 'began', uptime: Number(first) } : null;
    case 'phase':
      return first ? { is: 'phase', phase: first } : null;
    case 'committed':
      return { is: 'committed' };
    case 'sent':
      return isNumber(first) && isNumber(second) ? { is: 'sent', bytes: Number(first), uptime: Number(second) } : null;
    case 'ended':
      if (!isNumber(second) || !(first === 'died' || isNumber(first))) return null;
      return { is: 'end', end: { exit: first === 'died' ? null : Number(first), uptime: Number(second) } };
    case 'failed':
      return { is: 'gone', why: first };
    case 'ok':
      return { is: 'ok' };
    default:
      return null;
  }
}

const states = ['new', 'running', 'ended', 'died'] as const;

/** The answer of job-list. A job whose `about` can't be read is listed with null there: it is somebody's, and stays. */
export function parseJobs(text: string): FoundJob[] {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.pop() !== 'ok') throw new ProblemError(unreadable('job-list', text));
  return lines.map((line) => {
    const [word, id, state, exit, age, size, ...about] = line.split('\t');
    const known = states.find((one) => one === state);
    if (word !== 'job' || !id || !known || !isNumber(age) || !isNumber(size)) throw new ProblemError(unreadable('job-list', line));
    return {
      id,
      state: known,
      exit: isNumber(exit) ? Number(exit) : null,
      ageSeconds: Number(age),
      logBytes: Number(size),
      about: jsonOf(about.join('\t')),
    };
  });
}

/** null: the program said ok; else the words after `failed`. */
export function refusalOf(ran: Ran): string | null {
  const last = ran.stdout.trimEnd().split('\n').pop() ?? '';
  if (last === 'ok') return null;
  if (last.startsWith('failed ')) return last.slice('failed '.length);
  throw new ProblemError(unreadable('answer', `${ran.stdout}${ran.stderr}`));
}

const unreadable = (what: string, sample: string) => problem('output.unreadable', { what, sample: sample.slice(0, 400) });
const isNumber = (word: string | undefined): word is string => word !== undefined && /^\d+(\.\d+)?$/.test(word);

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
