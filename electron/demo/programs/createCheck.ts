import text from '../../engine/remote/programs/create-check.sh?raw';
import { dryRun } from '../commands/xl.ts';
import { parentOf } from '../model/files.ts';
import { type SimHost, volumeOf } from '../model/simHost.ts';
import type { SimProgram } from '../server/proc.ts';

/** Looks whether a guest could be made here; changes nothing. */
export const createCheck: SimProgram = {
  name: 'create-check',
  text,
  async run(proc) {
    const [name = '', config = '', auto = '', bridge = '', kind = '', disk = '', from = '', ...files] = proc.args;
    const { host } = proc;
    await host.office.time.wait(150);
    const given = await proc.stdin.text();
    const lines = [`memory ${host.freeMiB()}`];
    if (host.domain(name)) lines.push('taken name');
    if (host.files.lstat(config)) lines.push('taken config');
    if (auto !== '' && host.files.lstat(auto)) lines.push('taken auto');
    if (bridge !== '' && !host.bridge(bridge)) lines.push('bridge missing');
    lines.push(...placeLines(host, kind, disk));
    if (from !== '') lines.push(imageLine(host, from));
    for (const file of files) lines.push(`file ${readable(host, file) ? 'yes' : 'no'} ${file}`);
    const said = dryRun(host.office.makeUuid(), '/tmp/xenferry.sim/guest.cfg', given);
    const words = said.stderr.split('\n').filter(Boolean);
    lines.push('begin xl', ...words.map((one) => `|${one}`), `end xl ${said.exit}`, 'ok');
    proc.out(lines.map((line) => `${line}\n`).join(''));
    return 0;
  },
};

function placeLines(host: SimHost, kind: string, disk: string): string[] {
  if (kind === 'volume') {
    const [groupName = '', name = ''] = disk.split('/');
    const group = host.group(groupName);
    const taken = group?.volumes.has(name) ? ['taken disk'] : [];
    return [...taken, `space ${group ? group.freeMiB() : -1}`];
  }
  if (kind !== 'raw' && kind !== 'qcow2') return [];
  const taken = host.files.lstat(disk) ? ['taken disk'] : [];
  const folder = parentOf(disk);
  if (host.files.stat(folder)?.kind !== 'directory') return [...taken, 'space -1'];
  const { tree } = host.files.mountOf(folder);
  return [...taken, `space ${tree.totalMiB - tree.usedMiB()}`];
}

function imageLine(host: SimHost, from: string): string {
  const size = sizeOf(host, from);
  if (size === null) return 'from none 0 0';
  const node = volumeOf(from) ? null : host.files.stat(from);
  return node?.virtualBytes ? `from qcow2 ${node.virtualBytes} ${node.sizeBytes}` : `from raw ${size} ${size}`;
}

/** Bytes of a file or active volume; null where there is none. */
export function sizeOf(host: SimHost, path: string): number | null {
  if (!host.hasDisk(path)) return null;
  const place = volumeOf(path);
  const volume = place ? host.group(place.group)?.volumes.get(place.name) : null;
  return volume ? volume.sizeMiB * 1048576 : (host.files.stat(path)?.sizeBytes ?? null);
}

function readable(host: SimHost, path: string): boolean {
  return volumeOf(path) ? host.hasDisk(path) : host.files.stat(path)?.kind === 'file';
}
