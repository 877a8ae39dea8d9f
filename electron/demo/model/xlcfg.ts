/**
 * The simulator's own reading of xl.cfg(5): as `xl` reads it, refusals in xl's words. Deliberately not the engine's reader,
 * so that the two can't share a mistake.
 */
export interface SimDisk {
  target: string;
  vdev: string;
  format: string;
  readwrite: boolean;
  cdrom: boolean;
}
export interface SimNic {
  mac: string | null;
  bridge: string | null;
  model: string | null;
  ip: string | null;
}
export interface SimConfig {
  name: string;
  uuid: string | null;
  type: 'pv' | 'pvh' | 'hvm';
  memoryMiB: number;
  maxMemoryMiB: number;
  vcpus: number;
  maxVcpus: number;
  kernel: string | null;
  ramdisk: string | null;
  cmdline: string | null;
  bootloader: string | null;
  boot: string | null;
  disks: SimDisk[];
  nics: SimNic[];
  vnc: boolean;
  serial: string | null;
  usbdevice: string | null;
  pci: string[];
  onPoweroff: string | null;
  onReboot: string;
  onCrash: string | null;
  startPaused: boolean;
}

/** A refusal, in the words xl prints after "Parsing config from FILE". */
export class ConfigRefusal extends Error {
  readonly exit: number;
  constructor(said: string, exit = 1) {
    super(said);
    this.exit = exit;
  }
}

type Value = string | number | Value[];

export function readConfig(file: string, text: string): SimConfig {
  const values = new Map<string, Value>();
  const cursor = { text, at: 0, line: 1, file };
  for (;;) {
    skipSpace(cursor, true);
    if (cursor.at >= text.length) break;
    const key = takeWord(cursor);
    skipSpace(cursor, false);
    if (!key || text[cursor.at] !== '=') refuse(cursor);
    cursor.at += text[cursor.at + 1] === '=' ? 2 : 1;
    skipSpace(cursor, false);
    values.set(key, takeValue(cursor));
    skipSpace(cursor, false);
    if (cursor.at < text.length && !'\n;'.includes(text[cursor.at] ?? '')) refuse(cursor);
  }
  return shape(file, values);
}

interface Cursor {
  text: string;
  at: number;
  line: number;
  file: string;
}

function refuse(cursor: Cursor, what = 'syntax error, unexpected end'): never {
  const near = cursor.text.slice(cursor.at).split('\n')[0] ?? '';
  const lexical = near.startsWith('"') || near.startsWith("'");
  const said = `${cursor.file}:${cursor.line}: config parsing error near \`${near}': ${lexical ? 'lexical error' : what}`;
  throw new ConfigRefusal(`${said}\nFailed to parse config: Invalid argument`);
}

function skipSpace(cursor: Cursor, lines: boolean): void {
  for (; cursor.at < cursor.text.length; cursor.at += 1) {
    const letter = cursor.text[cursor.at] ?? '';
    if (letter === '#') {
      const end = cursor.text.indexOf('\n', cursor.at);
      cursor.at = (end < 0 ? cursor.text.length : end) - 1;
    } else if (letter === '\n' || (letter === ';' && lines)) {
      if (!lines) return;
      if (letter === '\n') cursor.line += 1;
    } else if (!' \t\r'.includes(letter)) return;
  }
}

function takeWord(cursor: Cursor): string {
  const found = /^[A-Za-z_][A-Za-z0-9_]*/.exec(cursor.text.slice(cursor.at, cursor.at + 100))?.[0] ?? '';
  cursor.at += found.length;
  return found;
}

function takeValue(cursor: Cursor): Value {
  const letter = cursor.text[cursor.at] ?? '';
  if (letter === '"' || letter === "'") return takeString(cursor, letter);
  if (letter === '[') return takeList(cursor);
  const number = /^-?(0x[0-9a-fA-F]+|[0-9]+)/.exec(cursor.text.slice(cursor.at, cursor.at + 40))?.[0];
  if (number === undefined) return refuse(cursor);
  cursor.at += number.length;
  return Number(number);
}

function takeString(cursor: Cursor, quote: string): string {
  const end = cursor.text.indexOf(quote, cursor.at + 1);
  const line = cursor.text.indexOf('\n', cursor.at);
  if (end < 0 || (line >= 0 && line < end)) refuse(cursor);
  const found = cursor.text.slice(cursor.at + 1, end);
  cursor.at = end + 1;
  return found.replace(/\\(.)/g, '$1');
}

function takeList(cursor: Cursor): Value[] {
  const items: Value[] = [];
  cursor.at += 1;
  for (;;) {
    skipSpace(cursor, true);
    if (cursor.text[cursor.at] === ']') break;
    if (cursor.at >= cursor.text.length) refuse(cursor);
    items.push(takeValue(cursor));
    skipSpace(cursor, true);
    if (cursor.text[cursor.at] === ',') cursor.at += 1;
    else if (cursor.text[cursor.at] !== ']') refuse(cursor);
  }
  cursor.at += 1;
  return items;
}

