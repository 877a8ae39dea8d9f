import identityText from '../../engine/remote/programs/disk-identity.sh?raw';
import addressText from '../../engine/remote/programs/move-address.sh?raw';
import filesText from '../../engine/remote/programs/move-files.sh?raw';
import leftoverText from '../../engine/remote/programs/move-leftover.sh?raw';
import lookText from '../../engine/remote/programs/move-look.sh?raw';
import qcow2Text from '../../engine/remote/programs/move-qcow2.sh?raw';
import reachText from '../../engine/remote/programs/move-reach.sh?raw';
import roomText from '../../engine/remote/programs/move-room.sh?raw';
import serverText from '../../engine/remote/programs/move-server.sh?raw';
import { connectFrom } from '../model/doors.ts';
import { isLocked, jobsOf, stateOf } from '../model/jobs.ts';
import { destroy } from '../model/lifecycle.ts';
import { incomingOf } from '../model/moves.ts';
import { uuidOf } from '../model/office.ts';
import { type SimHost, volumeOf } from '../model/simHost.ts';
import type { SimProgram } from '../server/proc.ts';

/** What is true here of a move, at either end. */
export const moveLook: SimProgram = {
  name: 'move-look',
  text: lookText,
  run(proc) {
    const [id = '', uuid = ''] = proc.args;
    const { host } = proc;
    const now = host.office.time.now();
    const lines = [`boot ${uuidOf(`boot ${host.about.hostname} ${host.bootedAt}`)}`];
    for (const one of host.inOrder()) if (one.uuid === uuid && !one.dying) lines.push(`domain ${one.domid} ${one.state(now)} ${one.name}`);
    const job = jobsOf(host).get(id);
    if (job) {
      const state = stateOf(host, job);
      lines.push(`job ${state === 'new' ? 'prepared' : state}`);
      if (job.phase) lines.push(`phase ${job.phase}`);
      if (job.committed) lines.push('committed');
      if (job.files.has('saving')) lines.push('saving');
    }
    const incoming = incomingOf(host).get(id);
    if (incoming) {
      const rebooted = incoming.bootedAt !== host.bootedAt;
      if (rebooted) lines.push('rebooted');
      // what was being received when the machine went down is only claimed now
      lines.push(`incoming ${rebooted && incoming.stage === 'receiving' ? 'claimed' : incoming.stage}`);
      if (incoming.installed) lines.push('installed');
    }
    proc.out(`${lines.join('\n')}\nok\n`);
    return 0;
  },
};

/** What is free where the files of moves lie. */
export const moveRoom: SimProgram = {
  name: 'move-room',
  text: roomText,
  run(proc) {
    const { tree } = proc.host.files.mountOf('/var/lib/xenferry');
    proc.out(`room ${Math.floor(tree.totalMiB - tree.usedMiB())}\nok\n`);
    return 0;
  },
};

/** Destroys a paused domain of this UUID and exactly this name, and ends nothing else. */
export const moveLeftover: SimProgram = {
  name: 'move-leftover',
  text: leftoverText,
  async run(proc) {
    const [uuid = '', name = '', id = ''] = proc.args;
    const { host } = proc;
    if (!/--(incoming|migratedaway)$/.test(name)) {
      proc.out('failed name\n');
      return 1;
    }
    const others = [...incomingOf(host).values()].filter((one) => one.id !== id && one.uuid === uuid);
    const receiving = others.some((one) => one.stage === 'receiving' && one.bootedAt === host.bootedAt);
    if (isLocked(host, uuid) || receiving) {
      proc.out(`failed ${receiving ? 'receiving' : 'busy'}\n`);
      return 1;
    }
    for (const one of host.inOrder()) {
      if (one.uuid !== uuid || one.name !== name) continue;
      if (one.state(host.office.time.now())[2] !== 'p') {
        proc.out('failed running\n');
        return 1;
      }
      await destroy(host, one);
      proc.out(`gone ${one.domid}\n`);
    }
    proc.out('ok\n');
    return 0;
  },
};

export const moveServer: SimProgram = {
  name: 'move-server',
  text: serverText,
  run(proc) {
    const keys = proc.host.keys.map((one) => `key ${one}\n`).join('');
    const file = proc.host.keyFiles ? '/root/.ssh/authorized_keys' : 'none';
    proc.out(`port 22\npermit without-password\nkeys ${file}\n${keys}address ${proc.host.about.ownAddress}\nok\n`);
    return 0;
  },
};

/** ssh-keyscan from here: who answers, with which key. */
export const moveReach: SimProgram = {
  name: 'move-reach',
  text: reachText,
  async run(proc) {
    const [, , port = '', ...addresses] = proc.args;
    await proc.host.office.time.wait(200);
    for (const address of addresses) {
      const onward = await connectFrom(proc.host, address, Number(port));
      if (typeof onward === 'string') continue;
      for (const key of onward.target.keys) proc.out(`at ${address} ${key}\n`);
      proc.out(`from ${address} ${address === '127.0.0.1' ? address : proc.host.about.ownAddress}\n`);
      onward.end();
    }
    proc.out('ok\n');
    return 0;
  },
};

export const moveAddress: SimProgram = {
  name: 'move-address',
  text: addressText,
  run(proc) {
    const [domid = '', ...macs] = proc.args;
    const domain = proc.host.domains.get(Number(domid));
    const known = domain ? proc.host.office.addressOf(domain) : null;
    // the neighbour table knows an address only by the card it was heard from
    if (known && macs.some((mac) => domain?.config.nics.some((nic) => nic.mac === mac.toLowerCase()))) proc.out(`address ${known}\n`);
    proc.out('ok\n');
    return 0;
  },
};

/** What a guest needs, as this host sees it. */
export const moveFiles: SimProgram = {
  name: 'move-files',
  text: `${identityText}${filesText}`,
  run(proc) {
    for (const [at, path] of proc.args.entries()) proc.out(`at ${at} ${sightOf(proc.host, path)}\n`);
    proc.out('ok\n');
    return 0;
  },
};

function sightOf(host: SimHost, path: string): string {
  const place = volumeOf(path);
  const group = place ? host.group(place.group) : null;
  const volume = place ? group?.volumes.get(place.name) : null;
  if (place && group && volume) {
    return `volume ${group.uuid} ${volume.uuid} ${host.active.has(`${place.group}/${place.name}`) ? 'yes' : 'no'} ${volume.sizeMiB * 1024 * 1024} ${group.serial} ${place.group}/${place.name}`;
  }
  const node = host.files.stat(path);
  if (node?.kind !== 'file') return 'missing';
  const { tree } = host.files.mountOf(path);
  const inside = node.virtualBytes > 0 ? `/${node.virtualBytes}` : '';
  return `file ${node.ino} ${node.sizeBytes}${inside} ${tree.fsType} ${tree.source}`;
}

/** What it lacks for qcow2 files. */
export const moveQcow2: SimProgram = {
  name: 'move-qcow2',
  text: qcow2Text,
  run(proc) {
    const lacks = ['qemu-img', 'qemu-nbd', 'nbd'].filter((one) => proc.host.lacks.has(one));
    proc.out(`${lacks.map((one) => `lacks ${one}\n`).join('')}ok\n`);
    return 0;
  },
};
