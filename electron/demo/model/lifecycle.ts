import { SimDomain } from './domain.ts';
import type { Profile } from './load.ts';
import { type SimHost, tablesMiB } from './simHost.ts';
import { startTicking } from './ticking.ts';
import { ConfigRefusal, readConfig, type SimConfig } from './xlcfg.ts';

/** How a domain's life goes on a simulated host. What is refused is said in libxl's words (tests/transcripts/captures). */
export interface Said {
  exit: number;
  stderr: string;
}

const bootMs = { pv: 4_000, pvh: 4_000, hvm: 9_000 };
const buildMs = { pv: 1_200, pvh: 1_300, hvm: 3_200 };

/** `xl create FILE`. */
export async function create(host: SimHost, file: string, how: { paused: boolean; quiet: boolean }): Promise<Said> {
  const node = host.files.stat(file);
  if (!node) return { exit: 3, stderr: `Failed to read config file: ${file}: No such file or directory\n` };
  const front = how.quiet ? '' : `Parsing config from ${file}\n`;
  let config: SimConfig;
  try {
    config = readConfig(file, node.text);
  } catch (thrown) {
    if (!(thrown instanceof ConfigRefusal)) throw thrown;
    return { exit: thrown.exit, stderr: `${front}${thrown.message}\n` };
  }
  const said = await start(host, config, how.paused);
  return { exit: said.exit, stderr: front + said.stderr };
}

/** Builds and starts a domain; the refusals come as late as libxl's do. `from`: it goes on where that one was saved (`xl restore`). */
export async function start(host: SimHost, config: SimConfig, paused: boolean, from: SimDomain | null = null): Promise<Said> {
  const { time } = host.office;
  const boot = host.bootedAt;
  const domid = host.takeDomid();
  const gone = [
    `libxl: error: libxl_domain.c:1183:libxl__destroy_domid: Domain ${domid}:Non-existant domain`,
    `libxl: error: libxl_domain.c:1137:domain_destroy_callback: Domain ${domid}:Unable to destroy guest`,
    `libxl: error: libxl_domain.c:1064:domain_destroy_cb: Domain ${domid}:Destruction of domain failed`,
  ];
  const refused = (...lines: string[]): Said => ({ exit: 3, stderr: `${[...lines, ...gone].join('\n')}\n` });
  await time.wait(150);
  const early = refusedEarly(host, config, domid);
  if (early) return refused(...early);
  const domain = new SimDomain({
    domid,
    uuid: from?.uuid ?? config.uuid ?? host.office.makeUuid(),
    config,
    profile: from?.profile ?? profileOf(config),
    now: time.now(),
    bootMs: from ? 0 : bootMs[config.type],
    ...(from ? { console: from.console } : {}),
  });
  if (from) Object.assign(domain.counters, from.counters);
  domain.pauses = 1;
  domain.building = true;
  if (domain.memoryMiB + tablesMiB(domain) > host.freeMiB()) return refused(...noMemory(domid));
  host.add(domain);
  await time.wait(buildMs[config.type]);
  if (!host.isUpSince(boot)) {
    // nobody hears of what a machine without power would have said
    host.release(domain);
    return refused();
  }
  const late = refusedLate(host, config, domid);
  if (late) {
    host.release(domain);
    return refused(...late);
  }
  domain.building = false;
  attach(host, domain);
  if (!paused) unpause(host, domain);
  startTicking(host, domain, from === null);
  return { exit: 0, stderr: '' };
}

/** What a domain has in xenstore once its devices are there. */
export function attach(host: SimHost, domain: SimDomain): void {
  const base = `/local/domain/${domain.domid}`;
  domain.tty = host.takeTty();
  host.write(`${base}/name`, domain.name);
  host.write(`${base}/domid`, String(domain.domid));
  host.write(`${base}/vm`, `/vm/${domain.uuid}`);
  host.write(`${base}/memory/target`, String(domain.memoryMiB * 1024));
  host.write(`${base}/memory/static-max`, String(domain.config.maxMemoryMiB * 1024));
  host.write(`${base}/console/tty`, domain.tty);
  if (domain.config.type !== 'hvm' || pvDrivers(domain)) host.write(`${base}/control/feature-poweroff`, '1');
  if (domain.config.vnc) {
    const taken = new Set([...host.domains.values()].map((one) => one.vncPort));
    let port = 5900;
    while (taken.has(port)) port += 1;
    domain.vncPort = port;
    host.write(`${base}/console/vnc-port`, String(port));
    host.write(`${base}/console/vnc-listen`, '127.0.0.1');
  }
}

