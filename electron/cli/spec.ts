import type { InputOf } from '../contract/api.ts';
import { type Asked, choiceOf, mebibytesOf, numberOf, onlyOneOf, textOf } from './arguments.ts';
import { refuse } from './refusal.ts';

export type Spec = InputOf<'creation.create'>['spec'];

const sources = ['iso', 'copy', 'existing', 'kernel'] as const;

/** A new guest's spec: what a JSON spec says (`base`, as `guestSpec` of the contract), and over it what options say. */
export function specOf(asked: Asked, base: Record<string, unknown>): Spec {
  const said = {
    name: asked.words[0],
    type: choiceOf(asked, 'type', ['pv', 'pvh', 'hvm']),
    source: sourceOf(asked),
    disk: diskOf(asked),
    memoryMiB: mebibytesOf(asked, 'memory'),
    vcpus: numberOf(asked, 'vcpus'),
    bridge: onlyOneOf(asked, ['bridge', 'no-network']) === 'no-network' ? null : textOf(asked, 'bridge'),
    mac: textOf(asked, 'mac'),
    autostart: asked.flags.has('autostart') ? true : undefined,
    start: asked.flags.has('no-start') ? false : undefined,
  };
  const spec: Record<string, unknown> = { vcpus: 1, disk: { is: 'none' }, autostart: false, ...base };
  for (const [field, value] of Object.entries(said)) if (value !== undefined) spec[field] = value;
  for (const [field, option] of needed) if (spec[field] === undefined) refuse('optionMissing', { command: 'create', option });
  return spec as Spec; // whatever else is wrong with it, the engine says: its input is parsed there
}

const needed = [
  ['name', 'NAME'],
  ['type', '--type'],
  ['source', '--iso, --copy, --existing, --kernel'],
  ['memoryMiB', '--memory'],
  ['bridge', '--bridge, --no-network'],
] as const;

function sourceOf(asked: Asked): Spec['source'] | undefined {
  const from = onlyOneOf(asked, sources.slice(0, 3)) ?? (asked.values.has('kernel') ? 'kernel' : undefined);
  const boot = {
    kernel: textOf(asked, 'kernel') ?? null,
    ramdisk: textOf(asked, 'ramdisk') ?? null,
    cmdline: textOf(asked, 'cmdline') ?? '',
  };
  const lonely = ['kernel', 'ramdisk', 'cmdline'].find((name) => asked.values.has(name));
  switch (from) {
    case undefined:
      return lonely === undefined ? undefined : refuse('optionMissing', { command: `create --${lonely}`, option: '--kernel' });
    case 'iso':
      if (lonely !== undefined) refuse('optionsApart', { one: '--iso', other: `--${lonely}` });
      return { is: 'iso', iso: textOf(asked, 'iso') ?? '' };
    case 'copy':
      return { is: 'copy', from: textOf(asked, 'copy') ?? '', ...boot };
    case 'existing':
      return { is: 'existing', disk: textOf(asked, 'existing') ?? '', ...boot };
    default:
      return { is: 'kernel', ...boot, kernel: boot.kernel ?? '' };
  }
}

function diskOf(asked: Asked): Spec['disk'] | undefined {
  const where = onlyOneOf(asked, ['disk-directory', 'disk-group', 'no-disk']);
  const sizeMiB = mebibytesOf(asked, 'disk-size');
  const format = choiceOf(asked, 'disk-format', ['raw', 'qcow2']);
  if (where === undefined) {
    return sizeMiB === undefined && format === undefined
      ? undefined
      : refuse('optionMissing', { command: 'create --disk-size', option: '--disk-directory, --disk-group' });
  }
  if (where === 'no-disk') return { is: 'none' };
  if (sizeMiB === undefined) return refuse('optionMissing', { command: `create --${where}`, option: '--disk-size' });
  if (where === 'disk-directory') return { is: 'file', directory: textOf(asked, where) ?? '', format: format ?? 'raw', sizeMiB };
  if (format !== undefined) refuse('optionsApart', { one: '--disk-group', other: '--disk-format' });
  return { is: 'volume', group: textOf(asked, where) ?? '', sizeMiB };
}
