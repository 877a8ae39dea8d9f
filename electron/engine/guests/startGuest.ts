import type { Guest } from '../../contract/guest.ts';
import { fail, ProblemError, problemOf } from '../../contract/problem.ts';
import { mayStart } from '../../contract/rules.ts';
import { guardGuest, refuseGuarded } from '../guard/guard.ts';
import { leaseFile, leaseWords } from '../guard/leaseWords.ts';
import type { Guests, TaskHand } from '../parts.ts';
import { followJob, listJobs, lockOf, removeJobs, startJob } from '../remote/jobs.ts';
import startText from '../remote/programs/start.sh?raw';
import type { Remote } from '../remote/remote.ts';
import type { GuestsParts } from './mirror.ts';
import { linkOpen, pause } from './waiting.ts';

/** What a start's job tells whoever finds it. */
export interface AboutStart {
  kind: 'guest.start';
  guestId: string;
  guestName: string;
  /** ms since 1970, clock of the desktop that started it. */
  startedAt: number;
}

type Core = Pick<Guests, 'all' | 'get' | 'refresh' | 'until'>;

/** Looks at every host anew, then starts the guest where nothing speaks against it. */
export async function startGuest(
  parts: GuestsParts,
  guests: Core,
  of: { hostId: string; guestId: string; hand: TaskHand; typedName: string | null },
): Promise<void> {
  const { hosts, world } = parts;
  const { hostId, guestId, hand } = of;
  const find = (): Guest => {
    const guest = guests.get(hostId, guestId);
    const may = mayStart({ ...guest, doing: null }, hosts.get(hostId));
    if (!may.may) throw new ProblemError(may.because);
    return guest;
  };
  hand.tell({ phase: 'checking' });
  const found = await guardGuest({ world, hosts, guests }, hostId, find);
  const guest = find();
  refuseGuarded(found, guest.name, of.typedName);
  if (found.notAsked.length > 0) hand.log(`not asked: ${found.notAsked.join(', ')}`);
  hand.tell({ phase: 'starting' });
  const about: AboutStart = { kind: 'guest.start', guestId, guestName: guest.name, startedAt: world.clock.now() };
  const file = guest.config?.file ?? fail('guest.noConfig', { name: guest.name });
  // As a job, so that the start, and what xl leaves running (its monitor, QEMU), outlive our connection.
  const job = {
    id: hand.id,
    lock: lockOf(guest),
    about: { ...about },
    program: startText,
    args: [file, ...leaseWords(guest, found)],
    files: leaseFile,
  };
  await startJob(hosts.remote(hostId), job, guest.name);
  await followStart(parts, guests, of);
}

/** Follows a start's job to its end, over lost links, and waits until the guest runs. */
export async function followStart(
  parts: GuestsParts,
  guests: Core,
  of: { hostId: string; guestId: string; hand: TaskHand },
): Promise<void> {
  const { hostId, guestId, hand } = of;
  const said: string[] = [];
  const exit = await jobExit(parts, hostId, hand, said);
  const remote = await linkOpen(parts, hostId);
  await guests.refresh(hostId).catch(() => {}); // the watch will see it anyway
  const name = parts.tasks.get(hand.id)?.guestName ?? '';
  if (exit !== 0) {
    const now = guests.all().find((one) => one.hostId === hostId && one.guestId === guestId);
    const taken = said.find((line) => line.startsWith('held '));
    if (taken) fail('guard.leaseTaken', { name, disk: taken.slice('held '.length) });
    const left = now !== undefined && now.state !== 'halted';
    fail(
      'guest.startFailed',
      { name, said: lastWords(said) },
      { effect: exit === null ? 'unknown' : left ? 'partial' : 'none', detail: said.join('\n') },
    );
  }
  hand.tell({ phase: 'waiting' });
  const up = await guests.until(hostId, guestId, (guest) => guest !== null && guest.state !== 'halted', parts.limits.commandMs);
  await removeJobs(remote, [hand.id]).catch(() => {}); // goes when it is old
  if (!up) fail('guest.startFailed', { name, said: lastWords(said) }, { effect: 'unknown', detail: said.join('\n') });
}

async function jobExit(parts: GuestsParts, hostId: string, hand: TaskHand, said: string[]): Promise<number | null> {
  for (;;) {
    const remote = await linkOpen(parts, hostId);
    try {
      const end = await followJob(remote, hand.id, {
        skipLines: said.length,
        clock: parts.world.clock,
        said: (what) => {
          if (what.is !== 'line') return;
          said.push(what.text);
          hand.log(what.text);
        },
      });
      if (end) return end.exit;
    } catch (thrown) {
      const why = problemOf(thrown);
      if (why.code !== 'ssh.closed' && why.code !== 'host.notOpen') throw thrown;
    }
    await pause(parts.world, 1_000); // the link's state follows
  }
}

/** The lines that say why; what libxl says of itself stands in the detail. */
function lastWords(said: readonly string[]): string {
  const telling = said.filter((line) => line.trim() !== '' && !/^(Parsing config|lease \/|unwritable \/)/.test(line));
  return (telling.find((line) => /error|fail|invalid|unable/i.test(line)) ?? telling.at(-1) ?? '').slice(0, 400);
}

/** Starts found on a host: of an earlier run of ours, or of another XenFerry. */
export async function adoptStarts(parts: GuestsParts, guests: Core, hostId: string, remote: Remote): Promise<void> {
  const { tasks } = parts;
  const old: string[] = [];
  for (const job of await listJobs(remote)) {
    const about = readAbout(job.about);
    if (!about || job.state === 'new') continue;
    const known = tasks.get(job.id);
    const seen = known?.outcome ? known.outcome.is !== 'unknown' : false;
    if (job.state !== 'running' && (seen || job.ageSeconds > 3600)) old.push(job.id);
    else if (!seen) {
      const found = { id: job.id, startedAt: about.startedAt, foreign: known === null };
      tasks.start({ kind: 'guest.start', hostId, guestId: about.guestId, guestName: about.guestName, found }, (hand) =>
        followStart(parts, guests, { hostId, guestId: about.guestId, hand }),
      );
    }
  }
  await removeJobs(remote, old);
}

function readAbout(about: unknown): AboutStart | null {
  if (typeof about !== 'object' || about === null) return null;
  const { kind, guestId, guestName, startedAt } = about as Partial<AboutStart>;
  if (kind !== 'guest.start' || typeof guestId !== 'string' || typeof guestName !== 'string' || typeof startedAt !== 'number') return null;
  return { kind, guestId, guestName, startedAt };
}
