import type { Finding, MendAction, NoAction } from '../../contract/doctor.ts';
import type { HostId } from '../../contract/host.ts';
import type { HostLook, SeenIncoming } from './look.ts';
import {
  aboutOf,
  askedIn,
  askOthers,
  copiesOf,
  evidenceOf,
  finding,
  isAlive,
  isAtWork,
  isKnown,
  isOnItsWay,
  jobOf,
  type Scene,
  YOUNG_SECONDS,
} from './scene.ts';

/** What lies around and keeps nobody from anything: folders, lines, parts, volumes, locks. */

/** That a guest came is remembered this long, for a source that comes back late (job-remove). */
const REMEMBERED_SECONDS = 30 * 24 * 3600;

export function diagnoseRests(scene: Scene): Finding[] {
  const shared = new Set<string>();
  return scene.looks.flatMap((look) => [
    ...look.incoming.flatMap((move) => staged(scene, look, move)),
    ...halfDisks(scene, look, shared),
    ...oldDisks(scene, look),
    ...keyLines(scene, look),
    ...look.traces.flatMap((one) => (isWorked(scene, one.id) ? [] : [trace(scene, look, one)])),
    ...locks(look),
    ...neverBegan(scene, look),
  ]);
}

type Rest = Pick<Finding, 'kind' | 'because' | 'things'> & {
  hostId: HostId;
  action: MendAction;
  none?: NoAction | null;
  guest?: Finding['guest'];
  weight?: Finding['weight'];
  alive?: Finding['alive'];
};
function rest(of: Rest, about: string): Finding {
  const { none = null, action, guest = null, weight = 'remark', alive = null, ...what } = of;
  return finding({ ...what, weight, guest, alive, action: none ? null : action, typed: false, none }, about);
}

/** A process of ours is at it. */
const isWorked = (scene: Scene, id: string): boolean =>
  jobOf(scene, id)?.job.state === 'running' || scene.looks.some((look) => look.incoming.some((one) => one.id === id && isOnItsWay(one)));

/** The folder of a move at its target whose source knows nothing of it. */
function staged(scene: Scene, look: HostLook, move: SeenIncoming): Finding[] {
  if (isOnItsWay(move) || move.ageSeconds < YOUNG_SECONDS || jobOf(scene, move.id)) return [];
  const came = move.state === 'received' || move.installed;
  if (came && move.made.length === 0 && move.ageSeconds < REMEMBERED_SECONDS) return [];
  const copies = copiesOf(scene).find((one) => one.uuid === move.uuid);
  const here = copies?.all.some((one) => one.hostId === look.hostId) ?? false;
  const name = copies?.name ?? (move.staged?.file.split('/').at(-1) ?? '').replace(/\.cfg$/, '');
  const guest = name === '' ? null : { name, uuid: move.uuid };
  if (guest && isAtWork(scene, guest)) return [];
  // its config may be in no other place (diagnoseNowhere tells of that), its disks may be what it stands on
  const lacking = move.state !== 'staged' && move.staged && !move.staged.here && !move.installed && !copies && !hasConfig(scene, guest);
  if (lacking) return [];
  const living = copies?.all.find(isAlive) ?? null;
  const disks = came || here ? [] : move.made.map((one) => one.path);
  if (here && !came) return []; // a half of it stands here: that comes first
  return [
    rest(
      {
        kind: 'staged',
        hostId: look.hostId,
        guest,
        alive: living,
        weight: disks.length > 0 ? 'attention' : 'remark',
        because: [
          { is: 'noJob', jobId: move.id, hostIds: askedIn(scene) },
          ...(living ? [evidenceOf(living)] : [{ is: 'noCopy' as const, hostIds: [look.hostId] }]),
        ],
        things: disks.length > 0 ? disks : [`incoming/${move.id}`],
        action: { is: 'unstage', jobId: move.id, disks },
        none: askOthers(scene),
      },
      move.id,
    ),
  ];
}

const hasConfig = (scene: Scene, guest: Finding['guest']): boolean =>
  guest !== null && scene.guests.some((one) => one.config && (guest.uuid ? one.uuid === guest.uuid : one.name === guest.name));

/** What a move could not set aside, as something used it then. What a guest has for a disk now is no old one. */
function oldDisks(scene: Scene, look: HostLook): Finding[] {
  const named = [...disksOf(scene.guests.filter((one) => one.hostId === look.hostId))];
  const used = new Set([...named, ...named.map(mapperPath)]);
  return look.left.flatMap(({ trashId, lock, movedTo, name, disks: all }) => {
    const disks = all.filter((path) => !used.has(path) && !used.has(mapperPath(path)));
    const guest = { name, uuid: lock.startsWith('name-') ? null : lock };
    if (disks.length === 0 || isAtWork(scene, guest)) return [];
    const living = copiesOf(scene)
      .find((one) => one.uuid === guest.uuid)
      ?.all.find(isAlive);
    const because = [
      ...(movedTo === null ? [] : [{ is: 'movedTo' as const, hostId: look.hostId, label: movedTo }]),
      ...(living ? [evidenceOf(living)] : []),
    ];
    const action = { is: 'setAside' as const, trashId, disks };
    // it keeps the guest from coming back to its old place
    return [
      rest(
        { kind: 'oldDisk', weight: 'attention', hostId: look.hostId, guest, alive: living ?? null, because, things: disks, action },
        trashId,
      ),
    ];
  });
}

