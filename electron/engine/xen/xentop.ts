/** A line of `xentop -b -f`: counters since the domain began, but for the CPU share, which is since the sample before. */
export interface TopLine {
  name: string;
  paused: boolean;
  down: boolean;
  crashed: boolean;
  dying: boolean;
  cpuPercent: number;
  memoryMiB: number;
  netTxKB: number;
  netRxKB: number;
  /** Sectors of 512 bytes. Disks that QEMU serves are not counted. */
  readSectors: number;
  writtenSectors: number;
}

/*
 *       NAME  STATE   CPU(sec) CPU(%)     MEM(k) MEM(%)  MAXMEM(k) MAXMEM(%) VCPUS NETS NETTX(k) NETRX(k) VBDS   VBD_OO   VBD_RD   VBD_WR  VBD_RSECT  VBD_WSECT SSID
 *      tiny1 --b---         27   14.9      81984    3.9      82944       4.0     2    1        2        0    1        0      124      122       1016        976    0
 * The state's letters stand otherwise than in xl list: dying, shutdown, blocked, crashed, paused, running. dom0's most
 * memory may be `no limit` and `n/a`. While a domain is being built, its disks count `-`.
 */
const shape =
  /^ *(.*?) ([d-])([s-])([b-])([c-])([p-])([r-]) +\d+ +([\d.]+) +(\d+) +[\d.]+ +(?:\d+|no limit) +(?:[\d.]+|n\/a) +\d+ +\d+ +(\d+) +(\d+) +\d+ +(?:\d+|-) +(?:\d+|-) +(?:\d+|-) +(\d+|-) +(\d+|-) +\d+ *$/;

/** null: not a line of xentop. Leading blanks of a name are lost in its column. */
export function readTopLine(line: string): TopLine | null {
  const parts = shape.exec(line);
  if (!parts) return null;
  const [, name = '', dying, down, , crashed, paused, , cpu, memory, tx, rx, read, written] = parts;
  return {
    name,
    dying: dying === 'd',
    down: down === 's',
    crashed: crashed === 'c',
    paused: paused === 'p',
    cpuPercent: Number(cpu),
    memoryMiB: Math.round(Number(memory) / 1024),
    netTxKB: Number(tx),
    netRxKB: Number(rx),
    readSectors: countOf(read),
    writtenSectors: countOf(written),
  };
}

const countOf = (field = '-'): number => (field === '-' ? 0 : Number(field));
