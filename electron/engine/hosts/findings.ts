import type { HostFinding } from '../../contract/host.ts';
import { type Problem, problem } from '../../contract/problem.ts';
import type { Examined } from './examine.ts';

/** What is missing on a host, for its report: the worst first. `rights`: why we are not root there, if so. */
export function findingsOf(examined: Examined, host: { label: string; user: string }, rights: Problem | null): HostFinding[] {
  const { facts, tools } = examined;
  const everything = nothingWorks(examined, host, rights);
  if (everything) return [{ hinders: 'everything', problem: everything }];
  const findings: HostFinding[] = [];
  const add = (hinders: HostFinding['hinders'], why: Problem) => findings.push({ hinders, problem: why });
  if (facts.toolstack === 'xapi' || facts.toolstack === 'xend') add('changing', problem('host.readOnly', { toolstack: facts.toolstack }));
  for (const tool of ['flock', 'setsid']) if (!tools.includes(tool)) add('changing', problem('host.toolMissing', { tool }));
  if (facts.places.length === 0) add('creating', problem('host.noPlace', { label: host.label }));
  if (facts.bridges.length === 0) add('creating', problem('host.noBridge', { label: host.label }));
  if (!tools.includes('qemu-img')) add('creating', problem('host.toolMissing', { tool: 'qemu-img' }));
  if (!tools.includes('ssh')) add('migrating', problem('host.toolMissing', { tool: 'ssh' }));
  if (facts.types.includes('pv') && !facts.shadow) add('migrating', problem('move.pvNoShadow', { host: host.label }));
  return findings;
}

function nothingWorks(examined: Examined, host: { label: string; user: string }, rights: Problem | null): Problem | null {
  if (!examined.dom0 && examined.facts.xenVersion === '' && !examined.tools.includes('xl')) {
    return problem('host.noXen', { label: host.label });
  }
  if (rights) return rights;
  if (!examined.tools.includes('xl')) return problem('host.noXl', { label: host.label });
  if (examined.xlRefused === null) return null;
  const detail = examined.xlRefused;
  // Debian's wrapper without Xen: "ERROR:  Can't find hypervisor information in sysfs!"; xl without dom0: "cannot open libxl_ctx"
  if (!examined.dom0) return problem('host.noXen', { label: host.label }, { detail });
  if (/[Pp]ermission denied/.test(detail)) return problem('host.noRights', { user: host.user }, { detail });
  return problem('command.failed', { command: 'xl info', exit: null, said: detail.slice(0, 300) }, { detail });
}
