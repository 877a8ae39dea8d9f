import type { TrashEntry } from '../../contract/app.ts';
import type { Disk, GuestShape, StoredConfig } from '../../contract/guest.ts';
import { problemOf } from '../../contract/problem.ts';
import type { Remote } from '../remote/remote.ts';
import { readGuestConfig } from '../xen/guestConfig.ts';
import { readConfigFile } from './configFiles.ts';

/** What comes back from a host's trash, as the guard looks at it before that. */

/**
 * The config that lies there, with its disks: those that lie there too where they are now and where they will stand, the others where
 * they stayed, and where somebody else may use them meanwhile. Of a config that can't be read, the disks in the trash.
 */
export async function trashedConfig(remote: Remote, entry: TrashEntry): Promise<StoredConfig> {
  const read = await readShape(remote, entry);
  const lying = entry.disks.flatMap(({ from, at, vdev }) => {
    const disk = read?.shape.disks.find((one) => one.target === from) ?? written(from, vdev);
    return [disk, { ...disk, target: at }];
  });
  const kept = (read?.shape.disks ?? []).filter((disk) => !lying.some((one) => one.target === disk.target));
  const shape: GuestShape = { ...(read?.shape ?? nothing), disks: [...lying, ...kept] };
  return { file: entry.configFile, version: '', autostart: false, hasUuid: entry.uuid !== null, shape, unreadable: null };
}

async function readShape(remote: Remote, { configAt }: TrashEntry): Promise<{ shape: GuestShape } | null> {
  if (configAt === '') return null;
  try {
    const { text } = await readConfigFile(remote, configAt);
    return readGuestConfig(text, configAt);
  } catch (thrown) {
    // somebody wrote into it, or took it away: to put it back says so itself
    if (/^config\./.test(problemOf(thrown).code)) return null;
    throw thrown;
  }
}

const written = (target: string, vdev: string | null): Disk => ({
  ...{ target, vdev: vdev ?? '', format: 'raw', access: 'rw', cdrom: false, script: null, backend: null },
});

/** Of a guest nothing is known of but its disks. */
const nothing: GuestShape = {
  ...{ type: 'pvh', memoryMiB: 0, maxMemoryMiB: 0, vcpus: 1, maxVcpus: 1, disks: [], nics: [], kernel: null, ramdisk: null, cmdline: null },
  ...{ graphical: false, serial: false, passthrough: false, noMigrate: false },
};
