import { createHash } from 'node:crypto';
import text from '../../engine/remote/programs/make.sh?raw';
import type { SimHost } from '../model/simHost.ts';
import type { Proc, SimProgram } from '../server/proc.ts';
import { nicState } from './twinLook.ts';

/** Makes what is missing on a host: whole, or not at all. */
export const make: SimProgram = {
  name: 'make',
  text,
  async run(proc) {
    const [what = '', ...args] = proc.args;
    const given = await proc.stdin.text();
    await proc.host.office.time.wait(200);
    const why = works[what]?.(proc, args, given) ?? null;
    proc.out(why ? `${why.said ? `|${why.said}\n` : ''}failed ${why.word}\t${why.about}\n` : 'ok\n');
    return why ? 1 : 0;
  },
};

/** A refusal of the program: `failed WORD tab TEXT`, and what others said before it. */
interface Refusal {
  word: string;
  about: string;
  said?: string;
}

const works: Record<string, (proc: Proc, args: string[], given: string) => Refusal | null> = {
  bridge({ host }, [name = '', port = '', sum = '', ...parts], given) {
    if (createHash('sha256').update(given).digest('hex') !== sum) return { word: 'cut', about: '' };
    if (host.bridge(name) || host.about.nics.some((one) => one.name === name)) return { word: 'exists', about: name };
    if (port !== '' && nicState(host, port) !== 'free') return { word: nicState(host, port), about: port };
    const files = filesOf(parts, given);
    const taken = files.find((one) => host.files.lstat(one.path));
    if (taken) return { word: 'exists', about: taken.path };
    for (const one of files) host.files.write(one.path, one.text);
    host.about.bridges.push({ name, up: true, ports: port === '' ? [] : [port] });
    return null;
  },
  folder({ host }, [path = '']) {
    if (host.files.lstat(path)) return { word: 'exists', about: path };
    const above = path.split('/').map((_part, at, all) => all.slice(0, at).join('/'));
    const wrong = above.find((one) => one !== '' && host.files.stat(one)?.kind === 'file');
    if (wrong) return { word: 'run', about: `mkdir -p ${path}`, said: `mkdir: cannot create directory '${wrong}': Not a directory` };
    host.files.mkdir(path);
    return null;
  },
  volume: ({ host }, [groupName = '', name = '', size = '0']) => makeVolume(host, groupName, { name, sizeMiB: Number(size) }),
  tidy: () => null,
};

function makeVolume(host: SimHost, groupName: string, { name, sizeMiB }: { name: string; sizeMiB: number }): Refusal | null {
  const group = host.group(groupName);
  if (!group) return { word: 'group', about: groupName };
  if (group.volumes.has(name)) return { word: 'exists', about: `/dev/${groupName}/${name}` };
  if (!group.create(name, sizeMiB)) {
    const needed = Math.ceil(sizeMiB / group.extentMiB);
    const said = `  Volume group "${groupName}" has insufficient free space (${group.freeMiB() / group.extentMiB} extents): ${needed} required.`;
    return { word: 'run', about: `lvcreate -n ${name} ${groupName}`, said };
  }
  host.active.add(`${groupName}/${name}`);
  return null;
}

/** `LINES PATH` pairs, each so many lines of what was given. */
function filesOf(parts: readonly string[], given: string): { path: string; text: string }[] {
  const lines = given.split('\n');
  const files: { path: string; text: string }[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const text_ = lines.splice(0, Number(parts[at])).join('\n');
    files.push({ path: parts[at + 1] ?? '', text: `${text_}\n` });
  }
  return files;
}
