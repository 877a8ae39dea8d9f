import type { Host } from '../../contract/host.ts';
import { type Problem, problem } from '../../contract/problem.ts';
import qcow2Text from '../remote/programs/move-qcow2.sh?raw';
import type { Remote } from '../remote/remote.ts';
import { linesOf, unreadable } from '../remote/said.ts';
import type { DiskCopy } from './copies.ts';

/** qcow2 files among the disks of a move: what both hosts need to read and to write them. */

export const qcow2Program = { name: 'move-qcow2', text: qcow2Text } as const;

/** Asked of either host only where it has to do with one. Problem: `move.qcow2Tools`. */
export async function lackingTools(
  copies: readonly DiskCopy[],
  { source, target, remotes }: { source: Host; target: Host; remotes: { source: Remote; target: Remote } },
): Promise<Problem[]> {
  const read = copies.filter((one) => one.format === 'qcow2');
  const written = copies.filter((one) => one.as === 'qcow2');
  const [here, there] = await Promise.all([
    read.length > 0 ? lacksOf(remotes.source) : [],
    written.length > 0 ? lacksOf(remotes.target) : [],
  ]);
  const lackedHere = here.filter((one) => one !== 'qemu-img'); // it makes files
  return [
    ...(lackedHere.length > 0
      ? [problem('move.qcow2Tools', { host: source.label, lacks: lackedHere, does: 'read', vdevs: vdevsOf(read) })]
      : []),
    ...(there.length > 0 ? [problem('move.qcow2Tools', { host: target.label, lacks: there, does: 'write', vdevs: vdevsOf(written) })] : []),
  ];
}

const vdevsOf = (copies: readonly DiskCopy[]): string[] => copies.map((one) => one.vdev);

async function lacksOf(remote: Remote): Promise<string[]> {
  return linesOf(qcow2Program.name, await remote.program(qcow2Program, [])).map((line) => {
    const [word, what] = line.split(' ');
    if (word !== 'lacks' || !what) throw unreadable(qcow2Program.name, line);
    return what;
  });
}
