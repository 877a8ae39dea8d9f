import type { SimDomain } from '../model/domain.ts';
import { configJson, yajl } from '../model/domainJson.ts';
import { ask, create, destroy, end, pause, pvDrivers, unpause } from '../model/lifecycle.ts';
import { ConfigRefusal, readConfig } from '../model/xlcfg.ts';
import type { Command, Proc } from '../server/proc.ts';
import { xlInfo } from './xlInfo.ts';
import { xlList, xlUptime, xlVcpuList } from './xlList.ts';
import { xlMigrate } from './xlMigrate.ts';

/** xl(1): its subcommands over the model, its refusals word for word from the captures. */
export const xl: Command = async (proc) => {
  if (proc.host.about.toolstack === 'none') {
    proc.err('sh: 1: xl: not found\n');
    return 127;
  }
  const dry = proc.args[0] === '-N';
  const [sub = '', ...args] = dry ? proc.args.slice(1) : proc.args;
  if (!proc.root && sub !== 'help') return noRights(proc);
  await proc.host.office.time.wait(25);
  const run = subcommands[sub];
  if (!run) {
    proc.err('command not implemented\n');
    return 1;
  }
  return run({ ...proc, args: dry ? ['-n', ...args] : args });
};

/** Without root (capture operator-xl-list). */
function noRights(proc: Proc): number {
  proc.err(
    'xencall: error: Could not obtain handle on privileged command interface: Permission denied\nlibxl: error: libxl.c:102:libxl_ctx_alloc: cannot open libxc handle: Permission denied\ncannot init xl context\n',
  );
  return 1;
}

const subcommands: Record<string, Command> = {
  list: xlList,
  info: xlInfo,
  uptime: xlUptime,
  'vcpu-list': xlVcpuList,
  create: xlCreate,
  migrate: xlMigrate,
  shutdown: (proc) => stop(proc, 'poweroff'),
  reboot: (proc) => stop(proc, 'reboot'),
  destroy: (proc) => onDomain(proc, async (domain) => destroy(proc.host, domain)),
  pause: (proc) => onDomain(proc, (domain) => pause(proc.host, domain)),
  unpause: (proc) => onDomain(proc, (domain) => unpause(proc.host, domain)),
  trigger: (proc) => onDomain(proc, (domain) => button(proc, domain)),
  'button-press': (proc) => onDomain(proc, (domain) => button(proc, domain)),
  domid: (proc) => {
    const domain = proc.host.domain(proc.args[0] ?? '');
    if (domain) proc.out(`${domain.domid}\n`);
    else proc.err(`Can't get domid of domain name '${proc.args[0] ?? ''}', maybe this domain does not exist.\n`);
    return domain ? 0 : 1;
  },
  domname: (proc) => {
    const domain = proc.host.domains.get(Number(proc.args[0]));
    if (domain) proc.out(`${domain.name}\n`);
    else proc.err(`Can't get domain name of domain id '${proc.args[0] ?? ''}', maybe this domain does not exist.\n`);
    return domain ? 0 : 1;
  },
  rename: (proc) =>
    onDomain(proc, (domain) => {
      domain.name = proc.args[1] ?? domain.name;
      proc.host.write(`/local/domain/${domain.domid}/name`, domain.name);
    }),
};

/** Does something to the domain a word names; an unknown one is refused as xl does. */
async function onDomain(proc: Proc, work: (domain: SimDomain) => unknown): Promise<number> {
  const word = proc.args.find((one) => !one.startsWith('-')) ?? '';
  if (word === 'Domain-0' || word === '0') {
    proc.err(
      'Not destroying domain 0; use -f to force.\nThis can only be done when using a disaggregated hardware domain and toolstack.\n\n',
    );
    return 1;
  }
  const domain = proc.host.domain(word);
  if (!domain) {
    proc.err(`${word} is an invalid domain identifier (rc=-6)\n`);
    return 1;
  }
  await work(domain);
  return 0;
}

