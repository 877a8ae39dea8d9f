import type { Command } from '../server/proc.ts';

/** `lvchange -ay|-an GROUP/NAME…`: on a shared group every host switches its own view of a volume on and off. */
export const lvchange: Command = (proc) => {
  const on = proc.args.some((one) => one === '-ay' || one === '-aey');
  for (const path of proc.args.filter((one) => !one.startsWith('-'))) {
    const [groupName = '', name = ''] = path.replace(/^\/dev\//, '').split('/');
    const group = proc.host.group(groupName);
    if (!group) {
      proc.err(`  Volume group "${groupName}" not found\n  Cannot process volume group ${groupName}\n`);
      return 5;
    }
    if (!group.volumes.has(name)) {
      proc.err(`  Failed to find logical volume "${groupName}/${name}"\n`);
      return 5;
    }
    const open = [...proc.host.domains.values()].some((one) =>
      one.config.disks.some((disk) => disk.target === `/dev/${groupName}/${name}`),
    );
    if (!on && open) {
      proc.err(`  Logical volume ${groupName}/${name} in use.\n`);
      return 5;
    }
    if (on) proc.host.active.add(`${groupName}/${name}`);
    else proc.host.active.delete(`${groupName}/${name}`);
  }
  return 0;
};
