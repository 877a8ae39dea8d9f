import { parentOf } from './files.ts';
import { uuidOf } from './office.ts';
import type { SimHost } from './simHost.ts';

/** The leases that `lease.sh` keeps beside images which several hosts see as files. */

export const bootOf = (host: SimHost): string => uuidOf(`boot ${host.about.hostname} ${host.bootedAt}`);

/** Where a path leads, links followed. */
export function realOf(host: SimHost, path: string): string {
  const node = host.files.lstat(path);
  return node?.kind === 'link' && node.target.startsWith('/') && node.target !== path ? realOf(host, node.target) : path;
}

export const leaseFileOf = (image: string): string =>
  `${parentOf(image)}/.${image.split('/').at(-1) ?? ''}.xenferry-lease`.replace('//', '/');

/** A network's file system, or one of this host's that another has mounted. */
function isShared(host: SimHost, image: string): boolean {
  if (host.files.stat(image)?.kind !== 'file') return false;
  const { tree } = host.files.mountOf(image);
  if (/^(nfs4?|cifs|ceph|gfs2|ocfs2)$/.test(tree.fsType)) return true;
  return host.office.hosts.some((other) => other !== host && other.files.mounts.some((mount) => mount.tree === tree));
}

const idOf = (host: SimHost, file: string): string => /^id (.*)$/m.exec(host.files.stat(file)?.text ?? '')?.[1] ?? '';

/** `lease take`: what it says, and whether somebody was quicker. `words`: UUID, name, then SEEN DISK in pairs. */
export function takeLeases(host: SimHost, id: string, words: readonly string[]): { said: string[]; held: boolean } {
  const [uuid = '', name = '', ...pairs] = words;
  const said: string[] = [];
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const [seen = '', named = ''] = pairs.slice(at, at + 2);
    const disk = realOf(host, named);
    if (!isShared(host, disk)) continue;
    const file = leaseFileOf(disk);
    const there = idOf(host, file);
    if (seen !== '*' && there !== seen.replace(/^-/, '') && there !== id) {
      giveLeases(host, id, words);
      return { said: [`held ${disk}`], held: true };
    }
    const { machineId, hostname } = host.about;
    const since = Math.floor(host.now() / 1000);
    host.files.write(
      file,
      `xenferry-lease 1\nid ${id}\nmachine ${machineId}\nboot ${bootOf(host)}\nuuid ${uuid}\ndomid -\nsince ${since}\nhostname ${hostname}\nname ${name}\n`,
    );
    said.push(`lease ${disk}`);
  }
  return { said, held: false };
}

/** `lease run`. */
export function tellDomid(host: SimHost, id: string, words: readonly string[]): void {
  const domid = host.domain(words[1] ?? '')?.domid ?? '-';
  for (const file of ownLeases(host, id, words)) host.files.write(file, host.files.read(file).replace(/^domid .*$/m, `domid ${domid}`));
}

/** `lease give`. */
export function giveLeases(host: SimHost, id: string, words: readonly string[]): void {
  for (const file of ownLeases(host, id, words)) host.files.remove(file);
}

const ownLeases = (host: SimHost, id: string, [, , ...pairs]: readonly string[]): string[] =>
  pairs.flatMap((disk, at) => {
    const file = leaseFileOf(realOf(host, disk));
    return at % 2 === 1 && idOf(host, file) === id ? [file] : [];
  });
