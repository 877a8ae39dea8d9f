import { createHash } from 'node:crypto';
import mendText from '../../engine/remote/programs/doctor-mend.sh?raw';
import moversText from '../../engine/remote/programs/doctor-movers.sh?raw';
import asideText from '../../engine/remote/programs/move-aside.sh?raw';
import installText from '../../engine/remote/programs/move-install.sh?raw';
import unstageText from '../../engine/remote/programs/move-unstage.sh?raw';
import type { SimDomain } from '../model/domain.ts';
import { isLocked, jobsOf, stateOf } from '../model/jobs.ts';
import { destroy } from '../model/lifecycle.ts';
import { dropIncoming, incomingOf, install, putBack, settleOlds, unlock } from '../model/moves.ts';
import { lies, writeManifest } from '../model/oldDisk.ts';
import type { SimHost } from '../model/simHost.ts';
import type { SimProgram } from '../server/proc.ts';
import { configText, Failed, setAside, trash, trashDisk } from './config.ts';

/** Mends one thing, after a last look at all it stands on. The programs it is given must be the known ones. */
export const doctorMend: SimProgram = {
  name: 'doctor-mend',
  text: `${moversText}${mendText}`,
  async run(proc) {
    const [verb = '', ...args] = proc.args;
    try {
      if (needing.includes(verb)) known(await proc.stdin.text());
      await proc.host.office.time.wait(200);
      const work = verbs[verb];
      if (!work) throw new Failed('name', verb);
      await work(proc.host, args);
      proc.out('ok\n');
      return 0;
    } catch (thrown) {
      if (!(thrown instanceof Failed)) throw thrown;
      proc.out(`failed ${thrown.word}${thrown.about ? ` ${thrown.about}` : ''}\n`);
      return 1;
    }
  },
};

const needing = ['back', 'install', 'unstage', 'shelve', 'aside', 'config'];
const texts: Record<string, string> = { aside: asideText, config: configText, install: installText, unstage: unstageText };
function known(stdin: string): void {
  for (const line of stdin.split('\n').filter(Boolean)) {
    const [word, name = '', data = ''] = line.split(' ');
    if (word !== 'file' || Buffer.from(data, 'base64').toString('utf8') !== texts[name]) throw new Failed('input', '');
  }
}

