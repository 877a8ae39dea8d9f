/** An option of a command: a flag, or one that takes a value; `VALUE…` may be said more than once. */
type Options = Record<string, 'flag' | 'value' | 'values'>;

/** How a command is written. Its own words are named in order; `[X]` may be left out. */
interface Command {
  takes: readonly string[];
  options: Options;
}

/** What every command takes. */
export const everywhere = {
  json: 'flag',
  data: 'value',
  demo: 'flag',
  wait: 'value',
  'secrets-stdin': 'flag',
  help: 'flag',
} as const satisfies Options;

const acpi = { acpi: 'flag' } as const;

/** The commands, in the order of the help. `xl`'s words where it has them. */
export const commands = {
  hosts: { takes: [], options: {} },
  add: {
    takes: ['ADDRESS'],
    options: {
      port: 'value',
      user: 'value',
      label: 'value',
      auth: 'value',
      key: 'value',
      passphrase: 'flag',
      'sudo-password': 'flag',
      jump: 'value',
      tag: 'values',
      accept: 'value',
    },
  },
  list: { takes: [], options: {} },
  start: { takes: ['GUEST'], options: {} },
  shutdown: { takes: ['GUEST'], options: acpi },
  reboot: { takes: ['GUEST'], options: acpi },
  destroy: { takes: ['GUEST'], options: {} },
  pause: { takes: ['GUEST'], options: {} },
  unpause: { takes: ['GUEST'], options: {} },
  migrate: {
    takes: ['GUEST', 'HOST'],
    options: { check: 'flag', stop: 'flag', save: 'flag', ping: 'value', via: 'value', at: 'value', place: 'values', format: 'values' },
  },
  create: {
    takes: ['[NAME]'],
    options: {
      host: 'value',
      check: 'flag',
      spec: 'value',
      type: 'value',
      iso: 'value',
      copy: 'value',
      existing: 'value',
      kernel: 'value',
      ramdisk: 'value',
      cmdline: 'value',
      'disk-directory': 'value',
      'disk-format': 'value',
      'disk-group': 'value',
      'disk-size': 'value',
      'no-disk': 'flag',
      memory: 'value',
      vcpus: 'value',
      bridge: 'value',
      'no-network': 'flag',
      mac: 'value',
      autostart: 'flag',
      'no-start': 'flag',
    },
  },
  remove: { takes: ['GUEST'], options: { disks: 'flag' } },
  history: { takes: [], options: { limit: 'value' } },
  call: { takes: ['NAME', '[JSON]'], options: {} },
  feed: { takes: ['NAME', '[JSON]'], options: { count: 'value' } },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof commands;

/** Those that ask for the guest's name, always or where hosts could not be asked whether it runs there: `--yes-NAME`, or typed. */
export const confirmed: readonly CommandName[] = ['start', 'destroy', 'migrate', 'create', 'remove'];

/** How a command is written, for people: `shutdown GUEST [--acpi]`. */
export function usageOf(name: CommandName): string {
  const { takes, options }: Command = commands[name];
  const shown = Object.entries(options).map(([option, kind]) => {
    if (kind === 'flag') return `[--${option}]`;
    return `[--${option} ${valueNames[option] ?? 'VALUE'}]${kind === 'values' ? '…' : ''}`;
  });
  return [name, ...takes, ...(confirmed.includes(name) ? ['[--yes-NAME]'] : []), ...shown].join(' ');
}

const path = 'PATH';
const valueNames: Record<string, string> = {
  port: 'N',
  user: 'NAME',
  label: 'TEXT',
  auth: 'agent|key|password|interactive',
  key: 'FILE',
  jump: 'USER@HOST:PORT',
  tag: 'TEXT',
  accept: 'FINGERPRINT',
  ping: 'ADDRESS',
  via: 'key|relay|agent',
  at: 'TIME',
  place: 'VDEV=PATH|GROUP',
  format: 'VDEV=raw|qcow2',
  host: 'HOST',
  spec: 'FILE|-',
  type: 'pv|pvh|hvm',
  iso: path,
  copy: path,
  existing: path,
  kernel: path,
  ramdisk: path,
  cmdline: 'TEXT',
  'disk-directory': path,
  'disk-format': 'raw|qcow2',
  'disk-group': 'NAME',
  'disk-size': 'SIZE',
  memory: 'SIZE',
  vcpus: 'N',
  bridge: 'NAME',
  mac: 'MAC',
  limit: 'N',
  count: 'N',
};
