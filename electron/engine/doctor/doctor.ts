import type { DoctorReport, Finding } from '../../contract/doctor.ts';
import type { Guest } from '../../contract/guest.ts';
import type { Host, HostId } from '../../contract/host.ts';
import { fail, ProblemError, problemOf } from '../../contract/problem.ts';
import { mayChangeHost } from '../../contract/rules.ts';
import type { Task } from '../../contract/task.ts';
import { lookAtDisks, type SeenDisk } from '../guard/look.ts';
import { isSameDisk } from '../guard/sameDisk.ts';
import type { Doctor, Guests, Hosts, Tasks } from '../parts.ts';
import type { World } from '../world.ts';
import { groups } from './configs.ts';
import { diagnose } from './diagnose.ts';
import { type HostLook, lookAtHost } from './look.ts';
import { carryConfig, mendAt } from './mend.ts';
import type { Scene } from './scene.ts';

/** What this folder needs of the rest. */
export interface DoctorParts {
  world: World;
  hosts: Hosts;
  guests: Guests;
  tasks: Tasks;
}

/** After an interruption, what settles by itself gets this long. */
const AFTER_MS = 15_000;

/** Looks on request, and by itself after each interruption; mends only when told. */
export function createDoctor(parts: DoctorParts): Doctor {
  const { world, hosts, guests, tasks } = parts;
  const watchers = new Set<(report: DoctorReport | null) => void>();
  let last: DoctorReport | null = null;
  const look = async (byItself: boolean): Promise<DoctorReport> => {
    const { scene, notAsked } = await lookAround(parts);
    const asked = scene.looks.map((one) => one.hostId);
    last = { at: world.clock.now(), byItself, findings: diagnose(scene), asked, notAsked };
    for (const say of watchers) say(last);
    return last;
  };
  const stop = afterInterruptions(parts, () => {
    look(true).catch((thrown: unknown) => world.log('warn', 'doctor.look', { why: problemOf(thrown).code }));
  });

  const stopAfterMending = tasks.onChange((task) => {
    if (task.kind === 'doctor.mend' && task.outcome) look(false).catch(() => {}); // whoever looks is shown what is left
  });

  return {
    handlers: {
      'doctor.look': async ({ hostId }) => {
        const report = await look(false);
        return hostId === null ? report : { ...report, findings: report.findings.filter((one) => concerns(one, hostId)) };
      },
      'doctor.mend': async ({ findingId, version, typedName }) => {
        const found = (await look(false)).findings.find((one) => one.id === findingId);
        if (!found?.action || found.version !== version) return fail('doctor.stale', {});
        const { action, guest, hostId } = found;
        const name = guest?.name ?? '';
        if (found.typed && typedName !== name) fail('guest.nameMismatch', { name });
        const may = mayChangeHost(hosts.get(hostId));
        if (!may.may) throw new ProblemError(may.because);
        const known = guests.onHost(hostId).find((one) => guest !== null && one.uuid !== null && one.uuid === guest.uuid);
        const what = { kind: 'doctor.mend' as const, hostId, guestId: known?.guestId ?? guest?.uuid ?? null, guestName: name };
        const taskId = tasks.start(what, async (hand) => {
          // the queue may have kept it waiting: what it stands on is looked at once more, and by its host right before
          const now = diagnose((await lookAround(parts)).scene).find((one) => one.id === findingId);
          if (now?.version !== version) fail('doctor.stale', {});
          hand.tell({ phase: 'tidying' });
          for (const thing of found.things) hand.log(`${action.is} ${thing}`);
          await doIt(parts, found, hand.id);
        });
        return { taskId };
      },
      'doctor.watch': (_input, say) => {
        watchers.add(say);
        say(last);
        return () => {
          watchers.delete(say);
        };
      },
    },
    close() {
      stop();
      stopAfterMending();
    },
  };
}

async function doIt({ hosts, guests }: DoctorParts, { action, guest, hostId }: Finding, trashId: string): Promise<void> {
  const autoOf = (id: HostId) => hosts.get(id).facts?.autoFolder ?? '/etc/xen/auto';
  const touched = [hostId];
  if (action?.is === 'carryConfig') {
    touched.push(action.toHostId);
    const may = mayChangeHost(hosts.get(action.toHostId));
    if (!may.may) throw new ProblemError(may.because);
    const ends = { here: hosts.remote(hostId), there: hosts.remote(action.toHostId) };
    const autoFolder = { here: autoOf(hostId), there: autoOf(action.toHostId) };
    await carryConfig(ends, action, { guest, trashId, autoFolder });
  } else if (action) await mendAt(hosts.remote(hostId), action, { guest, trashId, autoFolder: autoOf(hostId) });
  await Promise.allSettled(touched.map((id) => guests.refresh(id))); // the watch will see it anyway
}

const concerns = (one: Finding, hostId: HostId): boolean =>
  one.hostId === hostId ||
  one.alive?.hostId === hostId ||
  one.because.some((fact) => (fact.is === 'copy' ? fact.copy.hostId === hostId : 'hostId' in fact && fact.hostId === hostId));