/** All that these guests have for disks. */
const disksOf = (guests: Scene['guests']): Set<string> =>
  new Set(guests.flatMap((one) => [...(one.live?.disks ?? []), ...(one.config?.shape?.disks ?? [])].map((disk) => disk.target)));

/** Parts and volumes under a name of ours, of work that no host knows. One that a guest uses came all the same. */
function halfDisks(scene: Scene, look: HostLook, shared: Set<string>): Finding[] {
  const used = disksOf(scene.guests);
  const byId = new Map<string, string[]>();
  const note = (id: string, path: string) => byId.set(id, [...(byId.get(id) ?? []), path]);
  for (const one of look.parts) if (one.ageSeconds >= YOUNG_SECONDS) note(one.id, one.path);
  for (const one of look.volumes) {
    if (one.ageSeconds < YOUNG_SECONDS || shared.has(one.uuid)) continue;
    shared.add(one.uuid); // of a group that several hosts see, it is told once
    const seen = scene.looks.flatMap((each) => each.volumes.filter((volume) => volume.uuid === one.uuid));
    if (!seen.some((volume) => volume.open || used.has(volume.path) || used.has(mapperPath(volume.path)))) note(one.id, one.path);
  }
  return [...byId].flatMap(([id, disks]) =>
    isKnown(scene, id)
      ? []
      : [
          rest(
            {
              kind: 'halfDisks',
              hostId: look.hostId,
              weight: 'attention',
              because: [{ is: 'noJob', jobId: id, hostIds: askedIn(scene) }],
              things: disks,
              action: { is: 'shelve', jobId: id, disks },
              none: askOthers(scene),
            },
            id,
          ),
        ],
  );
}

/** The other name of a volume: /dev/VG/LV is /dev/mapper/VG-LV, where a dash of a name stands twice. */
function mapperPath(path: string): string {
  const [, , group = '', name = ''] = path.split('/');
  return `/dev/mapper/${group.replaceAll('-', '--')}-${name.replaceAll('-', '--')}`;
}

/** A line lets somebody in: it goes with the folder of its move, and is none of any other host's business. */
function keyLines(scene: Scene, look: HostLook): Finding[] {
  return look.keys.flatMap((key) => {
    if (look.incoming.some((one) => one.id === key.id) || isWorked(scene, key.id)) return [];
    return [
      rest(
        {
          kind: 'keyLine',
          hostId: look.hostId,
          weight: key.expired ? 'remark' : 'attention',
          because: [{ is: 'noJob', jobId: key.id, hostIds: [look.hostId] }, ...(key.expired ? [{ is: 'expired' as const }] : [])],
          things: [key.file],
          action: { is: 'unlock', jobId: key.id, file: key.file },
        },
        key.id,
      ),
    ];
  });
}

const trace = (scene: Scene, look: HostLook, one: { id: string; path: string }): Finding =>
  rest(
    {
      kind: 'trace',
      hostId: look.hostId,
      because: [{ is: 'noJob', jobId: one.id, hostIds: askedIn(scene) }],
      things: [one.path],
      action: { is: 'untrace', jobId: one.id, path: one.path },
    },
    one.id,
  );

function locks(look: HostLook): Finding[] {
  const names = look.locks.filter((one) => !one.held && one.ageSeconds >= YOUNG_SECONDS).map((one) => one.name);
  if (names.length === 0) return [];
  return [rest({ kind: 'locks', hostId: look.hostId, because: [{ is: 'unheld' }], things: names, action: { is: 'dropLocks', names } }, '')];
}

/** Prepared, and its desktop was cut off. While its target can be asked, the moves' own look takes it away. */
function neverBegan(scene: Scene, look: HostLook): Finding[] {
  return look.jobs.flatMap((job) => {
    const about = aboutOf(job);
    if (!about || job.state !== 'new' || job.committed || job.ageSeconds < YOUNG_SECONDS || (job.aside && !job.aside.here)) return [];
    if (scene.hosts.some((one) => scene.machineOf.get(one.id) === about.target)) return [];
    return [
      rest(
        {
          kind: 'job',
          hostId: look.hostId,
          guest: { name: about.guestName, uuid: about.uuid || null },
          because: [{ is: 'job', hostId: look.hostId, jobId: job.id, state: 'new', committed: false, rebooted: job.rebooted }],
          things: [job.id],
          action: { is: 'forget', jobId: job.id },
        },
        job.id,
      ),
    ];
  });
}
