import jobText from '../../engine/remote/programs/move-job.sh?raw';
import text from '../../engine/remote/programs/move-later.sh?raw';
import { isLocked, type JobWork, jobPhase, jobSays, type SimJob } from '../model/jobs.ts';
import { admit, asideOf, autoLinkOf, type Incoming } from '../model/moves.ts';
import type { SimHost } from '../model/simHost.ts';
import { moveJob, transport } from './moveJob.ts';

/** The job on the source of a move that waits for its time. */
export const moveLater: { text: string; work: JobWork } = { text, work: run };

class Refused extends Error {}
class Cancelled extends Error {}

async function run(host: SimHost, job: SimJob): Promise<number> {
  const { bootedAt } = host;
  const cutOff = () => host.dead || host.bootedAt !== bootedAt;
  try {
    return await wait(host, job, cutOff);
  } catch (thrown) {
    if (cutOff()) return 1;
    if (!(thrown instanceof Refused || thrown instanceof Cancelled)) throw thrown;
    if (thrown instanceof Refused) jobSays(job, `xenferry: later ${thrown.message}`);
    jobPhase(job, thrown instanceof Refused ? 'stayed' : 'cancelled');
    job.files.delete('key');
    if (host.locks.get(job.lock) === job.id) host.locks.delete(job.lock);
    return 1;
  }
}

async function wait(host: SimHost, job: SimJob, cutOff: () => boolean): Promise<number> {
  const [name = '', uuid = '', address = '', seconds = '0', lock = '', auto = ''] = job.args;
  if (job.files.get('move') !== jobText) throw new Error('the program of this move is not known');
  const disks = disksOf(guestOf(host, name, uuid));
  jobPhase(job, 'waiting');
  await nap(host, job, Number(seconds) * 1000);
  for (let tries = 1; !cutOff() && isLocked(host, lock); tries++) {
    if (tries > 30) throw new Refused('busy');
    await nap(host, job, 10_000);
  }
  if (cutOff()) return 1;
  host.locks.delete(job.lock);
  host.locks.set(lock, job.id);
  job.lock = lock;
  const guest = lookHere(host, job, { name, uuid, auto });
  if (disksOf(guest) !== disks) throw new Refused('disks');
  const way = await transport(host, job, { address, what: 'knock' });
  if (typeof way === 'string') {
    if (job.cancel.signal.aborted) throw new Cancelled();
    jobSays(job, way);
    throw new Refused('door');
  }
  const refused = knock(way.target, way.incoming, (job.files.get('shared') ?? '').split('\n').filter(Boolean));
  way.end();
  if (refused !== null) throw new Refused(refused);
  job.beganAt = (host.office.time.now() - host.bootedAt) / 1000;
  job.args = [name, String(guest.domid), uuid, address];
  return await moveJob.work(host, job);
}

/** In the time of whoever chose it, however fast this world is. */
async function nap(host: SimHost, job: SimJob, ms: number): Promise<void> {
  const { signal } = job.cancel;
  await new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    const undo = host.office.time.later(ms, resolve);
    signal.addEventListener(
      'abort',
      () => {
        undo();
        resolve();
      },
      { once: true },
    );
  });
  if (signal.aborted) throw new Cancelled();
}

const guestOf = (host: SimHost, name: string, uuid: string) =>
  host.inOrder().find((one) => one.uuid === uuid && one.name === name && !one.dying);
const disksOf = (guest: ReturnType<typeof guestOf>): string =>
  JSON.stringify(guest?.config.disks.map((one) => [one.vdev, one.target, one.readwrite]));

/** What may have changed at the source. */
function lookHere(host: SimHost, job: SimJob, { name, uuid, auto }: { name: string; uuid: string; auto: string }) {
  const guest = guestOf(host, name, uuid);
  if (!guest || guest.shutdown) throw new Refused('halted');
  if (guest.pauses > 0) throw new Refused('paused');
  const { config, auto: was } = asideOf(job);
  if (config !== null) {
    if (host.files.stat(config)?.text !== job.files.get('aside/config')) throw new Refused(`config ${config}`);
    if ((autoLinkOf(host, config, auto) ?? null) !== was) throw new Refused('autostart');
  }
  return guest;
}

/** What may have changed at the target; null: the guest may come, and its source is let in. */
function knock(target: SimHost, incoming: Incoming, shared: readonly string[]): string | null {
  const { later, config } = incoming;
  if (!later) return 'door';
  const there = target.inOrder().find((one) => one.name === later.name || one.uuid === incoming.uuid);
  if (there) return `elsewhere ${there.name}`;
  const short = later.needsMiB - target.freeMiB();
  if (short > 0) return `memory ${short}`;
  const stands = config && target.files.stat(config.path);
  if (config && stands && stands.text !== config.text) return `taken ${config.path}`;
  for (const volume of later.volumes) {
    const [group = '', name = ''] = volume.split('/');
    if (!target.group(group)?.volumes.has(name)) return `disk ${volume}`;
    target.active.add(volume);
  }
  const lost = shared.find((path) => !target.hasDisk(path));
  if (lost !== undefined) return `disk ${lost}`;
  admit(target, incoming, incoming.disks.length > 0 ? 'disks' : 'memory');
  return null;
}
