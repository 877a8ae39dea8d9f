import type { Copy, Evidence, Finding, NoAction } from '../../contract/doctor.ts';
import type { Guest } from '../../contract/guest.ts';
import type { HostId } from '../../contract/host.ts';
import {
  aboutOf,
  askedIn,
  askOthers,
  copiesOf,
  evidenceOf,
  finding,
  isAlive,
  isAtWork,
  isMoving,
  isOf,
  isOnItsWay,
  jobOf,
  plainName,
  type Scene,
  YOUNG_SECONDS,
} from './scene.ts';

/** Configs that stand on more than one host. */
export function diagnoseConfigs(scene: Scene): Finding[] {
  return groups(scene).flatMap((group) => {
    const guest = { name: plainName(group[0].name), uuid: group.find((one) => one.uuid)?.uuid ?? null };
    return isAtWork(scene, guest) ? [] : ofGroup(scene, guest, group);
  });
}

type Group = [Guest, ...Guest[]];

/** Configs of a guest on more than one host: by its UUID and name; without a UUID by name and the same bytes. */
export function groups(scene: Pick<Scene, 'looks' | 'guests'>): Group[] {
  const asked = askedIn(scene);
  const found = new Map<string, Group>();
  for (const one of scene.guests) {
    if (!one.config || !asked.includes(one.hostId)) continue;
    // of one UUID and two names, one may be a copy in which only the name was changed
    const key = `${plainName(one.name)} ${one.config.hasUuid && one.uuid ? one.uuid : one.config.version}`;
    const known = found.get(key);
    if (known) known.push(one);
    else found.set(key, [one]);
  }
  return [...found.values()].filter((group) => new Set(group.map((one) => one.hostId)).size > 1);
}

function ofGroup(scene: Scene, guest: { name: string; uuid: string | null }, group: Group): Finding[] {
  const copies = copiesOf(scene).find((one) => (guest.uuid ? one.uuid === guest.uuid : one.name === guest.name))?.all ?? [];
  // while copies are not sorted out, no config is: the other findings come first
  if (copies.length > 1 || copies.some((one) => !isAlive(one))) return [];
  const [living] = copies;
  if (group.every((one) => one === group[0] || scene.isOneFile(one, group[0]))) return [];
  const keeper = living && plainName(living.name) === guest.name ? group.find((one) => one.hostId === living.hostId) : undefined;
  const same = group.every((one) => one.config?.version === group[0].config?.version);
  const because: Evidence[] = group.flatMap((one) =>
    one.config ? [{ is: 'config' as const, hostId: one.hostId, file: one.config.file, autostart: one.config.autostart, same }] : [],
  );
  // it runs nowhere, or where it has no config: nothing here says which is right, and least of all a link that somebody forgot
  if (!living || !keeper) return [bothHalted(group, guest, { because, same })];
  return group.flatMap((one) =>
    one.hostId === keeper.hostId || scene.isOneFile(one, keeper) ? [] : [copyOf(scene, guest, { one, because, living, same })],
  );
}

/** Guests that run where they have no config: what starts them again, or by itself, stands on another host. */
export function diagnoseElsewhere(scene: Scene): Finding[] {
  return copiesOf(scene).flatMap((guest) => {
    const [copy, more] = guest.all;
    if (!copy || more || !isAlive(copy) || isAtWork(scene, guest)) return [];
    const those = scene.guests.filter((one) => isOf(one, guest) && one.config !== null && askedIn(scene).includes(one.hostId));
    const [one, other] = those;
    if (!one?.config || other || one.hostId === copy.hostId) return [];
    const { file, version, autostart, hasUuid } = one.config;
    const hostIds = [one.hostId, copy.hostId];
    // of one without a UUID only the name is the same; of another name, only the UUID
    const isIts = hasUuid && plainName(one.name) === guest.name;
    const none: NoAction | null = isMoving(scene, hostIds) ? { is: 'moving' } : isIts ? null : { is: 'cannotTell' };
    return [
      finding(
        {
          kind: 'configElsewhere',
          weight: autostart ? 'danger' : 'attention',
          hostId: one.hostId,
          guest: { name: guest.name, uuid: guest.uuid },
          alive: copy,
          because: [
            evidenceOf(copy),
            { is: 'config', hostId: one.hostId, file, autostart, same: true },
            { is: 'noConfig', hostIds: [copy.hostId] },
          ],
          things: [file],
          action: none ? null : { is: 'carryConfig', file, version, toHostId: copy.hostId, autostart },
          typed: false,
          none,
        },
        guest.uuid,
      ),
    ];
  });
}

