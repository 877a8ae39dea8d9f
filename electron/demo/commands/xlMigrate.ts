import { migrate } from '../model/migrate.ts';
import type { Command } from '../server/proc.ts';

/** `xl migrate DOM HOST` in the open: what the operator types. XenFerry's own moves run as a job (programs/). */
export const xlMigrate: Command = async (proc) => {
  const words = proc.args.filter((one, at) => !one.startsWith('-') && proc.args[at - 1] !== '-s' && proc.args[at - 1] !== '-C');
  const [name = '', address = ''] = words;
  const domain = proc.host.domain(name);
  if (!domain) {
    proc.err(`${name} is an invalid domain identifier (rc=-6)\n`);
    return 1;
  }
  const target = proc.host.office.find(address);
  if (!target || target.dead) {
    const why = target
      ? `connect to host ${address} port 22: No route to host`
      : `Could not resolve hostname ${address}: Name or service not known`;
    proc.err(
      `ssh: ${why}\nlibxl: error: libxl_utils.c:505:libxl_read_exactly: file/stream truncated reading banner from migration receiver stream\nlibxl: info: libxl_exec.c:117:libxl_report_child_exitstatus: migration transport process [5692] exited with error status 255\n`,
    );
    return 1;
  }
  return migrate({
    source: proc.host,
    target,
    domain,
    say: (line) => proc.err(`${line}\n`),
    sent: () => {},
    cut: proc.signal,
    permit: async () => true,
  });
};
