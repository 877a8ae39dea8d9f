import type { SimHost } from '../model/simHost.ts';
import type { Command } from '../server/proc.ts';

/** `xl info` (capture xl-info). */
export function infoText(host: SimHost): string {
  const { about } = host;
  const version = `${about.xen.major}.${about.xen.minor}${about.xen.extra}`;
  const pairs: [string, string | number][] = [
    ['host', about.hostname],
    ['release', '6.1.0-56-amd64'],
    ['version', '#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)'],
    ['machine', 'x86_64'],
    ['nr_cpus', about.cpus],
    ['max_cpu_id', about.cpus - 1],
    ['nr_nodes', 1],
    ['cores_per_socket', about.cpus / 2],
    ['threads_per_core', 2],
    ['cpu_mhz', '2300.000'],
    ['hw_caps', '178bf3ff:f6f8320b:2e500800:244037ff:0000000f:219c91a9:00400004:00000500'],
    ['virt_caps', about.virtCaps],
    ['total_memory', about.memoryMiB - 1],
    ['free_memory', host.freeMiB()],
    ['sharing_freed_memory', 0],
    ['sharing_used_memory', 0],
    ['outstanding_claims', 0],
    ['free_cpus', 0],
    ['xen_major', about.xen.major],
    ['xen_minor', about.xen.minor],
    ['xen_extra', about.xen.extra],
    ['xen_version', version],
    ['xen_caps', 'xen-3.0-x86_64 hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64 '],
    ['xen_scheduler', 'credit2'],
    ['xen_pagesize', 4096],
    ['platform_params', 'virt_start=0xffff800000000000'],
    ['xen_changeset', ''],
    ['xen_commandline', commandLine(host)],
    ['cc_compiler', 'x86_64-linux-gnu-gcc (Debian 12.2.0-14+deb12u1) 12.2.0'],
    ['cc_compile_by', 'pkg-xen-devel'],
    ['cc_compile_domain', 'lists.alioth.debian.org'],
    ['cc_compile_date', 'Wed Nov  4 16:52:28 UTC 2026'],
    ['build_id', '151b373fd64b321593bf987fd923cd10dabadac4'],
    ['xend_config_format', 4],
  ];
  return pairs.map(([key, value]) => `${key.padEnd(23)}: ${value}\n`).join('');
}

export function commandLine(host: SimHost): string {
  return `dom0_mem=${host.about.dom0MiB}M,max:${host.about.dom0MiB}M dom0_max_vcpus=4 console=vga loglvl=warning`;
}

export const xlInfo: Command = (proc) => {
  proc.out(infoText(proc.host));
  return 0;
};
