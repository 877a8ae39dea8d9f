import type { GuestShape } from '../../contract/guest.ts';
import { fail } from '../../contract/problem.ts';
import { type ConfigValue, readSettings, valuesOf, writeValue } from './configText.ts';
import { readDisk } from './diskSpec.ts';
import { readNic } from './nicSpec.ts';

/** A guest's config file, read. `values` has every key, those we don't know too. */
export interface GuestConfig {
  name: string | null;
  uuid: string | null;
  shape: GuestShape;
  values: ReadonlyMap<string, ConfigValue>;
}

/** A value given to a writer: text is quoted, a number stands bare, a list holds texts. */
export type ConfigInput = string | number | readonly string[];

/** Reads a config as xl would. Problem: `config.unreadable`. */
export function readGuestConfig(text: string, file: string): GuestConfig {
  const values = valuesOf(readSettings(text, file));
  const refuse = (sample: string): never => fail('config.unreadable', { file, line: lineOf(text, sample), sample: sample.slice(0, 200) });
  const reader = readerOf(values);
  return { name: reader.text('name'), uuid: reader.text('uuid')?.toLowerCase() ?? null, shape: shapeOf(reader, refuse), values };
}

/** Sets keys, leaving every other byte as it is: the last setting of a key gets the new value, a new key a line at the end. */
export function editGuestConfig(text: string, file: string, changes: Readonly<Record<string, ConfigInput>>): string {
  let edited = text;
  for (const [name, input] of Object.entries(changes)) {
    const settings = readSettings(edited, file).filter((one) => one.name === name);
    const last = settings.at(-1);
    const value = writeValue(asValue(input));
    if (!last) edited = `${edited}${edited === '' || edited.endsWith('\n') ? '' : '\n'}${lineFor(name, value)}`;
    else if (last.adds) edited = insertAfterStatement(edited, last.to, `\n${lineFor(name, value).trimEnd()}`);
    else edited = edited.slice(0, last.from) + value + edited.slice(last.to);
  }
  return edited;
}

/** Writes a new config. Problem: `command.quoting` for control characters no config can carry. */
export function writeGuestConfig(pairs: readonly (readonly [string, ConfigInput])[]): string {
  return pairs.map(([name, input]) => lineFor(name, writeValue(asValue(input)))).join('');
}

const lineFor = (name: string, value: string): string => `${name.padEnd(7)} = ${value}\n`;

function asValue(input: ConfigInput): ConfigValue {
  if (typeof input === 'number') return { is: 'number', text: String(input) };
  if (typeof input === 'string') return { is: 'text', text: input };
  return { is: 'list', items: input.map((text) => ({ is: 'text', text })) };
}

/** A `+=` can't be replaced in place without knowing what it adds to: a plain setting after it wins. */
function insertAfterStatement(text: string, at: number, added: string): string {
  const newline = text.indexOf('\n', at);
  const end = newline < 0 ? text.length : newline;
  return text.slice(0, end) + added + text.slice(end);
}

function lineOf(text: string, sample: string): number {
  const at = text.indexOf(sample);
  return at < 0 ? 1 : text.slice(0, at).split('\n').length;
}

interface Reader {
  text(name: string): string | null;
  number(name: string): number | null;
  flag(name: string): boolean | null;
  list(name: string): string[];
  has(name: string): boolean;
}

function readerOf(values: ReadonlyMap<string, ConfigValue>): Reader {
  const text = (name: string): string | null => {
    const value = values.get(name);
    return !value || value.is === 'list' ? null : value.text;
  };
  const number = (name: string): number | null => {
    const said = text(name);
    return said === null ? null : longOf(said);
  };
  return {
    text,
    number,
    flag: (name) => {
      const said = number(name);
      return said === null ? null : said !== 0;
    },
    list: (name) => {
      const value = values.get(name);
      if (!value) return [];
      return value.is === 'list' ? value.items.flatMap((one) => (one.is === 'list' ? [] : [one.text])) : [value.text];
    },
    has: (name) => values.has(name),
  };
}

/** strtol with base 0, as libxlu reads numbers. */
function longOf(said: string): number | null {
  const text = said.trim();
  if (/^0x[0-9a-f]+$/i.test(text)) return Number.parseInt(text, 16);
  if (/^-?0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return /^-?\d+$/.test(text) ? Number(text) : null;
}

function shapeOf(reader: Reader, refuse: (sample: string) => never): GuestShape {
  const type = typeOf(reader);
  const memoryMiB = reader.number('memory') ?? 32; // what xl takes when the config says nothing
  const vcpus = reader.number('vcpus') ?? reader.number('maxvcpus') ?? 1;
  const booted = !reader.has('bootloader') && !reader.has('firmware_override');
  return {
    type,
    memoryMiB,
    maxMemoryMiB: Math.max(reader.number('maxmem') ?? memoryMiB, memoryMiB),
    vcpus,
    maxVcpus: Math.max(reader.number('maxvcpus') ?? vcpus, vcpus),
    disks: reader.list('disk').map((spec) => readDisk(spec) ?? refuse(spec)),
    nics: reader.list('vif').map(readNic),
    kernel: booted ? reader.text('kernel') : null,
    ramdisk: booted ? reader.text('ramdisk') : null,
    cmdline: cmdlineOf(reader),
    graphical: type === 'hvm' ? hvmGraphical(reader) : reader.list('vfb').length > 0 || reader.flag('vnc') === true,
    serial: type !== 'hvm' || reader.list('serial').some((one) => one !== '' && one !== 'none'),
    passthrough: reader.list('pci').length + reader.list('usbdev').length + reader.list('dtdev').length > 0 || hostUsb(reader),
    noMigrate: reader.flag('nomigrate') ?? false,
  };
}

function typeOf(reader: Reader): GuestShape['type'] {
  const said = reader.text('type');
  if (said === 'pv' || said === 'pvh' || said === 'hvm') return said;
  const builder = reader.text('builder');
  return builder === 'hvm' ? 'hvm' : (reader.flag('pvh') ?? false) ? 'pvh' : 'pv';
}

function cmdlineOf(reader: Reader): string | null {
  const whole = reader.text('cmdline');
  if (whole !== null) return whole;
  const root = reader.text('root');
  const extra = reader.text('extra');
  if (root === null) return extra;
  return `root=${root}${extra === null ? '' : ` ${extra}`}`;
}

/** libxl turns VNC on for HVM unless it is told not to. */
const hvmGraphical = (reader: Reader): boolean => reader.flag('vnc') !== false && reader.flag('nographic') !== true;
const hostUsb = (reader: Reader): boolean => reader.list('usbdevice').some((one) => one.startsWith('host:'));
