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
  jobOf,
  plainName,
  type Scene,
} from './scene.ts';

/** Configs that stand on more than one host. */
export function diagnoseConfigs(scene: Scene): Finding[] {
  return groups(scene).flatMap((group) => {
    const guest = { name: plainName(group[0].name), uuid: group.find((one) => one.uuid)?.uuid ?? null };
    return isAtWork(scene, guest) ? [] : ofGroup(scene, guest, group);
  });
}

type Group = [Guest, ...Guest[]];

/** A config that is also on another host: by its UUID; without one by name and the same bytes. */
function groups(scene: Scene): Group[] {
  const asked = askedIn(scene);
  const found = new Map<string, Group>();
  for (const one of scene.guests) {
    if (!one.config || !asked.includes(one.hostId)) continue;
    const key = one.config.hasUuid && one.uuid ? one.uuid : `${plainName(one.name)} ${one.config.version}`;
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
  const starters = group.filter((one) => one.config?.autostart);
  const keeper = living ? group.find((one) => one.hostId === living.hostId) : starters.length === 1 ? starters[0] : undefined;
  const same = group.every((one) => one.config?.version === group[0].config?.version);
  const because: Evidence[] = group.flatMap((one) =>
    one.config ? [{ is: 'config' as const, hostId: one.hostId, file: one.config.file, autostart: one.config.autostart, same }] : [],
  );
  // it runs somewhere, and its config is elsewhere: nothing here says which is right
  if (!keeper) return [bothHalted(group, guest, { because, same, starters: starters.length })];
  return group.flatMap((one) =>
    one.hostId === keeper.hostId ? [] : [copyOf(scene, guest, { one, keeper, because, living: living ?? null, same })],
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
    // of one without a UUID only the name is the same
    const none: NoAction | null = isMoving(scene, hostIds) ? { is: 'moving' } : hasUuid ? null : { is: 'cannotTell' };
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

function bothHalted(
  group: Group,
  guest: { name: string; uuid: string | null },
  of: { because: Evidence[]; same: boolean; starters: number },
): Finding {
  return finding(
    {
      kind: 'configsHalted',
      weight: of.starters > 1 ? 'danger' : of.same ? 'remark' : 'attention',
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
  of: { one: Guest; keeper: Guest; because: Evidence[]; living: Copy | null; same: boolean },
): Finding {
  const { one, living } = of;
  const file = one.config?.file ?? '';
  // a living copy says where it belongs; without one, somebody who was not asked may have it
  const hindered = isMoving(scene, [one.hostId]) ? { is: 'moving' as const } : living ? null : askOthers(scene);
  return finding(
    {
      kind: 'configCopy',
      weight: one.config?.autostart ? 'danger' : of.same ? 'remark' : 'attention',
      hostId: one.hostId,
      guest,
      alive: living,
      because: [...(living ? [evidenceOf(living)] : []), ...of.because],
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

/** Ends of a job whose config belongs where the guest went. */
const overThere = ['moved'];

function asides(scene: Scene, hostId: HostId): Finding[] {
  const look = scene.looks.find((one) => one.hostId === hostId);
  return (look?.jobs ?? []).flatMap((job) => {
    const about = aboutOf(job);
    if (!job.aside || job.aside.here || job.state === 'running' || !about || overThere.includes(job.phase ?? '')) return [];
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
    if (!move.staged || move.staged.here || move.installed || move.state === 'receiving' || jobOf(scene, move.id)) return [];
    const guest = { name: nameOfFile(move.staged.file), uuid: move.uuid };
    if (isAtWork(scene, guest) || isSomewhere(scene, guest)) return [];
    const none = askOthers(scene);
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
          things: [move.staged.file],
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
