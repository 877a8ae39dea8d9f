import type { Copy, Finding, MendAction, NoAction } from '../../contract/doctor.ts';
import {
  askedIn,
  askOthers,
  type Copies,
  copiesOf,
  evidenceOf,
  finding,
  isAlive,
  isAtWork,
  isMoving,
  isOf,
  roleOf,
  type Scene,
} from './scene.ts';

/** Copies of a guest that are more than one, or stand still. */
export function diagnoseCopies(scene: Scene): Finding[] {
  return copiesOf(scene).flatMap((guest) => (isAtWork(scene, guest) ? [] : ofGuest(scene, guest)));
}

function ofGuest(scene: Scene, guest: Copies): Finding[] {
  const alive = guest.all.filter(isAlive);
  const running = alive.filter((one) => roleOf(one) === 'runs');
  const [first] = alive;
  if (running.length > 1 || (alive.length > 1 && running.length === 0)) return first ? [twice(scene, guest, first)] : [];
  const living = running[0] ?? first ?? null;
  const still = guest.all.filter((one) => one !== living && !['ended', 'runs'].includes(roleOf(one)));
  return still.map((copy) => stillCopy(scene, guest, { copy, living }));
}

function twice(scene: Scene, guest: Copies, at: Copy): Finding {
  return finding(
    {
      kind: 'twice',
      weight: 'danger',
      hostId: at.hostId,
      guest: { name: guest.name, uuid: guest.uuid },
      alive: null,
      because: guest.all.map(evidenceOf),
      things: [],
      action: null,
      typed: false,
      none: isMoving(
        scene,
        guest.all.map((one) => one.hostId),
      )
        ? { is: 'moving' }
        : { is: 'bothAlive' },
    },
    guest.uuid,
  );
}

const kinds = { neverStarted: 'incoming', givenAway: 'migratedAway', suspended: 'suspended', paused: 'pausedBeside' } as const;
const ends = { neverStarted: 'incoming', givenAway: 'migratedaway', suspended: 'suspended', paused: 'paused' } as const;

function stillCopy(scene: Scene, guest: Copies, of: { copy: Copy; living: Copy | null }): Finding {
  const { copy, living } = of;
  const role = roleOf(copy);
  const others = guest.all.filter((one) => one !== copy);
  const configs = configsOf(scene, guest);
  const chosen = choose(scene, guest, { copy, living });
  const elsewhere = askedIn(scene, copy.hostId).filter((id) => !others.some((one) => one.hostId === id));
  return finding(
    {
      kind: role === 'runs' || role === 'ended' ? 'twice' : kinds[role],
      weight: role === 'suspended' || role === 'paused' || !living ? 'danger' : 'attention',
      hostId: copy.hostId,
      guest: { name: guest.name, uuid: guest.uuid },
      alive: living,
      because: [
        ...(living ? [evidenceOf(living)] : []),
        evidenceOf(copy),
        ...others.flatMap((one) => (one === living ? [] : [evidenceOf(one)])),
        ...(!living && elsewhere.length > 0 ? [{ is: 'noCopy' as const, hostIds: elsewhere }] : []),
        ...(isMoving(scene, [copy.hostId]) ? [] : [{ is: 'noMover' as const, hostId: copy.hostId }]),
        ...(living ? [] : configs),
      ],
      things: [copy.name],
      ...chosen,
    },
    `${guest.uuid} ${copy.domid}`,
  );
}

type Chosen = Pick<Finding, 'action' | 'typed' | 'none'>;
const nothing = (none: NoAction): Chosen => ({ action: null, typed: false, none });
const does = (action: MendAction, typed: boolean): Chosen => ({ action, typed, none: null });

/**
 * What may be done with a copy that stands still. With a living one seen it may go, whoever else could not be asked: it must never
 * go on. Without one all hosts must have been asked.
 */
function choose(scene: Scene, guest: Copies, { copy, living }: { copy: Copy; living: Copy | null }): Chosen {
  const { uuid } = guest;
  const role = roleOf(copy);
  if (!guest.oneName) return nothing({ is: 'notOneGuest' });
  if (role === 'runs' || role === 'ended') return nothing({ is: 'bothAlive' });
  if (
    isMoving(
      scene,
      guest.all.map((one) => one.hostId),
    )
  )
    return nothing({ is: 'moving' });
  const end: MendAction = { is: 'end', copy, uuid, how: ends[role] };
  if (living) return does(end, role === 'paused' || role === 'suspended');
  const unasked = askOthers(scene);
  if (unasked) return nothing(unasked);
  // what was never started goes before what has run: that one may go on
  const rest = guest.all.filter((one) => one !== copy);
  if (role !== 'neverStarted' && rest.length > 0) return nothing({ is: 'otherFirst' });
  const look = scene.looks.find((one) => one.hostId === copy.hostId);
  // under its own name it was never given away: nobody else can have started it, and its disk is as it left it
  if (role === 'suspended' && look?.canResume) return does({ is: 'resume', copy, uuid }, false);
  const stays = rest.some((one) => ['suspended', 'givenAway'].includes(roleOf(one)));
  if (!stays && configsOf(scene, guest).length === 0) return nothing({ is: 'onlyCopy' });
  return does(end, true);
}

/** Configs from which it could be started. */
function configsOf(scene: Scene, guest: Copies) {
  return scene.guests.flatMap((one) =>
    one.config && isOf(one, guest) && askedIn(scene).includes(one.hostId)
      ? [{ is: 'config' as const, hostId: one.hostId, file: one.config.file, autostart: one.config.autostart, same: true }]
      : [],
  );
}