function bothHalted(group: Group, guest: { name: string; uuid: string | null }, of: { because: Evidence[]; same: boolean }): Finding {
  return finding(
    {
      kind: 'configsHalted',
      weight: group.some((one) => one.config?.autostart) ? 'danger' : of.same ? 'remark' : 'attention',
      hostId: group[0].hostId,
      guest,
      alive: null,
      because: of.because,
      things: group.flatMap((one) => one.config?.file ?? []),
      action: null,
      typed: false,
      none: { is: 'cannotTell' },
    },
    guest.uuid ?? guest.name,
  );
}

function copyOf(
  scene: Scene,
  guest: { name: string; uuid: string | null },
  of: { one: Guest; because: Evidence[]; living: Copy; same: boolean },
): Finding {
  const { one, living } = of;
  const file = one.config?.file ?? '';
  const hindered = isMoving(scene, [one.hostId]) ? { is: 'moving' as const } : null;
  return finding(
    {
      kind: 'configCopy',
      weight: one.config?.autostart ? 'danger' : of.same ? 'remark' : 'attention',
      hostId: one.hostId,
      guest,
      alive: living,
      because: [evidenceOf(living), ...of.because],
      things: [file],
      action: hindered ? null : { is: 'trashConfig', file, version: one.config?.version ?? '' },
      typed: false,
      none: hindered,
    },
    `${guest.uuid ?? guest.name} ${file}`,
  );
}

/** Guests whose config is in no folder of Xen: set aside by a move, or brought by one, that did not end. */
export function diagnoseNowhere(scene: Scene): Finding[] {
  return [...scene.looks.flatMap((look) => asides(scene, look.hostId)), ...scene.looks.flatMap((look) => brought(scene, look.hostId))];
}

/** Words of a move's job that say: the config is where it belongs, there or here, or was taken away by somebody since. */
const settled = ['moved', 'stayed', 'cancelled', 'changed', 'waiting'];

function asides(scene: Scene, hostId: HostId): Finding[] {
  const look = scene.looks.find((one) => one.hostId === hostId);
  return (look?.jobs ?? []).flatMap((job) => {
    const about = aboutOf(job);
    if (!job.aside || job.aside.here || job.state === 'running' || !about || settled.includes(job.phase ?? '')) return [];
    if (job.state === 'new' && !job.committed) return []; // it has set nothing aside
    const guest = { name: about.guestName, uuid: about.uuid || null };
    if (isAtWork(scene, guest) || isSomewhere(scene, guest)) return [];
    const target = scene.hosts.find((one) => scene.machineOf.get(one.id) === about.target);
    const none = askOthers(scene, target ? [] : [about.targetLabel]);
    const state = job.state === 'new' ? 'new' : job.state;
    return [
      finding(
        {
          kind: 'nowhere',
          weight: 'danger',
          hostId,
          guest,
          alive: null,
          because: [
            { is: 'job', hostId, jobId: job.id, state, committed: job.committed, rebooted: job.rebooted },
            { is: 'noCopy', hostIds: askedIn(scene) },
            { is: 'noConfig', hostIds: askedIn(scene) },
          ],
          things: [job.aside.file],
          action: none ? null : { is: 'putBack', jobId: job.id, file: job.aside.file },
          typed: false,
          none,
        },
        job.id,
      ),
    ];
  });
}

function brought(scene: Scene, hostId: HostId): Finding[] {
  const look = scene.looks.find((one) => one.hostId === hostId);
  return (look?.incoming ?? []).flatMap((move) => {
    if (!move.staged || move.staged.here || move.installed || isOnItsWay(move) || jobOf(scene, move.id)) return [];
    // nobody has come in: its source has let go of nothing
    if (move.state === 'staged' || move.ageSeconds < YOUNG_SECONDS) return [];
    const guest = { name: nameOfFile(move.staged.file), uuid: move.uuid };
    if (isAtWork(scene, guest) || isSomewhere(scene, guest)) return [];
    const half = move.state === 'received' ? [] : move.made.map((one) => one.path);
    const none: NoAction | null = askOthers(scene) ?? (half.length > 0 ? { is: 'halfDisks' } : null);
    return [
      finding(
        {
          kind: 'nowhere',
          weight: 'danger',
          hostId,
          guest,
          alive: null,
          because: [
            { is: 'noJob', jobId: move.id, hostIds: askedIn(scene) },
            { is: 'noCopy', hostIds: askedIn(scene) },
            { is: 'noConfig', hostIds: askedIn(scene) },
          ],
          things: [move.staged.file, ...half],
          action: none ? null : { is: 'install', jobId: move.id, file: move.staged.file },
          typed: false,
          none,
        },
        move.id,
      ),
    ];
  });
}

const nameOfFile = (file: string): string => (file.split('/').at(-1) ?? file).replace(/\.cfg$/, '');

function isSomewhere(scene: Scene, guest: { name: string; uuid: string | null }): boolean {
  const copies = copiesOf(scene).some((one) => (guest.uuid ? one.uuid === guest.uuid : one.name === guest.name));
  return copies || scene.guests.some((one) => one.config !== null && isOf(one, guest));
}
