import type { Guest } from '../../contract/guest.ts';
import type { Host } from '../../contract/host.ts';
import type { Transport } from '../../contract/transport.ts';
import { guardGuest } from '../guard/guard.ts';
import { checksByRule, lookBefore, type MoveAnswer } from './checks.ts';
import type { MigrationParts } from './needs.ts';

/** Between whom, and how the operator wants it to go; null: the best way that goes. */
export interface MoveWay {
  source: Host;
  target: Host;
  transport: Transport | null;
}

/** Looks at both hosts now. */
export function lookAt(
  { world, hosts, guests }: MigrationParts,
  guest: Guest,
  { source, target, transport }: MoveWay,
): Promise<MoveAnswer> {
  const guard = () => guardGuest({ world, hosts, guests }, source.id, () => guest);
  const remotes = { source: hosts.remote(source.id), target: hosts.remote(target.id) };
  return lookBefore({ guest, source, target, remotes, everyone: guests.all(), hosts: hosts.all(), transport, world, guard });
}

/** A look that the operator has just seen in the drop sheet holds this long: disks and ways do not change by themselves. */
const LOOK_HOLDS_MS = 60_000;

/** Looks, kept for a moment: what the drop sheet showed needs no second look when the button is pressed right after. */
export function keptLooks(parts: MigrationParts) {
  const kept = new Map<string, { at: number; of: string; answer: Promise<MoveAnswer> }>();
  return {
    fresh(guest: Guest, way: MoveWay): Promise<MoveAnswer> {
      const answer = lookAt(parts, guest, way);
      kept.set(`${guest.key} ${way.target.id}`, { at: parts.world.clock.now(), of: questionText(guest, way), answer });
      answer.catch(() => {}); // whoever asked hears it
      return answer;
    },
    async recent(guest: Guest, way: MoveWay): Promise<MoveAnswer> {
      const { source, target } = way;
      const known = kept.get(`${guest.key} ${target.id}`);
      kept.delete(`${guest.key} ${target.id}`);
      const holds = known && known.of === questionText(guest, way) && parts.world.clock.now() - known.at < LOOK_HOLDS_MS;
      const answer = holds ? await known.answer.catch(() => null) : null;
      if (!answer || answer.checks.some((one) => one.verdict === 'bad')) return lookAt(parts, guest, way);
      const { hosts, guests } = parts;
      const rules = checksByRule({ guest, source, target, everyone: guests.all(), hosts: hosts.all() });
      return { ...answer, checks: [...rules, ...answer.checks] };
    },
  };
}

const questionText = ({ domid, state, live, config }: Guest, { transport }: MoveWay): string =>
  JSON.stringify([domid, state === 'halted', live, config?.version, transport]);
export type Looks = ReturnType<typeof keptLooks>;