/** Without PV drivers a guest hears only the power button; Xen has no reset button to press (captures xl-*-no-pv-control). */
async function stop(proc: Proc, reason: 'poweroff' | 'reboot'): Promise<number> {
  let refused = false;
  const [verb, doing, trigger] = reason === 'poweroff' ? ['shutdown', 'Shutting down', 'power'] : ['reboot', 'Rebooting', 'reset'];
  const exit = await onDomain(proc, async (domain) => {
    proc.err(`${doing} domain ${domain.domid}\n`);
    if (pvDrivers(domain)) return ask(proc.host, domain, reason);
    refused = true;
    if (!proc.args.includes('-F')) {
      proc.err(
        `PV control interface not available: external graceful ${verb} not possible.\nUse "-F" to fallback to ACPI ${trigger} event.\n${verb} failed (rc=-10)\n`,
      );
      return;
    }
    proc.err(`PV control interface not available: sending ACPI ${trigger} button event.\n`);
    if (reason === 'poweroff') {
      refused = false;
      return button(proc, domain);
    }
    proc.err(
      `libxl: error: libxl_domain.c:2207:libxl_send_trigger: Domain ${domain.domid}:Send trigger 'reset' failed: Function not implemented\nreboot failed (rc=-3)\n`,
    );
  });
  if (exit !== 0) return exit;
  if (refused) return 1;
  return proc.args.includes('-w') ? waitForEnd(proc) : 0;
}

async function waitForEnd(proc: Proc): Promise<number> {
  const domain = proc.host.domain(proc.args.find((one) => !one.startsWith('-')) ?? '');
  if (!domain) return 0;
  proc.err('Waiting for 1 domains\n');
  await new Promise<void>((resolve) => {
    const undo = proc.host.onStir(() => {
      if (!proc.host.domains.has(domain.domid)) done();
    });
    function done(): void {
      undo();
      resolve();
    }
    proc.signal.addEventListener('abort', done, { once: true });
  });
  proc.err(`Domain ${domain.domid} has been destroyed\n`);
  return 0;
}

/** The power button: a system without PV drivers shuts down in its own time. */
function button(proc: Proc, domain: SimDomain): void {
  if (domain.name.includes('sim-ignores-shutdown') || domain.config.type !== 'hvm') return;
  proc.host.office.time.after(9_000, () => {
    if (proc.host.domains.get(domain.domid) === domain && domain.runs) end(proc.host, domain, 'poweroff');
  });
}

async function xlCreate(proc: Proc): Promise<number> {
  const file = proc.args.find((one) => !one.startsWith('-')) ?? '';
  const has = (flag: string): boolean => proc.args.includes(flag);
  if (!has('-n')) {
    const said = await create(proc.host, file, { paused: has('-p'), quiet: has('-q') });
    proc.err(said.stderr);
    return said.exit;
  }
  const text = file === '/dev/stdin' ? await proc.stdin.text() : (proc.host.files.stat(file)?.text ?? null);
  if (text === null) {
    proc.err(`Failed to read config file: ${file}: No such file or directory\n`);
    return 3;
  }
  const said = dryRun(proc.host.office.makeUuid(), file, text);
  proc.out(said.stdout);
  proc.err(said.stderr);
  return said.exit;
}

/** `xl create -n`: the config as JSON, or xl's complaint. Looks at nothing but the text. */
export function dryRun(uuid: string, file: string, text: string): { exit: number; stdout: string; stderr: string } {
  const front = `Parsing config from ${file}\n`;
  try {
    const config = readConfig(file, text);
    return { exit: 0, stdout: `${yajl(configJson(config, config.uuid ?? uuid, null))}\n`, stderr: front };
  } catch (thrown) {
    if (!(thrown instanceof ConfigRefusal)) throw thrown;
    return { exit: thrown.exit, stdout: '', stderr: `${front}${thrown.message}\n` };
  }
}