const verbs: Record<string, (host: SimHost, args: string[]) => unknown> = {
  async end(host, [lock = '', uuid = '', domid = '', how = '', full = '']) {
    hold(host, lock);
    noMover(host);
    const domain = standing(host, { uuid, domid, how, full });
    await destroy(host, domain);
  },
  resume(host, [lock = '', uuid = '', domid = '', full = '']) {
    hold(host, lock);
    const domain = standing(host, { uuid, domid, how: 'suspended', full });
    domain.count(host.office.time.now());
    domain.shutdown = null;
    host.stir('@introduceDomain');
  },
  back(host, [lock = '', uuid = '', name = '', id = '']) {
    hold(host, lock);
    const job = jobsOf(host).get(id);
    if (!job) throw new Failed('gone', '');
    if (stateOf(host, job) === 'running') throw new Failed('moving', '');
    noDomain(host, uuid, name);
    putBack(host, job);
    job.committed = false;
    job.phase = 'stayed';
    job.exit ??= 1;
  },
  install(host, [lock = '', uuid = '', name = '', id = '']) {
    hold(host, lock);
    const incoming = incomingOf(host).get(id);
    if (!incoming) throw new Failed('gone', '');
    noDomain(host, uuid, name);
    const hindered = install(host, incoming);
    if (hindered) throw new Failed(hindered, '');
    unlock(host, incoming);
    dropIncoming(host, id);
  },
  unstage(host, [lock = '', uuid = '', name = '', id = '', trashId = '', ...disks]) {
    hold(host, lock);
    const incoming = incomingOf(host).get(id);
    if (!incoming) throw new Failed('gone', '');
    if (incoming.stage === 'receiving' && incoming.bootedAt === host.bootedAt) throw new Failed('receiving', '');
    if (disks.length > 0) noDomain(host, uuid, name);
    settleOlds(host, incoming, false);
    shelve(host, { lock, name, trashId, disks: disks.filter((disk) => lies(host, disk)) });
    unlock(host, incoming);
    dropIncoming(host, id);
  },
  shelve(host, [lock = '', name = '', id = '', trashId = '', ...disks]) {
    hold(host, lock);
    if (jobsOf(host).has(id) || incomingOf(host).has(id)) throw new Failed('changed', '');
    shelve(host, { lock, name, trashId, disks });
  },
  aside: setAside,
  config(host, [file = '', version = '', lock = '', uuid = '', name = '', trashId = '', auto = '']) {
    const node = host.files.stat(file);
    if (!node || createHash('sha256').update(node.text).digest('hex') !== version) throw new Failed('changed', '');
    trash(host, [trashId, lock, uuid, name, file, auto]);
  },
  forget(host, [id = '']) {
    const job = jobsOf(host).get(id);
    if (!job || job.started || job.committed || job.files.has('program')) throw new Failed('changed', '');
    jobsOf(host).delete(id);
  },
  unlock(host, [id = '', file = '']) {
    if (incomingOf(host).has(id)) throw new Failed('changed', '');
    const ours = new RegExp(`^restrict,from=.* xenferry-${id.replaceAll('.', '\\.')}$`);
    const left = host.files
      .read(file)
      .split('\n')
      .filter((line) => !ours.test(line));
    host.files.write(file, left.join('\n'), 0o600);
  },
  untrace() {},
  locks() {},
};

/** Nothing here takes time: a lock that is free now stays free until we are done. */
function hold(host: SimHost, lock: string): void {
  if (isLocked(host, lock)) throw new Failed('busy', '');
}

function noMover(host: SimHost): void {
  const receives = [...incomingOf(host).values()].some((one) => one.stage === 'receiving' && one.bootedAt === host.bootedAt);
  if (receives) throw new Failed('moving', '');
}

function noDomain(host: SimHost, uuid: string, name: string): void {
  const names = [name, `${name}--incoming`, `${name}--migratedaway`];
  if (host.inOrder().some((one) => !one.dying && (one.uuid === uuid || names.includes(one.name)))) throw new Failed('running', '');
}

/** The domain, if it stands still in that way and no other. */
function standing(host: SimHost, of: { uuid: string; domid: string; how: string; full: string }): SimDomain {
  const domain = host.domains.get(Number(of.domid));
  if (!domain || domain.uuid !== of.uuid || domain.name !== of.full) throw new Failed('changed', '');
  const half = /--(incoming|migratedaway)$/.exec(domain.name)?.[1];
  if ((half ?? '') !== (['incoming', 'migratedaway'].includes(of.how) ? of.how : '')) throw new Failed('changed', '');
  const state = domain.state(host.office.time.now());
  const still = { suspended: /^....s/, migratedaway: /^(..p-|....s)/ }[of.how] ?? /^..p-/;
  if (!still.test(state)) throw new Failed('running', '');
  return domain;
}

function shelve(host: SimHost, of: { lock: string; name: string; trashId: string; disks: string[] }): void {
  if (of.disks.length === 0) return;
  const rows = [
    ['lock', of.lock, ''],
    ['name', of.name, ''],
    ['at', String(Math.floor(host.now() / 1000)), ''],
  ];
  const note = (...row: string[]): void => {
    rows.push(row);
    writeManifest(host, of.trashId, rows);
  };
  for (const disk of of.disks) {
    try {
      trashDisk(host, of.trashId, disk, note);
    } catch (thrown) {
      if (thrown instanceof Failed) throw new Failed('left', disk);
      throw thrown;
    }
  }
}