/** Windows without PV drivers does not hear xenstore's shutdown request. */
export function pvDrivers(domain: SimDomain): boolean {
  return domain.config.type !== 'hvm' || !/windows|ad\b/i.test(domain.config.name);
}

export function unpause(host: SimHost, domain: SimDomain): void {
  domain.count(host.office.time.now());
  domain.pauses = Math.max(0, domain.pauses - 1);
}

export function pause(host: SimHost, domain: SimDomain): void {
  domain.count(host.office.time.now());
  domain.pauses += 1;
}

/** The guest hears a request to shut down or reboot; it acts on it, or not, in its own time. */
export function ask(host: SimHost, domain: SimDomain, reason: 'poweroff' | 'reboot'): void {
  host.write(`/local/domain/${domain.domid}/control/shutdown`, reason);
  if (domain.name.includes('sim-ignores-shutdown') || !domain.runs) return;
  domain.console.write('\r\nThe system is going down NOW!\r\nSent SIGTERM to all processes\r\n');
  host.write(`/local/domain/${domain.domid}/control/shutdown`, '');
  host.office.time.after(domain.config.type === 'hvm' ? 7_000 : 4_000, () => {
    if (host.domains.get(domain.domid) === domain && domain.runs) end(host, domain, reason);
  });
}

/** The domain stops by itself; its monitor (the `xl` that made it) does what the config says. */
export function end(host: SimHost, domain: SimDomain, reason: 'poweroff' | 'reboot' | 'crash'): void {
  const { time } = host.office;
  domain.count(time.now());
  domain.shutdown = reason;
  host.stir('@releaseDomain');
  const { onPoweroff, onReboot, onCrash } = domain.config;
  const action = { poweroff: onPoweroff ?? 'destroy', reboot: onReboot, crash: onCrash ?? 'destroy' }[reason];
  if (action === 'preserve') return;
  time.after(400, () => {
    void destroy(host, domain).then(async () => {
      if (action !== 'restart') return;
      await time.wait(2_000);
      await start(host, domain.config, false);
    });
  });
}

/** `xl destroy`: the name goes at once, the memory a little later. */
export async function destroy(host: SimHost, domain: SimDomain): Promise<void> {
  if (!host.domains.has(domain.domid)) return;
  domain.count(host.office.time.now());
  domain.dying = true;
  domain.name = '(null)';
  host.store.delete(`/local/domain/${domain.domid}/name`);
  host.stir(`/local/domain/${domain.domid}`);
  await host.office.time.wait(300);
  host.release(domain);
}

function refusedEarly(host: SimHost, config: SimConfig, domid: number): string[] | null {
  if (host.domain(config.name) && !/^\d+$/.test(config.name)) {
    return [
      `libxl: error: libxl_domain.c:81:libxl__domain_rename: Domain ${domid}:Domain with name "${config.name}" already exists.`,
      `libxl: error: libxl_create.c:1296:initiate_domain_create: Domain ${domid}:cannot make domain: -6`,
    ];
  }
  const twin = config.uuid && [...host.domains.values()].find((one) => one.uuid === config.uuid);
  if (twin) {
    return [
      `libxl: error: libxl_create.c:661:libxl__domain_make: Domain ${domid}:domain creation fail: File exists`,
      `libxl: error: libxl_create.c:1296:initiate_domain_create: Domain ${domid}:cannot make domain: -3`,
    ];
  }
  for (const [at, disk] of config.disks.entries()) {
    if (disk.target === '' || host.hasDisk(disk.target)) continue;
    return [
      `libxl: error: libxl_device.c:455:libxl__device_disk_set_backend: Disk vdev=${disk.vdev} failed to stat: ${disk.target}: No such file or directory`,
      `libxl: error: libxl_create.c:1318:initiate_domain_create: Domain ${domid}:Unable to set disk defaults for disk ${at}`,
    ];
  }
  for (const path of [config.kernel, config.ramdisk]) {
    if (path === null || host.files.stat(path)) continue;
    return [
      `xc: error: panic: xg_dom_core.c:205: failed to open file '${path}': No such file or directory: Internal error`,
      `libxl: error: libxl_dom.c:646:libxl__build_${config.type}: xc_dom_kernel_file failed: No such file or directory`,
      `libxl: error: libxl_create.c:1640:domcreate_rebuild_done: Domain ${domid}:cannot (re-)build domain: -3`,
    ];
  }
  return null;
}

