import type { FileFormat } from '../../contract/diskTravel.ts';
import type { Guest } from '../../contract/guest.ts';
import type { Host } from '../../contract/host.ts';
import type { Transport } from '../../contract/transport.ts';
import { guardGuest } from '../guard/guard.ts';
import { askAlike, checksByRule, lookBefore, type MoveAnswer, type MoveQuestion, type WayToGo } from './checks.ts';
import type { MigrationParts } from './needs.ts';

/** Between whom, and how the operator wants it to go; null: the best way that goes. */
export interface Wish {
  source: Host;
  target: Host;
  transport: Transport | null;
  /** Where copied disks are to stand: `placeId` by vdev. */
  places: Readonly<Record<string, string>>;
  /** What they are to become: by vdev. */
  formats: Readonly<Record<string, FileFormat>>;
}

function questionOf({ world, hosts, guests }: MigrationParts, guest: Guest, wish: Wish): MoveQuestion {
  const { source, target } = wish;
  const guard = () => guardGuest({ world, hosts, guests }, source.id, () => guest);
  const remotes = { source: hosts.remote(source.id), target: hosts.remote(target.id) };
  const known = { everyone: guests.all(), hosts: hosts.all() };
  return { guest, ...wish, remotes, ...known, world, guard, way: 'straight' };
}

/** All ways that there are to move a guest; null: it doesn't run. */
export type AllWays = Record<Exclude<WayToGo, 'straight'>, MoveAnswer | null> & { straight: MoveAnswer };

/** A look that the operator has just seen in the drop sheet holds this long: disks and ways do not change by themselves. */
const LOOK_HOLDS_MS = 60_000;

/** Looks, kept for a moment: what the drop sheet showed needs no second look when the button is pressed right after. */
export function keptLooks(parts: MigrationParts) {
  const kept = new Map<string, { at: number; of: string; answer: Promise<AllWays> }>();
  return {
    /** Looks at both hosts now. */
    fresh(guest: Guest, wish: Wish): Promise<AllWays> {
      const question = questionOf(parts, guest, wish);
      const alike = askAlike(question);
      const other = (way: WayToGo) => (guest.state === 'halted' ? null : lookBefore({ ...question, way }, alike));
      const ways = [lookBefore(question, alike), other('stopped'), other('saved')] as const;
      const answer = Promise.all(ways).then(([straight, stopped, saved]) => ({ straight, stopped, saved }));
      kept.set(`${guest.key} ${wish.target.id}`, { at: parts.world.clock.now(), of: questionText(guest, wish), answer });
      answer.catch(() => {}); // whoever asked hears it
      return answer;
    },
    /** Of the way that is gone. */
    async recent(guest: Guest, wish: Wish, way: WayToGo): Promise<MoveAnswer> {
      const { target } = wish;
      const question = { ...questionOf(parts, guest, wish), way };
      const known = kept.get(`${guest.key} ${target.id}`);
      kept.delete(`${guest.key} ${target.id}`);
      const holds = known && known.of === questionText(guest, wish) && parts.world.clock.now() - known.at < LOOK_HOLDS_MS;
      const all = holds ? await known.answer.catch(() => null) : null;
      const answer = all?.[way];
      if (!answer || answer.checks.some((one) => one.verdict === 'bad')) return lookBefore(question);
      return { ...answer, checks: [...checksByRule(question), ...answer.checks] };
    },
  };
}

const questionText = ({ domid, state, live, config }: Guest, { transport, places, formats }: Wish): string =>
  JSON.stringify([domid, state === 'halted', live, config?.version, transport, places, formats]);
export type Looks = ReturnType<typeof keptLooks>;
