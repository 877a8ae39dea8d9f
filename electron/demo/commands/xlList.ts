import { configJson, yajl } from '../model/domainJson.ts';
import type { SimHost } from '../model/simHost.ts';
import type { Command } from '../server/proc.ts';

interface Row {
  name: string;
  domid: number;
  memoryMiB: number;
  vcpus: number;
  state: string;
  cpuSeconds: number;
  uuid: string;
}

/** `xl list`, `xl list -v`, and one domain of either (captures xl-list, xl-list-v, name-3-list for long names). */
export function listText(host: SimHost, how: { verbose: boolean; only: number | null }): string {
  const now = host.office.time.now();
  const rows: Row[] = [];
  if (how.only === null || how.only === 0) rows.push(dom0Row(host, now));
  for (const one of host.inOrder()) {
    if (how.only !== null && how.only !== one.domid) continue;
    one.count(now);
    rows.push({
      ...one,
      name: one.name,
      memoryMiB: one.dying ? 16 : one.memoryMiB,
      state: one.state(now),
      cpuSeconds: one.counters.cpuSeconds,
    });
  }
  const heading = `${'Name'.padEnd(40)} ${'ID'.padStart(5)} ${'Mem'.padStart(5)} VCPUs\tState\tTime(s)`;
  const more = how.verbose ? '   UUID                            Reason-Code\tSecurity Label' : '';
  return `${heading}${more}\n${rows.map((one) => rowText(one, how.verbose)).join('')}`;
}

function dom0Row(host: SimHost, now: number): Row {
  return {
    name: 'Domain-0',
    domid: 0,
    memoryMiB: host.about.dom0MiB,
    vcpus: Math.min(4, host.about.cpus),
    state: 'r-----',
    cpuSeconds: ((now - host.bootedAt) / 1000) * 0.04,
    uuid: '00000000-0000-0000-0000-000000000000',
  };
}

function rowText(row: Row, verbose: boolean): string {
  const head = `${row.name.padEnd(40)} ${String(row.domid).padStart(5)} ${String(row.memoryMiB).padStart(5)} ${String(row.vcpus).padStart(5)}     ${row.state}  ${row.cpuSeconds.toFixed(1).padStart(8)}`;
  if (!verbose) return `${head}\n`;
  const reason = row.state[3] === 's' ? { '-': '0', r: '1', s: '2', c: '3' }[row.state[4] ?? '-'] : '-';
  return `${head} ${row.uuid} ${String(reason).padStart(8)} ${'-'.padStart(16)}\n`;
}

/** `xl list -l`: a domain that is dying or still arriving is left out, with an error on stderr (XEN.md 22.3, 22.4). */
export function listJson(host: SimHost, only: number | null): { stdout: string; stderr: string } {
  const found = only === null ? [{ domid: 0, config: dom0Json(host) }] : [];
  let stderr = '';
  for (const one of host.inOrder()) {
    if (only !== null && only !== one.domid) continue;
    if (one.dying || one.incoming || one.building) {
      stderr += `libxl: error: libxl_domain.c:2335:retrieve_domain_configuration_lock_acquired: Domain ${one.domid}:Fail to get domain configuration\n`;
    } else found.push({ domid: one.domid, config: configJson(one.config, one.uuid, one) });
  }
  return { stdout: `${yajl(found)}\n\n`, stderr };
}

type Json = Parameters<typeof yajl>[0];
function dom0Json(host: SimHost): Json {
  return {
    c_info: { type: 'pv', name: 'Domain-0' },
    b_info: {
      max_memkb: host.about.dom0MiB * 1024,
      target_memkb: host.about.dom0MiB * 1024 - 1,
      sched_params: { sched: 'credit2', weight: 256, cap: 0 },
      'type.pv': {},
      arch_arm: {},
      arch_x86: {},
    },
  };
}

export const xlList: Command = (proc) => {
  const word = proc.args.find((one) => !one.startsWith('-'));
  const domain = word === undefined ? null : proc.host.domain(word);
  const only = word === 'Domain-0' || word === '0' ? 0 : (domain?.domid ?? null);
  if (word !== undefined && only === null) {
    proc.err(`${word} is an invalid domain identifier (rc=-6)\n`);
    return 1;
  }
  const flags = proc.args.filter((one) => one.startsWith('-')).join('');
  if (flags.includes('l')) {
    const said = listJson(proc.host, only);
    proc.out(said.stdout);
    proc.err(said.stderr);
  } else proc.out(listText(proc.host, { verbose: flags.includes('v'), only }));
  return 0;
};

export const xlUptime: Command = (proc) => {
  const now = proc.host.office.time.now();
  const row = (name: string, domid: number, since: number): string => {
    const seconds = Math.floor((now - since) / 1000);
    const days = Math.floor(seconds / 86400);
    const clock = `${Math.floor((seconds % 86400) / 3600)}:${String(Math.floor(seconds / 60) % 60).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
    return `${name.padEnd(32)} ${String(domid).padStart(5)}  ${days > 0 ? `${days} days, ` : ''}${clock}\n`;
  };
  proc.out('Name                                ID Uptime\n');
  proc.out(row('Domain-0', 0, proc.host.bootedAt));
  for (const one of proc.host.inOrder()) proc.out(row(one.name, one.domid, one.createdAt));
  return 0;
};

export const xlVcpuList: Command = (proc) => {
  proc.out('Name                                ID  VCPU   CPU State   Time(s) Affinity (Hard / Soft)\n');
  for (const one of proc.host.inOrder()) {
    for (let vcpu = 0; vcpu < one.vcpus; vcpu += 1) {
      const state = one.state(proc.host.office.time.now()).slice(0, 2);
      proc.out(
        `${one.name.padEnd(32)} ${String(one.domid).padStart(5)} ${String(vcpu).padStart(5)} ${String(vcpu).padStart(4)}   ${state}- ${(one.counters.cpuSeconds / one.vcpus).toFixed(1).padStart(9)}  all / all\n`,
      );
    }
  }
  return 0;
};
