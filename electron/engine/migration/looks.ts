import type { Guest } from '../../contract/guest.ts';
import type { Host } from '../../contract/host.ts';
import { guardGuest } from '../guard/guard.ts';
import { checksByRule, lookBefore, type MoveAnswer } from './checks.ts';
import type { MigrationParts } from './needs.ts';

/** Looks at both hosts now. */
export function lookAt({ world, hosts, guests }: MigrationParts, guest: Guest, source: Host, target: Host): Promise<MoveAnswer> {
  const guard = () => guardGuest({ world, hosts, guests }, source.id, () => guest);
  const remotes = { source: hosts.remote(source.id), target: hosts.remote(target.id) };
  return lookBefore({ guest, source, target, remotes, everyone: guests.all(), hosts: hosts.all(), guard });
}

/** A look that the operator has just seen in the drop sheet holds this long: disks and ways do not change by themselves. */
const LOOK_HOLDS_MS = 60_000;

/** Looks, kept for a moment: what the drop sheet showed needs no second look when the button is pressed right after. */
export function keptLooks(parts: MigrationParts) {
  const kept = new Map<string, { at: number; of: string; answer: Promise<MoveAnswer> }>();
  return {
    fresh(guest: Guest, source: Host, target: Host): Promise<MoveAnswer> {
      const answer = lookAt(parts, guest, source, target);
      kept.set(`${guest.key} ${target.id}`, { at: parts.world.clock.now(), of: shapeText(guest), answer });
      answer.catch(() => {}); // whoever asked hears it
      return answer;
    },
    async recent(guest: Guest, source: Host, target: Host): Promise<MoveAnswer> {
      const known = kept.get(`${guest.key} ${target.id}`);
      kept.delete(`${guest.key} ${target.id}`);
      const holds = known && known.of === shapeText(guest) && parts.world.clock.now() - known.at < LOOK_HOLDS_MS;
      const answer = holds ? await known.answer.catch(() => null) : null;
      if (!answer || answer.checks.some((one) => one.verdict === 'bad')) return lookAt(parts, guest, source, target);
      const { hosts, guests } = parts;
      const rules = checksByRule({ guest, source, target, everyone: guests.all(), hosts: hosts.all() });
      return { ...answer, checks: [...rules, ...answer.checks] };
    },
  };
}

const shapeText = (guest: Guest): string => JSON.stringify([guest.domid, guest.state === 'halted', guest.live, guest.config?.version]);
export type Looks = ReturnType<typeof keptLooks>;
