import disksText from '../../engine/remote/programs/config-disks.sh?raw';
import lookText from '../../engine/remote/programs/doctor-look.sh?raw';
import moversText from '../../engine/remote/programs/doctor-movers.sh?raw';
import { jobsOf, type SimJob, stateOf } from '../model/jobs.ts';
import { isOld, madeFor } from '../model/leftBehind.ts';
import { asideOf, type Incoming, incomingOf } from '../model/moves.ts';
import { uuidOf } from '../model/office.ts';
import { bins, keptIn, manifestOf } from '../model/oldDisk.ts';
import type { SimHost } from '../model/simHost.ts';
import type { SimProgram } from '../server/proc.ts';

/** All that moves and creations left on a host. */
export const doctorLook: SimProgram = {
  name: 'doctor-look',
  text: `${moversText}${disksText}${lookText}`,
  async run(proc) {
    const { host, args } = proc;
    await host.office.time.wait(120);
    const now = host.office.time.now();
    const lines: unknown[][] = [['boot', uuidOf(`boot ${host.about.hostname} ${host.bootedAt}`)]];
    if (host.about.xen.minor >= 20) lines.push(['resume']);
    for (const one of host.inOrder()) {
      one.count(now);
      lines.push(['domain', one.domid, one.state(now), one.counters.cpuSeconds.toFixed(1), one.uuid, one.name]);
    }
    for (const job of jobsOf(host).values()) lines.push(...jobLines(host, job));
    for (const incoming of incomingOf(host).values()) lines.push(...incomingLines(host, incoming));
    lines.push(...movers(host), ...keyLines(host), ...parts(host, args), ...leftDisks(host));
    for (const [lock, holder] of host.locks) {
      const job = jobsOf(host).get(holder);
      if (job && stateOf(host, job) === 'running') lines.push(['lock', 'held', 0, lock]);
    }
    proc.out(`${lines.map((one) => one.join('\t')).join('\n')}\nok\n`);
    return 0;
  },
};

const standsAt = (host: SimHost, path: string): string => (host.files.lstat(path) ? 'here' : 'gone');

function jobLines(host: SimHost, job: SimJob): unknown[][] {
  const age = Math.max(0, Math.floor((host.office.time.now() - job.touchedAt) / 1000));
  const boot = !job.started || job.boot === host.bootedAt ? 'same' : 'other';
  const { config } = asideOf(job);
  return [
    ['job', job.id, stateOf(host, job), age, boot, job.phase ?? '-', job.committed ? 'yes' : 'no', job.lock || '-', job.about],
    ...(config ? [['aside', job.id, standsAt(host, config), config]] : []),
  ];
}

function incomingLines(host: SimHost, incoming: Incoming): unknown[][] {
  const { id, config } = incoming;
  const stage = stageOf(host, incoming);
  return [
    ['incoming', id, stage, isOld(incoming) ? 86_400 : 0, incoming.installed ? 'yes' : 'no', incoming.uuid || '-'],
    ...(config ? [['staged', id, standsAt(host, config.path), config.path]] : []),
    ...madeFor(incoming).flatMap((path) => {
      const node = host.files.stat(path);
      return node ? [['made', id, node.sizeBytes, path]] : [];
    }),
  ];
}

function stageOf(host: SimHost, { stage, bootedAt, keysFile, later }: Incoming): string {
  if (stage === 'receiving' && bootedAt !== host.bootedAt) return 'claimed';
  if (stage !== 'staged') return stage;
  if (later && bootedAt === host.bootedAt) return 'waiting';
  return keysFile === '' ? 'claimed' : 'staged';
}

/** Moves by hand are not told apart here: what moves, moves by a job of ours. */
const movers = (host: SimHost): unknown[][] =>
  [...incomingOf(host).values()].flatMap((one) =>
    one.stage === 'receiving' && one.bootedAt === host.bootedAt ? [['mover', 'receive', one.id]] : [],
  );

const keysFile = '/root/.ssh/authorized_keys';
function keyLines(host: SimHost): unknown[][] {
  const stamp = new Date(host.now()).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return (host.files.stat(keysFile)?.text ?? '').split('\n').flatMap((line) => {
    const id = /^restrict,from=.* xenferry-([A-Za-z0-9._-]+)$/.exec(line)?.[1];
    const expiry = /expiry-time="(\d+)"/.exec(line)?.[1];
    return id ? [['key', id, expiry !== undefined && expiry < stamp ? 'expired' : 'valid', keysFile]] : [];
  });
}

function leftDisks(host: SimHost): unknown[][] {
  return (host.files.list(bins) ?? []).flatMap((id) => {
    const kept = keptIn(host, id);
    const said = (of: string) => manifestOf(host, id)?.find(([word]) => word === of)?.[1] ?? '';
    if (kept.length === 0) return [];
    return [['left', id, said('lock'), said('moved') || '-', said('name')], ...kept.map(({ path }) => ['kept', id, path])];
  });
}

function parts(host: SimHost, folders: readonly string[]): unknown[][] {
  return folders.flatMap((folder) =>
    (host.files.list(folder) ?? []).flatMap((name) => {
      const path = `${folder}/${name}`;
      const node = host.files.lstat(path);
      if (!name.startsWith('.xenferry-') || node?.kind !== 'file') return [];
      const id = name
        .slice('.xenferry-'.length)
        .replace(/\.part$/, '')
        .replace(/-\d{1,2}$/, '');
      return [['part', id, Math.max(0, Math.floor((host.now() - node.mtimeMs) / 1000)), node.sizeBytes, path]];
    }),
  );
}
