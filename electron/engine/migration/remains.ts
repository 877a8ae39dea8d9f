import type { HostId } from '../../contract/host.ts';
import type { Task } from '../../contract/task.ts';
import { listJobs } from '../remote/jobs.ts';
import { look } from './ends.ts';
import { linkIfOpen, pause } from './links.ts';
import type { MigrationParts } from './needs.ts';
import { moveOf } from './plan.ts';
import { tidyStayed } from './settle.ts';

/**
 * What a move that did not take place left at a target which could not be reached when it ended: its folder, the line of a key that nobody
 * used, half of the guest, disks made for nothing.
 */

/**
 * For how long the source remembers a move that has ended, seconds: it is shown to whoever connects within this time, then taken away.
 * One that had waited for a night when nobody was there: over a long weekend, too.
 */
export const rememberedSeconds = (waited: boolean): number => (waited ? 7 : 1) * 24 * 3600;
/** How a move's job says that the guest stayed. */
const stayed = ['stayed', 'cancelled', 'changed'];

/** A move that was a job of the source, and has ended otherwise than well. */
export const didNotMove = ({ kind, outcome }: Task): boolean =>
  (kind === 'guest.migrate' || kind === 'guest.moveStopped') && outcome !== null && outcome.is !== 'done';

/** Takes it away as soon as both ends can be reached. */
export async function tidyRemains(parts: MigrationParts, opened: HostId): Promise<void> {
  const { tasks, hosts, world } = parts;
  const young = ({ endedAt, startsAt }: Task) => world.clock.now() - (endedAt ?? 0) < rememberedSeconds(startsAt !== undefined) * 1000;
  const concerns = (task: Task) => task.hostId === opened || task.targetHostId === opened;
  for (const task of tasks.history().filter((one) => didNotMove(one) && concerns(one) && young(one))) {
    const [source, target] = [linkIfOpen(hosts, task.hostId), linkIfOpen(hosts, task.targetHostId)];
    if (!source || !target) continue;
    const job = (await listJobs(source)).find((one) => one.id === task.id);
    const about = job && moveOf(job);
    if (!about || !stayed.includes((await look(source, task.id, about.uuid)).phase ?? '')) continue;
    const log = (line: string) => world.log('info', 'migration.remains', { said: line });
    const wait = (ms: number) => pause(world.clock, ms);
    await tidyStayed({ id: task.id, about, wait, log, lines: [] }, target, await look(target, task.id, about.uuid));
  }
}
