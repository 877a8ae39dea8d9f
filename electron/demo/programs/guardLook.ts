import identityText from '../../engine/remote/programs/disk-identity.sh?raw';
import guardText from '../../engine/remote/programs/guard-look.sh?raw';
import { bootOf, leaseFileOf, realOf } from '../model/leases.ts';
import { type SimHost, volumeOf } from '../model/simHost.ts';
import type { SimProgram } from '../server/proc.ts';

/** Which disks these are, and who says that it uses them. */
export const guardLook: SimProgram = {
  name: 'guard-look',
  text: `${identityText}${guardText}`,
  run(proc) {
    const { host } = proc;
    proc.out(`machine ${host.about.machineId}\nboot ${bootOf(host)}\n`);
    for (const [at, named] of proc.args.entries()) {
      const path = realOf(host, named);
      proc.out(`at ${at} ${sightOf(host, path)}\n`);
      const lease = host.files.stat(path)?.kind === 'file' ? host.files.stat(leaseFileOf(path)) : null;
      if (lease) proc.out(`begin lease ${at}\n${lease.text.replace(/^(?=.)/gm, '|')}end lease ${at}\n`);
    }
    proc.out('ok\n');
    return 0;
  },
};

function sightOf(host: SimHost, path: string): string {
  const place = volumeOf(path);
  const group = place && host.group(place.group);
  const volume = place && group?.volumes.get(place.name);
  if (group && volume) return `volume ${volume.uuid.replaceAll('-', '')} ${group.serial}`;
  const node = host.files.stat(path);
  if (node?.kind !== 'file') return 'missing';
  const { tree } = host.files.mountOf(path);
  return `file ${node.ino} ${node.sizeBytes} ${tree.fsType} ${tree.source}`;
}
