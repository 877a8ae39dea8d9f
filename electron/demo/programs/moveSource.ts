import { randomBytes } from 'node:crypto';
import asideText from '../../engine/remote/programs/move-aside.sh?raw';
import backText from '../../engine/remote/programs/move-back.sh?raw';
import prepareText from '../../engine/remote/programs/move-prepare.sh?raw';
import resumeText from '../../engine/remote/programs/move-resume.sh?raw';
import { isLocked, jobsOf, prepareJob } from '../model/jobs.ts';
import { create, destroy } from '../model/lifecycle.ts';
import { asideOf, autoLinkOf, putBack, takeAutoAside, takeConfigAside } from '../model/moves.ts';
import { forgetMemory, goOn } from '../model/saving.ts';
import type { Proc, SimProgram } from '../server/proc.ts';
import { shelveDisks } from './moveJob.ts';

const failed = (proc: Proc, why: string): number => {
  proc.out(`failed ${why}\n`);
  return 1;
};

/** A job folder with a one-shot key and copies of what will be set aside. */
export const movePrepare: SimProgram = {
  name: 'move-prepare',
  text: prepareText,
  async run(proc) {
    const [id = '', config = '', auto = '', about = ''] = proc.args;
    const { host } = proc;
    if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(id)) return failed(proc, 'name');
    if (jobsOf(host).has(id)) return failed(proc, 'exists');
    if ((await proc.stdin.text()) !== backText) return failed(proc, 'write back');
    const node = config === '' ? null : host.files.stat(config);
    if (config !== '' && !node) return failed(proc, 'config');
    await host.office.time.wait(60);
    const job = prepareJob(host, id, about);
    const key = `ssh-ed25519 ${randomBytes(51).toString('base64')}`;
    job.files.set('key', 'secret').set('key.pub', `${key} xenferry-${id}`);
    if (node) {
      job.files.set('where-config', config).set('aside/config', node.text);
      const own = host.files.lstat(config);
      if (own?.kind === 'link') job.files.set('aside/link', own.target);
      job.files.set('aside/mode', String(node.mode)).set('aside/mtime', String(node.mtimeMs));
      const link = autoLinkOf(host, config, auto);
      if (link) {
        const target = host.files.lstat(link)?.target ?? '';
        job.files.set('where-auto', link).set('aside/auto', target);
        proc.out(`auto ${link.slice(auto.length + 1)}\t${target}\n`);
      }
      proc.out(`config ${node.mode.toString(8)} ${Buffer.from(node.text).toString('base64')}\n`);
    }
    proc.out(`key ${key}\nok\n`);
    return 0;
  },
};

/** Takes config and autostart out of Xen's folders, puts them back, or forgets the move. */
export const moveAside: SimProgram = {
  name: 'move-aside',
  text: asideText,
  run(proc) {
    const [id = '', way = '', lock = '', uuid = '', name = ''] = proc.args;
    const job = jobsOf(proc.host).get(id);
    if (!job) return failed(proc, 'gone');
    if (way === 'aside') {
      if (isLocked(proc.host, lock)) return failed(proc, 'busy');
      const there = proc.host.inOrder().filter((one) => !one.dying);
      if (there.some((one) => (uuid === '' ? one.name === name : one.uuid === uuid))) return failed(proc, 'started');
      takeAutoAside(proc.host, job);
      const { config } = asideOf(job);
      const gone = job.committed && !(config && proc.host.files.lstat(config));
      if (!gone && !takeConfigAside(proc.host, job)) return failed(proc, 'changed');
    } else if (way === 'back' && job.phase === 'waiting') {
      // nothing was set aside
    } else if (way === 'back') {
      job.committed = false;
      putBack(proc.host, job);
    } else if (way === 'shelve') {
      if (job.files.get('disks.list')) shelveDisks(proc.host, job);
    } else if (way === 'moved' || way === 'stayed') {
      job.phase = way;
      job.exit ??= 1;
      forgetMemory(proc.host, job);
    } else jobsOf(proc.host).delete(id);
    proc.out('ok\n');
    return 0;
  },
};

/** The target is known not to run the guest, and our copy stands suspended: before Xen 4.20 it starts anew from its config. */
export const moveResume: SimProgram = {
  name: 'move-resume',
  text: resumeText,
  async run(proc) {
    const [id = '', uuid = ''] = proc.args;
    const { host } = proc;
    const job = jobsOf(host).get(id);
    if (!job) return failed(proc, 'gone');
    if (isLocked(host, uuid)) return failed(proc, 'busy');
    const mine = host.inOrder().filter((one) => one.uuid === uuid);
    const [domain] = mine;
    if (!domain) return failed(proc, 'gone');
    if (mine.length > 1) return failed(proc, 'twice');
    const saved = domain.pauses > 0 && job.files.has('saving');
    if (domain.shutdown !== 'suspend' && !saved) return failed(proc, 'running');
    putBack(host, job);
    if (saved) {
      goOn(host, domain, proc.args[2] ?? '');
      proc.out('resumed\nok\n');
      return 0;
    }
    const { config } = asideOf(job);
    if (!config) return failed(proc, 'config');
    await destroy(host, domain);
    const said = await create(host, config, { paused: false, quiet: false });
    proc.err(said.stderr);
    if (said.exit !== 0) return failed(proc, 'create');
    proc.out('restarted\nok\n');
    return 0;
  },
};
