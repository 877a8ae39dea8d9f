import type { Guest } from '../../contract/guest.ts';
import type { Host } from '../../contract/host.ts';
import { fail, ProblemError, problem, type Verdict } from '../../contract/problem.ts';
import { mayForceOff, mayPause, mayReboot, mayResume, mayShutdown, mayStart } from '../../contract/rules.ts';
import type { TaskKind } from '../../contract/task.ts';
import { refuseUnasked } from '../guard/guard.ts';
import type { Guests, TaskHand } from '../parts.ts';
import type { Ran } from '../remote/remote.ts';
import type { GuestsParts } from './mirror.ts';
import { adoptStarts, startGuest } from './startGuest.ts';

type Core = Pick<Guests, 'all' | 'get' | 'refresh' | 'until'>;
type Lifecycle = Pick<
  Guests['handlers'],
  'guest.start' | 'guest.shutdown' | 'guest.reboot' | 'guest.forceOff' | 'guest.pause' | 'guest.resume'
>;
interface At {
  hostId: string;
  guestId: string;
}

/** Two pauses need two unpauses; more than this somebody does on purpose. */
const MOST_UNPAUSES = 20;
/** From the last word of a domain to its end: xl's monitor tidies up. */
const TIDY_MS = 30_000;

/** What can be done to a guest's life. Each is a task; the rule that draws the button is asked first. */
export function createLifecycle(parts: GuestsParts, guests: Core): { handlers: Lifecycle; close: () => void } {
  const { hosts, tasks, world } = parts;

  const begin = (
    kind: TaskKind,
    at: At,
    how: { rule: (guest: Guest, host: Host) => Verdict; work: (hand: TaskHand) => Promise<void>; mayCancel?: Verdict },
  ) => {
    const guest = guests.get(at.hostId, at.guestId);
    const may = how.rule(guest, hosts.get(at.hostId));
    if (!may.may) throw new ProblemError(may.because);
    const what = { kind, ...at, guestName: guest.name, ...(how.mayCancel ? { mayCancel: how.mayCancel } : {}) };
    return { taskId: tasks.start(what, how.work) };
  };

  const undo = hosts.onJobs(({ hostId, remote }, gone) => {
    adoptStarts(parts, guests, hostId, remote).catch((thrown: unknown) => {
      if (!gone.aborted) world.log('warn', 'starts.notRead', { hostId, why: String(thrown) });
    });
  });

  return {
    close: undo,
    handlers: {
      'guest.start': async ({ hostId, guestId, typedName }) => {
        return begin(
          'guest.start',
          { hostId, guestId },
          {
            rule: (guest, host) => {
              const may = mayStart(guest, host);
              if (may.may) refuseUnasked({ hosts, guests }, guest, typedName);
              return may;
            },
            work: (hand) => startGuest(parts, guests, { hostId, guestId, hand, typedName }),
          },
        );
      },
      'guest.shutdown': async ({ hostId, guestId, acpi }) =>
        begin(
          'guest.shutdown',
          { hostId, guestId },
          {
            rule: mayShutdown,
            mayCancel: { may: true }, // ends our waiting: the guest was asked, and may still go
            work: (hand) => shutdown(parts, guests, { hostId, guestId, hand, acpi }),
          },
        ),
      'guest.reboot': async ({ hostId, guestId, acpi }) =>
        begin(
          'guest.reboot',
          { hostId, guestId },
          {
            rule: mayReboot,
            mayCancel: { may: true },
            work: (hand) => reboot(parts, guests, { hostId, guestId, hand, acpi }),
          },
        ),
      'guest.forceOff': async ({ hostId, guestId, typedName }, signal) => {
        const guest = guests.get(hostId, guestId);
        if (typedName !== guest.name) fail('guest.nameMismatch', { name: guest.name });
        const started = begin(
          'guest.forceOff',
          { hostId, guestId },
          { rule: mayForceOff, work: () => forceOff(parts, guests, { hostId, guestId }) },
        );
        // a shutdown that waits for a guest that doesn't answer would stand before it in the queue
        const waits = guest.doing;
        if (waits) await tasks.handlers['task.cancel']({ taskId: waits.taskId }, signal).catch(() => null);
        return started;
      },
      'guest.pause': async ({ hostId, guestId }) =>
        begin('guest.pause', { hostId, guestId }, { rule: mayPause, work: () => pauseGuest(parts, guests, { hostId, guestId }) }),
      'guest.resume': async ({ hostId, guestId }) =>
        begin('guest.resume', { hostId, guestId }, { rule: mayResume, work: () => resumeGuest(parts, guests, { hostId, guestId }) }),
    },
  };
}

/** The domain a guest runs as now. Problem: `guest.wrongState` when it does not. */
function domidOf(guests: Core, at: At): number {
  const guest = guests.get(at.hostId, at.guestId);
  return guest.domid ?? fail('guest.wrongState', { name: guest.name, state: guest.state });
}

