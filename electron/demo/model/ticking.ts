import type { SimDomain } from './domain.ts';
import { type SimHost, volumeOf } from './simHost.ts';

/** The guest's own life on its console: a boot, a prompt, and a tick a second that counts on its disk (as the lab's guests do). */
export function startTicking(host: SimHost, domain: SimDomain, boots: boolean): void {
  const { time } = host.office;
  const print = (text: string): void => domain.console.write(text.replaceAll('\n', '\r\n'));
  const alive = (): boolean => host.domains.get(domain.domid) === domain && !domain.dying && !host.dead;
  const prompt = `\n${domain.config.name} login: `;
  if (boots) {
    print(`[    0.000000] Linux version 6.1.0-56-cloud-amd64\n[    0.000000] Command line: ${domain.config.cmdline ?? ''}\n`);
    time.after(2_500, () => {
      if (alive() && domain.runs) print('[    1.204512] Run /init as init process\n');
    });
    time.after(Math.max(0, domain.bootedAt - time.now()), () => {
      if (!alive() || !domain.runs) return;
      print(
        `${domain.config.name}: up, ${domain.vcpus} vcpu, ${domain.memoryMiB} MiB, ip ${host.office.addressOf(domain) ?? 'none'}\n${prompt}`,
      );
    });
  }
  if (!/tick|test|sim-/.test(domain.config.name)) return;
  const undo = time.every(1_000, () => {
    if (!alive()) return undo();
    if (!domain.runs || domain.bootedAt > time.now()) return;
    const counted = countOnDisk(host, domain);
    const up = ((time.now() - domain.createdAt) / 1000).toFixed(2);
    print(`[${domain.config.name}] tick ${counted} up ${up} time ${new Date(host.now()).toISOString().slice(11, 19)} disk ok\n`);
  });
}

/** The counter lies on the disk, so it goes on after a move only if the storage is really the same. */
function countOnDisk(host: SimHost, domain: SimDomain): number {
  const disk = domain.config.disks.find((one) => one.readwrite)?.target ?? '';
  const place = volumeOf(disk);
  const volume = place ? host.group(place.group)?.volumes.get(place.name) : null;
  if (volume) {
    volume.ticks += 1;
    return volume.ticks;
  }
  const node = disk ? host.files.stat(disk) : null;
  if (!node) return 0;
  const counted = Number(node.text || '0') + 1;
  node.text = String(counted);
  return counted;
}
