import type { FileFormat } from '../../contract/diskTravel.ts';
import type { Guest } from '../../contract/guest.ts';
import type { Host } from '../../contract/host.ts';
import { fail } from '../../contract/problem.ts';
import { asHalted } from '../../contract/rules.ts';
import type { Transport } from '../../contract/transport.ts';
import { leaseThere } from '../guard/leaseWords.ts';
import type { TaskHand } from '../parts.ts';
import { lockOf } from '../remote/jobs.ts';
import { aboutOf, activate, carryOut, refuseBad } from './begin.ts';
import type { MoveAnswer } from './checks.ts';
import { configThere } from './copies.ts';
import type { Looks } from './looks.ts';
import type { MigrationParts } from './needs.ts';

/** A move with a stop: what a task of it does, from the last look to the end (docs/decisions). */

/** As long as the host may wait for a guest that was asked to shut down. */
const STOP_SECONDS = 300;

interface HowToStop {
  /** Its memory is saved, and goes with its disks. */
  save: boolean;
  typedName: string | null;
  limitMiBPerS: number | null;
  transport: Transport | null;
  places: Readonly<Record<string, string>>;
  formats: Readonly<Record<string, FileFormat>>;
}

/** One that runs: it is shut down or saved here, its disks go, and it is started or restored there. */
export async function moveStopped(
  parts: MigrationParts & { looks: Looks },
  hand: TaskHand,
  asked: Guest,
  target: Host,
  how: HowToStop,
): Promise<void> {
  hand.tell({ phase: 'checking', mayCancel: { may: true } });
  const guest = parts.guests.get(asked.hostId, asked.guestId); // it may have waited in the queue
  if (guest.state === 'halted') fail('move.notRunning', { name: guest.name }); // shut down meanwhile: nobody would start it there
  const source = parts.hosts.get(guest.hostId);
  const { save, transport, places, formats } = how;
  const wish = { source, target: parts.hosts.get(target.id), transport, places, formats };
  const answer = await parts.looks.recent(guest, wish, save ? 'saved' : 'stopped');
  refuseBad(answer, guest.name, how.typedName);
  await goStopped(parts, hand, { guest, source, target, answer, save, limitMiBPerS: how.limitMiBPerS });
}

/** What was looked at and found good, of one that runs or of one that does not. */
export async function goStopped(
  parts: MigrationParts,
  hand: TaskHand,
  move: { guest: Guest; source: Host; target: Host; answer: MoveAnswer; save: boolean; limitMiBPerS: number | null },
): Promise<void> {
  const { world, hosts } = parts;
  const { guest, source, target, answer, save, limitMiBPerS } = move;
  const { server, transport, copies } = answer;
  const { uuid } = guest;
  if (!server || !transport || !uuid) fail('guest.wrongState', { name: guest.name, state: guest.state });
  hand.signal.throwIfAborted();
  hand.tell({ kind: 'guest.moveStopped', mayCancel: { may: true } });
  const activated = guest.domid === null ? [] : answer.inactive; // only to be started there
  await activate({ label: target.label, remote: hosts.remote(target.id) }, activated, hand);
  hand.tell({ phase: 'preparing' });
  const about = aboutOf(world, guest, target, { kind: 'guest.moveStopped', pingAddress: null, activated, transport });
  // one that was saved goes on as it is, not as its config says
  const resting = save ? guest : asHalted(guest);
  const own = copies.map((one) => one.from);
  const toStart = {
    about,
    lock: lockOf(guest),
    server,
    leases: guest.domid === null ? [] : leaseThere({ ...resting, uuid }, own),
    copies,
    limitMiBPerS,
    configThere: (text: string) => configThere(text, about.configFile ?? '', resting, copies),
    stopSeconds: STOP_SECONDS,
    saves: save,
    later: null,
  };
  await carryOut(parts, hand, toStart, { source, target, answer, watch: () => null });
}