async function shutdown(parts: GuestsParts, guests: Core, at: At & { hand: TaskHand; acpi: boolean }): Promise<void> {
  const domid = await askToEnd(parts, guests, { ...at, verb: 'shutdown' });
  at.hand.tell({ phase: 'waiting' });
  const ended = (guest: Guest | null) => guest?.domid !== domid;
  await orCancelled(at.hand.signal, async () => {
    const asked = await waited(parts, guests, at, (guest) => ended(guest) || guest?.state === 'shutdown');
    if (!asked) stillRunning(parts, guests, at);
    // `on_poweroff="preserve"` leaves it in that state: it has shut down all the same
    await guests.until(at.hostId, at.guestId, ended, TIDY_MS);
  });
}

/** Known by its new domid: a guest that only shuts down and does not come back is told as such. */
async function reboot(parts: GuestsParts, guests: Core, at: At & { hand: TaskHand; acpi: boolean }): Promise<void> {
  const domid = await askToEnd(parts, guests, { ...at, verb: 'reboot' });
  at.hand.tell({ phase: 'waiting' });
  await orCancelled(at.hand.signal, async () => {
    const again = (guest: Guest | null) => guest !== null && guest.domid !== null && guest.domid !== domid && guest.state !== 'paused';
    if (!(await waited(parts, guests, at, again))) stillRunning(parts, guests, at);
  });
}

async function askToEnd(parts: GuestsParts, guests: Core, at: At & { acpi: boolean; verb: 'shutdown' | 'reboot' }): Promise<number> {
  const domid = domidOf(guests, at);
  const ran = await parts.hosts.remote(at.hostId).run(['xl', at.verb, ...(at.acpi ? ['-F'] : []), String(domid)]);
  // with -F it says the same, and presses the power button
  if (!at.acpi && /PV control interface not available/.test(ran.stderr)) {
    fail('guest.noPvControl', { name: guests.get(at.hostId, at.guestId).name }, { detail: ran.stderr });
  }
  expectGood(ran, `xl ${at.verb}`);
  return domid;
}

async function forceOff(parts: GuestsParts, guests: Core, at: At): Promise<void> {
  const domid = domidOf(guests, at);
  const ran = await parts.hosts.remote(at.hostId).run(['xl', 'destroy', String(domid)]);
  await guests.refresh(at.hostId);
  const gone = (guest: Guest | null) => guest?.domid !== domid;
  if (await sawIt(guests, at, gone, TIDY_MS)) return; // it may have ended by itself just before: then xl complains in vain
  expectGood(ran, 'xl destroy');
  fail('guest.stillRunning', { name: guests.get(at.hostId, at.guestId).name, seconds: TIDY_MS / 1000 }, { effect: 'unknown' });
}

/** A pause fires no event: asked for, not waited for. */
async function pauseGuest(parts: GuestsParts, guests: Core, at: At): Promise<void> {
  expectGood(await parts.hosts.remote(at.hostId).run(['xl', 'pause', String(domidOf(guests, at))]), 'xl pause');
  await guests.refresh(at.hostId);
  const guest = guests.get(at.hostId, at.guestId);
  if (guest.state !== 'paused') fail('guest.wrongState', { name: guest.name, state: guest.state }, { effect: 'unknown' });
}

async function resumeGuest(parts: GuestsParts, guests: Core, at: At): Promise<void> {
  const domid = domidOf(guests, at);
  for (let times = 0; times < MOST_UNPAUSES; times++) {
    expectGood(await parts.hosts.remote(at.hostId).run(['xl', 'unpause', String(domid)]), 'xl unpause');
    await guests.refresh(at.hostId);
    if (guests.get(at.hostId, at.guestId).state !== 'paused') return;
  }
  fail('guest.wrongState', { name: guests.get(at.hostId, at.guestId).name, state: 'paused' }, { effect: 'partial' });
}

function expectGood(ran: Ran, command: string): void {
  if (ran.exit !== 0) fail('command.failed', { command, exit: ran.exit, said: ran.stderr.slice(0, 400) });
}

const waited = (parts: GuestsParts, guests: Core, at: At, when: (guest: Guest | null) => boolean) =>
  sawIt(guests, at, when, parts.limits.shutdownMs);

/** `until`, but a guest that is gone for good (no config) counts too. */
async function sawIt(guests: Core, at: At, when: (guest: Guest | null) => boolean, timeoutMs: number): Promise<boolean> {
  let seen = false;
  await guests.until(
    at.hostId,
    at.guestId,
    (guest) => {
      seen = when(guest);
      return seen;
    },
    timeoutMs,
  );
  return seen;
}

function stillRunning(parts: GuestsParts, guests: Core, at: At): never {
  const { name } = guests.get(at.hostId, at.guestId);
  return fail('guest.stillRunning', { name, seconds: Math.round(parts.limits.shutdownMs / 1000) }, { effect: 'partial' });
}

/** Work that stops being waited for when the operator cancels. */
async function orCancelled(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const stop = () => reject(new ProblemError(problem('task.cancelled', {})));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}
