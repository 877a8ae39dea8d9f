import type { FileFormat } from '../../contract/diskTravel.ts';
import type { Guest } from '../../contract/guest.ts';
import type { Host, HostId } from '../../contract/host.ts';
import { fail, problem } from '../../contract/problem.ts';
import type { Transport } from '../../contract/transport.ts';
import { leaseThere } from '../guard/leaseWords.ts';
import type { TaskHand } from '../parts.ts';
import { lockOf } from '../remote/jobs.ts';
import { aboutOf, activate, autoFolders, carryOut, refuseBad } from './begin.ts';
import { configThere } from './copies.ts';
import { finishMoveConfig, isLost, moveConfig } from './halted.ts';
import { laterOf, refuseWay } from './later.ts';
import { linkIfOpen, openLink, pause } from './links.ts';
import type { Looks } from './looks.ts';
import type { MigrationParts } from './needs.ts';
import { type Observation, observe } from './observe.ts';
import { addressFromHost, configuredAddress } from './pings.ts';
import type { AboutMove } from './plan.ts';
import { goStopped } from './stopped.ts';

/** What a task of moving does, from the last look to the end. */

/** The guest's address, from its config, or from what the two hosts know of it. */
export async function pingAddressOf({ hosts }: MigrationParts, guest: Guest, targetHostId: HostId): Promise<string | null> {
  const shape = guest.live ?? guest.config?.shape;
  const configured = shape ? configuredAddress(shape) : null;
  if (configured) return configured;
  const macs = (shape?.nics ?? []).flatMap((nic) => (nic.mac ? [nic.mac] : []));
  const asked = [addressFromHost(hosts.remote(guest.hostId), guest.domid, macs), addressFromHost(hosts.remote(targetHostId), null, macs)];
  const known = await Promise.all(asked.map((one) => one.catch(() => null)));
  return known.find((address) => address !== null) ?? null;
}

interface HowToMove {
  typedName: string | null;
  pingAddress: string | null;
  limitMiBPerS: number | null;
  transport: Transport | null;
  places: Readonly<Record<string, string>>;
  formats: Readonly<Record<string, FileFormat>>;
  /** When it begins, ms since 1970; null: now. */
  at: number | null;
  watch: (taskId: string, observation: Observation) => void;
}

const wishOf = ({ transport, places, formats }: Pick<HowToMove, 'transport' | 'places' | 'formats'>) => ({ transport, places, formats });

/** A running guest. */
export async function moveLive(
  parts: MigrationParts & { looks: Looks },
  hand: TaskHand,
  asked: Guest,
  target: Host,
  how: HowToMove,
): Promise<void> {
  const { world, hosts, guests } = parts;
  hand.tell({ phase: 'checking', mayCancel: { may: true } });
  const guest = guests.get(asked.hostId, asked.guestId); // it may have waited in the queue
  const source = hosts.get(guest.hostId);
  const answer = await parts.looks.recent(guest, { source, target: hosts.get(target.id), ...wishOf(how) }, 'straight');
  refuseBad(answer, guest.name, how.typedName);
  const { server, transport } = answer;
  const { domid, uuid } = guest;
  if (!server || !transport || domid === null || !uuid) fail('guest.wrongState', { name: guest.name, state: guest.state });
  const remotes = { source: hosts.remote(source.id), target: hosts.remote(target.id) };
  if (how.at !== null) refuseWay(transport);
  hand.signal.throwIfAborted();
  // one that waits has them activated at its time (move-knock)
  await activate({ label: target.label, remote: remotes.target }, how.at === null ? answer.inactive : [], hand);
  hand.tell({ phase: 'preparing' });
  const pingAddress = how.pingAddress ?? (await pingAddressOf(parts, guest, target.id));
  const waits = how.at === null ? {} : { at: how.at };
  const about = aboutOf(world, guest, target, { kind: 'guest.migrate', pingAddress, activated: answer.inactive, transport, ...waits });
  const { copies } = answer;
  const configFile = about.configFile ?? '';
  const disks = {
    leases: leaseThere(
      { ...guest, uuid },
      copies.map((one) => one.from),
    ),
    copies,
    limitMiBPerS: how.limitMiBPerS,
    configThere: (text: string) => configThere(text, configFile, guest, copies),
    later: how.at === null ? null : laterOf(world, how.at, guest, answer),
  };
  const move = { about, lock: lockOf(guest), server, stopSeconds: null, saves: false, ...disks };
  // the target's clock first: it stays where it is, and the guest answers there at the end
  const watch = () => {
    const places = [target, source].flatMap(({ id, label }) => {
      const remote = linkIfOpen(hosts, id);
      return remote ? [{ label, remote }] : [];
    });
    const made = pingAddress && !hand.signal.aborted ? observe(world, pingAddress, places) : null;
    if (made) how.watch(hand.id, made);
    return made;
  };
  await carryOut(parts, hand, move, { source, target, answer, watch });
}

/** Goes on with the move of a config when both links are back. */
async function finishWhenBack(
  { world, hosts }: MigrationParts,
  id: string,
  about: AboutMove,
  ends: { source: HostId; target: HostId },
): Promise<void> {
  for (;;) {
    const [source, target] = [await openLink(hosts, ends.source), await openLink(hosts, ends.target)];
    try {
      return await finishMoveConfig(source, target, id, about);
    } catch (thrown) {
      if (!isLost(thrown)) throw thrown;
    }
    await pause(world.clock, 1000); // the link's state follows
  }
}

/** A halted guest: its config goes, and disks that only its host has. */
export async function moveHalted(
  parts: MigrationParts & { looks: Looks },
  hand: TaskHand,
  asked: Guest,
  target: Host,
  how: Omit<HowToMove, 'watch' | 'at'>,
): Promise<void> {
  const { world, hosts, guests } = parts;
  hand.tell({ phase: 'checking' });
  const guest = guests.get(asked.hostId, asked.guestId);
  const source = hosts.get(guest.hostId);
  const { straight: answer } = await parts.looks.fresh(guest, { source, target: hosts.get(target.id), ...wishOf(how) });
  refuseBad(answer, guest.name, how.typedName);
  if (answer.copies.length > 0)
    return await goStopped(parts, hand, { guest, source, target, answer, save: false, limitMiBPerS: how.limitMiBPerS });
  hand.signal.throwIfAborted();
  hand.tell({ phase: 'writing', mayCancel: { may: false, because: problem('task.notCancellable', {}) } });
  const about = aboutOf(world, guest, target, { kind: 'guest.moveConfig', pingAddress: null, activated: [] });
  const autoFolder = autoFolders(source, target);
  const end = await moveConfig(hosts.remote(source.id), hosts.remote(target.id), { id: hand.id, about, autoFolder });
  if (end === 'unknown') await finishWhenBack(parts, hand.id, about, { source: source.id, target: target.id });
  await Promise.allSettled([guests.refresh(source.id), guests.refresh(target.id)]);
}