/** Asks all hosts whose links are open, and has their configs read anew. */
async function lookAround(parts: DoctorParts): Promise<{ scene: Scene; notAsked: DoctorReport['notAsked'] }> {
  const { hosts, guests } = parts;
  const all = hosts.all();
  const notAsked: DoctorReport['notAsked'] = [];
  const looks: HostLook[] = [];
  await Promise.all(
    all.map(async (host) => {
      if (host.link.is !== 'open' || !host.facts) return void notAsked.push({ hostId: host.id, problem: null });
      // no Xen there: it has no guests, and nothing of ours
      if (host.facts.toolstack === 'none') return;
      try {
        const [seen] = await Promise.all([lookAtHost(hosts.remote(host.id), host.id, foldersOf(parts, host)), guests.refresh(host.id)]);
        looks.push(seen);
      } catch (thrown) {
        notAsked.push({ hostId: host.id, problem: problemOf(thrown) });
      }
    }),
  );
  const withXen = all.filter((host) => host.facts?.toolstack !== 'none' || host.link.is !== 'open');
  const order = new Map(all.map((host, at) => [host.id, at]));
  const isOneFile = await compareConfigs(parts, looks, notAsked);
  looks.sort((a, b) => (order.get(a.hostId) ?? 0) - (order.get(b.hostId) ?? 0));
  const machineOf = new Map(all.flatMap((host) => (host.facts?.machineId ? [[host.id, host.facts.machineId] as const] : [])));
  return { scene: { looks, hosts: withXen, guests: guests.all(), machineOf, isOneFile }, notAsked };
}

/**
 * Asks what files those configs are that stand on more than one host: a folder of configs may be one that both see. Whoever does not
 * answer was not asked at all.
 */
async function compareConfigs(
  { hosts, guests }: DoctorParts,
  looks: HostLook[],
  notAsked: DoctorReport['notAsked'],
): Promise<Scene['isOneFile']> {
  const seen = new Map<Guest, SeenDisk>();
  const alike = groups({ looks, guests: guests.all() }).flat();
  await Promise.all(
    [...looks].map(async ({ hostId }) => {
      const here = alike.filter((one) => one.hostId === hostId);
      if (here.length === 0) return;
      try {
        const { disks } = await lookAtDisks(
          hosts.remote(hostId),
          here.map((one) => one.config?.file ?? ''),
        );
        for (const [at, one] of here.entries()) seen.set(one, disks[at]?.seen ?? { is: 'unknown' });
      } catch (thrown) {
        looks.splice(
          looks.findIndex((one) => one.hostId === hostId),
          1,
        );
        notAsked.push({ hostId, problem: problemOf(thrown) });
      }
    }),
  );
  const at = (one: Guest) => ({ host: hosts.get(one.hostId), seen: seen.get(one) ?? { is: 'unknown' as const } });
  return (one, other) => isSameDisk(at(one), at(other));
}

/** Where a part of ours can lie: where disks are put, where guests have theirs, and where configs stand. */
function foldersOf({ guests }: DoctorParts, host: Host): string[] {
  const folders = new Set<string>(['/etc/xen', ...(host.facts?.configFolders ?? [])]);
  for (const place of host.facts?.places ?? []) if (place.is === 'directory') folders.add(place.path);
  for (const guest of guests.onHost(host.id)) {
    for (const { target } of [...(guest.live?.disks ?? []), ...(guest.config?.shape?.disks ?? [])]) {
      if (target.startsWith('/') && !target.startsWith('/dev/')) folders.add(target.slice(0, target.lastIndexOf('/')) || '/');
    }
  }
  return [...folders];
}

/** Calls `then` some time after a link came (back), or work that leaves things ended as it should not. Returns the undo. */
function afterInterruptions({ world, hosts, tasks }: DoctorParts, then: () => void): () => void {
  let stopWaiting = () => {};
  const soon = () => {
    stopWaiting();
    stopWaiting = world.clock.after(AFTER_MS, then);
  };
  const told = new Set<string>();
  const undo = [
    hosts.onOpen(() => {
      soon();
      return () => {};
    }),
    tasks.onChange((task) => {
      if (!wasBrokenOff(task) || told.has(task.id)) return;
      told.add(task.id);
      soon();
    }),
  ];
  return () => {
    stopWaiting();
    for (const one of undo) one();
  };
}

const leaving: readonly Task['kind'][] = ['guest.migrate', 'guest.moveStopped', 'guest.moveConfig', 'guest.create'];
/** Or a move that ended well and could not set an old disk aside. */
const wasBrokenOff = ({ kind, outcome, log }: Task): boolean =>
  leaving.includes(kind) && (outcome?.is === 'failed' || outcome?.is === 'unknown' || (outcome !== null && log.some(saysKept)));
const saysKept = (line: string): boolean => line.startsWith('disks kept ');
