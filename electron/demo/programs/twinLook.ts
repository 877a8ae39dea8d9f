import text from '../../engine/remote/programs/twin-look.sh?raw';
import { policyText } from '../model/cpuPolicy.ts';
import type { SimHost } from '../model/simHost.ts';
import type { SimProgram } from '../server/proc.ts';

/** What the examination doesn't tell of a host as a partner; changes nothing. */
export const twinLook: SimProgram = {
  name: 'twin-look',
  text,
  async run(proc) {
    const { host } = proc;
    await host.office.time.wait(300);
    const [count = '0', ...paths] = proc.args;
    const lines = [
      'begin policy',
      ...policyText(host.about.cpuModel)
        .trimEnd()
        .split('\n')
        .map((line) => `|${line}`),
      'end policy 0',
      'keymaps',
      ...(host.files.list('/usr/share/qemu/keymaps') ?? []).map((name) => `keymap ${name}`),
      `network ${host.about.network}`,
      ...(host.files.stat('/etc/network/interfaces')?.text.includes('\nsource /etc/network/interfaces.d/*\n') ? ['sourced '] : []),
      ...host.about.nics.map((one) => `nic ${nicState(host, one.name)} ${one.name}`),
      ...paths.flatMap((path, at) => (at < Number(count) ? [folderLine(host, path, at + 1)] : configLines(host, path, at + 1))),
      'ok',
    ];
    proc.out(lines.map((line) => `${line}\n`).join(''));
    return 0;
  },
};

/** Why an interface can't be a bridge's port, or `free`. */
export function nicState(host: SimHost, name: string): 'free' | 'member' | 'address' | 'missing' {
  const nic = host.about.nics.find((one) => one.name === name);
  if (!nic) return 'missing';
  if (host.about.bridges.some((one) => one.ports.includes(name))) return 'member';
  return nic.address ? 'address' : 'free';
}

function folderLine(host: SimHost, path: string, at: number): string {
  const node = host.files.stat(path);
  return `at ${at} ${node ? (node.kind === 'directory' ? 'folder' : 'other') : 'missing'}`;
}

function configLines(host: SimHost, path: string, at: number): string[] {
  const node = host.files.stat(path);
  if (node?.kind !== 'file' || !node.text.includes('keymap')) return [];
  const lines = node.text.replace(/\n$/, '').split('\n');
  return [`begin config-${at}`, ...lines.map((line) => `|${line}`), `end config-${at} 0`];
}
