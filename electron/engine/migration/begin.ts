import type { Guest } from '../../contract/guest.ts';
import type { Host } from '../../contract/host.ts';
import { fail, ProblemError, problemOf } from '../../contract/problem.ts';
import { refuseGuarded } from '../guard/guard.ts';
import type { TaskHand } from '../parts.ts';
import type { Remote } from '../remote/remote.ts';
import type { World } from '../world.ts';
import type { MoveAnswer } from './checks.ts';
import { deactivate } from './ends.ts';
import { followToEnd } from './follow.ts';
import { untilItsTime } from './later.ts';
import { type MoveToStart, startMove } from './move.ts';
import type { MigrationParts } from './needs.ts';
import type { Observation } from './observe.ts';
import type { AboutMove } from './plan.ts';
import { openPassage } from './transports.ts';

/** What every move that sends something begins with. */

/** Throws the first thing that hinders, as the look beforehand found it. */
export function refuseBad(answer: MoveAnswer, name: string, typedName: string | null): void {
  const hindrance = answer.checks.find((one) => one.verdict === 'bad');
  if (hindrance?.problem) throw new ProblemError(hindrance.problem);
  const notAsked = answer.checks.flatMap(({ problem: why }) => (why?.code === 'guard.notAsked' ? why.hosts : []));
  refuseGuarded({ clash: null, lastSeen: null, notAsked: [...new Set(notAsked)] }, name, typedName);
}

export function aboutOf(
  world: World,
  guest: Guest,
  target: Host,
  more: Pick<AboutMove, 'kind' | 'pingAddress' | 'activated' | 'transport' | 'at'>,
): AboutMove {
  return {
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

/** Switches on the volumes that the target has and does not use yet. */
export async function activate(target: { label: string; remote: Remote }, volumes: readonly string[], hand: TaskHand): Promise<void> {
  hand.tell({ phase: 'activating' });
  for (const volume of volumes) {
    const ran = await target.remote.run(['lvchange', '-ay', volume]);
    if (ran.exit !== 0) fail('disk.unreachable', { path: volume, where: target.label }, { detail: ran.stderr });
  }
}

/** Where each host keeps its autostart links. */
export function autoFolders(source: Host, target: Host): { source: string; target: string } {
  return { source: source.facts?.autoFolder ?? '/etc/xen/auto', target: target.facts?.autoFolder ?? '/etc/xen/auto' };
}

/**
 * Opens the way, starts the job and follows it to its end; the way is open as long. What was switched on for one that can't begin goes off.
 * `watch` begins to watch the guest, from the beginning, or when the time has come that it waits for.
 */
export async function carryOut(
  { world, hosts, guests }: MigrationParts,
  hand: TaskHand,
  move: Omit<MoveToStart, 'id' | 'way' | 'from' | 'agent' | 'autoFolder'>,
  { source, target, answer, watch }: { source: Host; target: Host; answer: MoveAnswer; watch: () => Observation | null },
): Promise<void> {
  const { about } = move;
  const remotes = { source: hosts.remote(source.id), target: hosts.remote(target.id) };
  const cannotBegin = async (thrown: unknown): Promise<never> => {
    observation?.stop();
    if (about.at === undefined) await deactivate(remotes.target, about.activated);
    // the guest itself is nobody's while a move waits
    else if (problemOf(thrown).code === 'guest.busy') fail('move.scheduled', { name: about.guestName, at: null });
    throw thrown;
  };
  let observation = about.at === undefined ? watch() : null;
  const logins = move.copies.length > 0 && move.stopSeconds === null ? 2 : 1;
  const passage = await openPassage(world, answer, { ...remotes, fromHost: source, to: target.label, logins }).catch(cannotBegin);
  try {
    const whole = { id: hand.id, autoFolder: autoFolders(source, target), ...move, ...passage };
    await startMove(remotes.source, remotes.target, whole, hand.signal).catch((thrown) => {
      // an answer that was lost on the way says nothing of the job: it is looked for, and if there is none, that is said
      const { code } = problemOf(thrown);
      return code.startsWith('ssh.') || code === 'command.timedOut' ? undefined : cannotBegin(thrown);
    });
    const following = { world, hosts, guests, hand, sourceId: source.id, targetId: () => target.id, about };
    await untilItsTime(following);
    observation ??= watch();
    await followToEnd({ ...following, observation });
  } finally {
    passage.close();
    observation?.stop();
    await Promise.allSettled([guests.refresh(source.id), guests.refresh(target.id)]);
  }
}