function noMemory(domid: number): string[] {
  return [
    "xc: error: panic: xg_dom_boot.c:119: xc_dom_boot_mem_init: can't allocate low memory for domain: Out of memory",
    'libxl: error: libxl_dom.c:586:libxl__build_dom: xc_dom_boot_mem_init failed: Cannot allocate memory',
    `libxl: error: libxl_create.c:1640:domcreate_rebuild_done: Domain ${domid}:cannot (re-)build domain: -3`,
  ];
}

/** What only shows when devices are attached: a disk another guest here has open, a bridge that isn't there. */
export function refusedLate(host: SimHost, config: SimConfig, domid: number): string[] | null {
  for (const disk of config.disks) {
    const other = [...host.domains.values()].find(
      (one) => one.domid !== domid && disk.readwrite && one.config.disks.some((open) => open.readwrite && open.target === disk.target),
    );
    if (!other || disk.target === '') continue;
    return [
      'libxl: error: libxl_exec.c:117:libxl_report_child_exitstatus: /etc/xen/scripts/block add [4733] exited with error status 1',
      `libxl: error: libxl_device.c:1337:device_hotplug_child_death_cb: script: Device ${disk.target} is mounted in a guest domain,\nand so cannot be mounted now.`,
      `libxl: error: libxl_create.c:1672:domcreate_launch_dm: Domain ${domid}:unable to add disk devices`,
    ];
  }
  for (const nic of config.nics) {
    const bridge = nic.bridge ?? 'xenbr0';
    if (host.bridge(bridge)) continue;
    return [
      'libxl: error: libxl_exec.c:117:libxl_report_child_exitstatus: /etc/xen/scripts/vif-bridge online [4531] exited with error status 1',
      `libxl: error: libxl_device.c:1337:device_hotplug_child_death_cb: script: Could not find bridge device ${bridge}`,
      `libxl: error: libxl_create.c:1921:domcreate_attach_devices: Domain ${domid}:unable to add vif devices`,
    ];
  }
  if (config.name.includes('sim-fails-to-start')) {
    return [
      'libxl: error: libxl_exec.c:117:libxl_report_child_exitstatus: /etc/xen/scripts/vif-bridge online [4531] exited with error status 1',
      'libxl: error: libxl_device.c:1337:device_hotplug_child_death_cb: script: RTNETLINK answers: Device or resource busy',
      `libxl: error: libxl_create.c:1921:domcreate_attach_devices: Domain ${domid}:unable to add vif devices`,
    ];
  }
  return null;
}

/** How busy a guest of this name and size would be. */
export function profileOf(config: Pick<SimConfig, 'name'>): Profile {
  let seed = 7;
  for (const letter of config.name) seed = (Math.imul(seed, 31) + letter.charCodeAt(0)) >>> 0;
  const level = (salt: number): number => ((Math.imul(seed ^ salt, 2654435761) >>> 0) % 1000) / 1000;
  const busy = /db|build|dirty/.test(config.name) ? 0.45 + 0.2 * level(1) : 0.03 + 0.2 * level(1) ** 2;
  return {
    busy,
    sentPerS: 2_000 + 400_000 * level(2) ** 3,
    receivedPerS: 1_500 + 250_000 * level(3) ** 3,
    readPerS: 4_000 + 900_000 * level(4) ** 4,
    writtenPerS: 8_000 + 1_200_000 * level(5) ** 4,
    seed: seed % 10_000,
  };
}