function shape(file: string, values: Map<string, Value>): SimConfig {
  const text = (key: string): string | null => {
    const found = values.get(key);
    return typeof found === 'string' ? found : null;
  };
  const number = (key: string): number | null => {
    const found = values.get(key);
    if (typeof found === 'number') return found;
    return typeof found === 'string' && /^\d+$/.test(found) ? Number(found) : null;
  };
  const list = (key: string): string[] => {
    const found = values.get(key);
    const items = Array.isArray(found) ? found : found === undefined ? [] : [found];
    return items.filter((one) => typeof one === 'string');
  };
  const name = text('name');
  if (name === null) throw new ConfigRefusal('Domain name must be specified.');
  const type = text('type') ?? (text('builder') === 'hvm' ? 'hvm' : 'pv');
  if (type !== 'pv' && type !== 'pvh' && type !== 'hvm') throw new ConfigRefusal(`Invalid domain type ${type}.`);
  const memoryMiB = number('memory') ?? 128;
  const vcpus = number('vcpus') ?? 1;
  const cmdline = text('cmdline') ?? ([text('root') && `root=${text('root')}`, text('extra')].filter(Boolean).join(' ') || null);
  return {
    name,
    uuid: text('uuid'),
    type,
    memoryMiB,
    maxMemoryMiB: Math.max(number('maxmem') ?? memoryMiB, memoryMiB),
    vcpus,
    maxVcpus: Math.max(number('maxvcpus') ?? vcpus, vcpus),
    kernel: text('kernel'),
    ramdisk: text('ramdisk'),
    cmdline,
    bootloader: text('bootloader'),
    boot: text('boot'),
    disks: list('disk').map((spec) => readDisk(file, spec)),
    nics: list('vif').map(readNic),
    vnc: number('vnc') === 1 || list('vfb').length > 0 || (type === 'hvm' && number('vnc') !== 0),
    serial: text('serial') ?? list('serial')[0] ?? null,
    usbdevice: text('usbdevice') ?? list('usbdevice')[0] ?? null,
    pci: list('pci'),
    onPoweroff: text('on_poweroff'),
    onReboot: text('on_reboot') ?? 'restart',
    onCrash: text('on_crash'),
    startPaused: false,
  };
}

/** xl-disk-configuration(5): positional target,format,vdev,access and key=value; the old phy:/file: prefixes. */
function readDisk(file: string, spec: string): SimDisk {
  const disk: SimDisk = { target: '', vdev: '', format: 'raw', readwrite: true, cdrom: false };
  const rest = /(?:^|,)\s*target=(.*)$/.exec(spec);
  const front = rest ? spec.slice(0, rest.index) : spec;
  const positional: string[] = [];
  for (const part of front
    .split(',')
    .map((one) => one.trim())
    .filter((one, at) => one !== '' || at === 0)) {
    const [key = '', value] = part.split('=', 2);
    if (value === undefined) {
      if (part === 'cdrom' || part === 'devtype=cdrom') disk.cdrom = true;
      else positional.push(part);
    } else if (key === 'vdev') disk.vdev = value;
    else if (key === 'format') disk.format = value;
    else if (key === 'access') disk.readwrite = value.startsWith('w') || value === 'rw';
    else if (key === 'devtype') disk.cdrom = value === 'cdrom';
    else if (!['script', 'backend', 'backendtype', 'discard', 'direct-io-safe', 'specification'].includes(key)) positional.push(part);
  }
  if (rest) disk.target = rest[1] ?? '';
  readPositional(disk, positional, rest !== null);
  if (disk.vdev === '') throw new ConfigRefusal(`${file}: config parsing error in disk specification: no vdev specified in \`${spec}'`);
  if (disk.vdev.endsWith(':cdrom')) disk.cdrom = true;
  disk.vdev = disk.vdev.replace(/:cdrom$/, '');
  if (disk.cdrom) disk.readwrite = false;
  return disk;
}

function readPositional(disk: SimDisk, positional: string[], hasTarget: boolean): void {
  const words = hasTarget ? ['', ...positional] : positional;
  const [target = '', ...more] = words;
  if (!hasTarget) disk.target = target.replace(/^(phy|file|raw|tap:aio|aio):/, '');
  if (!hasTarget && /^(tap:)?qcow2:/.test(target)) {
    disk.format = 'qcow2';
    disk.target = target.replace(/^(tap:)?qcow2:/, '');
  }
  for (const word of more) {
    if (/^(raw|qcow|qcow2|vhd|qed)$/.test(word)) disk.format = word;
    else if (/^(w|rw|w!)$/.test(word)) disk.readwrite = true;
    else if (/^(r|ro)$/.test(word)) disk.readwrite = false;
    else if (disk.vdev === '') disk.vdev = word;
  }
}

/** xl-network-configuration(5). A bad MAC is said and dropped, not refused (capture xl-create-bad-vif-spec). */
function readNic(spec: string): SimNic {
  const nic: SimNic = { mac: null, bridge: null, model: null, ip: null };
  for (const part of spec.split(',').map((one) => one.trim())) {
    const [key = '', value = ''] = part.split('=', 2);
    if (key === 'mac' && /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(value)) nic.mac = value.toLowerCase();
    else if (key === 'bridge') nic.bridge = value;
    else if (key === 'model') nic.model = value;
    else if (key === 'ip') nic.ip = value.split(/[ /]/)[0] ?? null;
  }
  return nic;
}
