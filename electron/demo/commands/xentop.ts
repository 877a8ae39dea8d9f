import type { SimDomain } from '../model/domain.ts';
import type { SimHost } from '../model/simHost.ts';
import type { Command, Proc } from '../server/proc.ts';

const heading =
  '      NAME  STATE   CPU(sec) CPU(%)     MEM(k) MEM(%)  MAXMEM(k) MAXMEM(%) VCPUS NETS NETTX(k) NETRX(k) VBDS   VBD_OO   VBD_RD   VBD_WR  VBD_RSECT  VBD_WSECT SSID\n';

/** xentop's batch mode: one block a sample. CPU in percent is since the last sample, so the first one is 0.0. */
export class Top {
  private readonly host: SimHost;
  private readonly fullNames: boolean;
  private last = new Map<number, number>();
  private lastAt: number | null = null;
  private dom0ForGuests = 0;
  constructor(host: SimHost, fullNames: boolean) {
    this.host = host;
    this.fullNames = fullNames;
  }
  sample(): string {
    const now = this.host.office.time.now();
    const seconds = this.lastAt === null ? null : (now - this.lastAt) / 1000;
    const used = new Map<number, number>();
    const lines = [this.dom0(now, seconds, used)];
    const shown = this.host.inOrder().filter((one) => !one.dying);
    for (const one of shown.sort((a, b) => (a.name < b.name ? -1 : 1))) lines.push(this.row(one, now, seconds, used));
    this.last = used;
    this.lastAt = now;
    return heading + lines.join('');
  }
  private percent(domid: number, cpuSeconds: number, seconds: number | null): string {
    const before = this.last.get(domid);
    return seconds === null || before === undefined || seconds <= 0 ? '0.0' : ((100 * (cpuSeconds - before)) / seconds).toFixed(1);
  }
  private dom0(now: number, seconds: number | null, used: Map<number, number>): string {
    const { about } = this.host;
    let busy = 0;
    for (const one of this.host.domains.values()) busy += one.profile.busy * 0.05;
    // What the guests cause is summed as it happens: reckoned from the boot, it would jump whenever one comes or goes.
    this.dom0ForGuests += (busy / 10) * (seconds ?? 0);
    const cpu = ((now - this.host.bootedAt) / 1000) * 0.02 + this.dom0ForGuests + Math.sin(now / 9000) * 0.1; // its waves never run backwards
    used.set(0, cpu);
    return this.line({
      name: 'Domain-0',
      state: '-----r',
      cpu: Math.round(cpu),
      percent: this.percent(0, cpu, seconds),
      memKb: about.dom0MiB * 1024,
      maxKb: about.dom0MiB * 1024,
      vcpus: Math.min(4, about.cpus),
      counts: [0, 0, 0, 0, 0, 0, 0, 0, 0],
    });
  }
  private row(one: SimDomain, now: number, seconds: number | null, used: Map<number, number>): string {
    one.count(now);
    const { counters, config } = one;
    used.set(one.domid, counters.cpuSeconds);
    // QEMU serves qcow2 itself: the kernel's counters, which xentop reads, stay 0 (XEN.md 22.12)
    const counted = config.disks.filter((disk) => disk.format === 'raw' && !disk.cdrom).length;
    const read = counted > 0 ? counters.readBytes : 0;
    const written = counted > 0 ? counters.writtenBytes : 0;
    return this.line({
      name: one.name,
      state: one.topState(now),
      cpu: Math.round(counters.cpuSeconds),
      percent: this.percent(one.domid, counters.cpuSeconds, seconds),
      memKb: one.memoryMiB * 1024 + (config.type === 'hvm' ? 304 : 64),
      maxKb: config.maxMemoryMiB * 1024 + 1024,
      vcpus: one.vcpus,
      counts: [
        config.nics.length * (config.type === 'hvm' ? 2 : 1),
        Math.floor(counters.sentBytes / 1024),
        Math.floor(counters.receivedBytes / 1024),
        counted,
        0,
        Math.floor(read / 16384),
        Math.floor(written / 16384),
        Math.floor(read / 512),
        Math.floor(written / 512),
      ],
    });
  }
  private line(row: TopRow): string {
    const name = this.fullNames ? row.name.padStart(10) : row.name.slice(0, 10).padStart(10);
    const share = (kb: number): string => ((100 * kb) / (this.host.about.memoryMiB * 1024)).toFixed(1);
    const [nets = 0, tx = 0, rx = 0, vbds = 0, oo = 0, rd = 0, wr = 0, rsect = 0, wsect = 0] = row.counts;
    const pad = (value: string | number, width: number): string => String(value).padStart(width);
    return `${name} ${row.state} ${pad(row.cpu, 10)} ${pad(row.percent, 6)} ${pad(row.memKb, 10)} ${pad(share(row.memKb), 6)} ${pad(row.maxKb, 10)} ${pad(share(row.maxKb), 9)} ${pad(row.vcpus, 5)} ${pad(nets, 4)} ${pad(tx, 8)} ${pad(rx, 8)} ${pad(vbds, 4)} ${pad(oo, 8)} ${pad(rd, 8)} ${pad(wr, 8)} ${pad(rsect, 10)} ${pad(wsect, 10)} ${pad(0, 4)}\n`;
  }
}

interface TopRow {
  name: string;
  state: string;
  cpu: number;
  percent: string;
  memKb: number;
  maxKb: number;
  vcpus: number;
  counts: number[];
}

/** `xentop -b [-f] [-d SECONDS] [-i TIMES]`. */
export const xentop: Command = async (proc: Proc) => {
  if (!proc.root) {
    proc.err('Failed to initialize xenstat library\n');
    return 1;
  }
  const value = (flag: string): number | null => {
    const at = proc.args.indexOf(flag);
    return at < 0 ? null : Number(proc.args[at + 1]);
  };
  const top = new Top(proc.host, proc.args.includes('-f'));
  const times = value('-i') ?? Number.POSITIVE_INFINITY;
  for (let count = 1; !proc.signal.aborted; count += 1) {
    proc.out(top.sample());
    if (count >= times) break;
    await pause(proc, (value('-d') ?? 3) * 1000);
  }
  return 0;
};

/** Real seconds, as asked: figures are told per second. */
function pause(proc: Proc, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const undo = proc.host.office.time.every(ms, done);
    function done(): void {
      undo();
      proc.signal.removeEventListener('abort', done);
      resolve();
    }
    proc.signal.addEventListener('abort', done, { once: true });
  });
}
