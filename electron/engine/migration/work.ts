import type { Guest } from '../../contract/guest.ts';
import type { Host, HostId } from '../../contract/host.ts';
import { fail, ProblemError, problem, problemOf } from '../../contract/problem.ts';
import type { Transport } from '../../contract/transport.ts';
import { refuseGuarded } from '../guard/guard.ts';
import { leaseThere } from '../guard/leaseWords.ts';
import type { TaskHand } from '../parts.ts';
import { lockOf } from '../remote/jobs.ts';
import type { Remote } from '../remote/remote.ts';
import type { World } from '../world.ts';
import type { MoveAnswer } from './checks.ts';
import { configThere } from './copies.ts';
import { followToEnd } from './follow.ts';
import { finishMoveConfig, isLost, moveConfig } from './halted.ts';
import { openLink, pause } from './links.ts';
import { type Looks, lookAt } from './looks.ts';
import { startLiveMove } from './move.ts';
import type { MigrationParts } from './needs.ts';
import { type Observation, observe } from './observe.ts';
import { addressFromHost, configuredAddress } from './pings.ts';
import type { AboutMove } from './plan.ts';
import { openPassage } from './transports.ts';

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

/** Throws the first thing that hinders, as the look beforehand found it. */
function refuseBad(answer: MoveAnswer, name: string, typedName: string | null): void {
  const hindrance = answer.checks.find((one) => one.verdict === 'bad');
  if (hindrance?.problem) throw new ProblemError(hindrance.problem);
  const notAsked = answer.checks.flatMap(({ problem: why }) => (why?.code === 'guard.notAsked' ? why.hosts : []));
  refuseGuarded({ clash: null, lastSeen: null, notAsked: [...new Set(notAsked)] }, name, typedName);
}

function aboutOf(world: World, guest: Guest, target: Host, more: { pingAddress: string | null; activated: string[] }): AboutMove {
  return {
    kind: guest.state === 'halted' ? 'guest.moveConfig' : 'guest.migrate',
    guestId: guest.guestId,
    guestName: guest.name,
    uuid: guest.uuid ?? '',
    domid: guest.domid,
    memoryMiB: guest.memoryMiB,
    target: target.facts?.machineId ?? '',
    targetLabel: target.label,
    configFile: guest.config?.file ?? null,
    startedAt: world.clock.now(),
    ...more,
  };
}

interface HowToMove {
  typedName: string | null;
  pingAddress: string | null;
  limitMiBPerS: number | null;
  transport: Transport | null;
  watch: (taskId: string, observation: Observation) => void;
}

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
  const answer = await parts.looks.recent(guest, { source, target: hosts.get(target.id), transport: how.transport });
  refuseBad(answer, guest.name, how.typedName);
  const { server, transport } = answer;
  const { domid, uuid } = guest;
  if (!server || !transport || domid === null || !uuid) fail('guest.wrongState', { name: guest.name, state: guest.state });
  const remotes = { source: hosts.remote(source.id), target: hosts.remote(target.id) };
  hand.signal.throwIfAborted();
  hand.tell({ phase: 'activating' });
  for (const volume of answer.inactive) {
    const ran = await remotes.target.run(['lvchange', '-ay', volume]);
    if (ran.exit !== 0) fail('disk.unreachable', { path: volume, where: target.label }, { detail: ran.stderr });
  }
  hand.tell({ phase: 'preparing' });
  const pingAddress = how.pingAddress ?? (await pingAddressOf(parts, guest, target.id));
  const about = { ...aboutOf(world, guest, target, { pingAddress, activated: answer.inactive }), domid, transport };
  const autoFolder = { source: source.facts?.autoFolder ?? '/etc/xen/auto', target: target.facts?.autoFolder ?? '/etc/xen/auto' };
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
  };
  const move = { id: hand.id, about, lock: lockOf(guest), server, autoFolder, ...disks };
  // the target's clock first: it stays where it is, and the guest answers there at the end
  const places = [
    { label: target.label, remote: remotes.target },
    { label: source.label, remote: remotes.source },
  ];
  const observation = pingAddress ? observe(world, pingAddress, places) : null;
  if (observation) how.watch(hand.id, observation);
  const passage = await openPassage(world.clock, answer, { ...remotes, fromHost: source, to: target.label }).catch(async (thrown) => {
    observation?.stop();
    await deactivate(remotes.target, answer.inactive);
    throw thrown;
  });
  try {
    await startLiveMove(remotes.source, remotes.target, { ...move, ...passage }, hand.signal).catch(async (thrown) => {
      // an answer that was lost on the way says nothing of the job: it is looked for, and if there is none, that is said
      const { code } = problemOf(thrown);
      if (code.startsWith('ssh.') || code === 'command.timedOut') return;
      await deactivate(remotes.target, answer.inactive);
      throw thrown;
    });
    await followToEnd({ world, hosts, guests, hand, sourceId: source.id, targetId: target.id, about, observation });
  } finally {
    passage.close();
    observation?.stop();
    await Promise.allSettled([guests.refresh(source.id), guests.refresh(target.id)]);
  }
}

/** Switches off what was switched on for a move that did not take place. */
async function deactivate(target: Remote, volumes: readonly string[]): Promise<void> {
  for (const volume of volumes) await target.run(['lvchange', '-an', volume]).catch(() => null);
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

/** A halted guest: its config goes. */
export async function moveHalted(
  parts: MigrationParts,
  hand: TaskHand,
  asked: Guest,
  target: Host,
  typedName: string | null,
): Promise<void> {
  const { world, hosts, guests } = parts;
  hand.tell({ phase: 'checking' });
  const guest = guests.get(asked.hostId, asked.guestId);
  const source = hosts.get(guest.hostId);
  const answer = await lookAt(parts, guest, { source, target: hosts.get(target.id), transport: null });
  refuseBad(answer, guest.name, typedName);
  hand.signal.throwIfAborted();
  hand.tell({ phase: 'writing', mayCancel: { may: false, because: problem('task.notCancellable', {}) } });
  const about = aboutOf(world, guest, target, { pingAddress: null, activated: [] });
  const autoFolder = { source: source.facts?.autoFolder ?? '/etc/xen/auto', target: target.facts?.autoFolder ?? '/etc/xen/auto' };
  const end = await moveConfig(hosts.remote(source.id), hosts.remote(target.id), { id: hand.id, about, autoFolder });
  if (end === 'unknown') await finishWhenBack(parts, hand.id, about, { source: source.id, target: target.id });
  await Promise.allSettled([guests.refresh(source.id), guests.refresh(target.id)]);
}
