import text from '../../engine/remote/programs/move-agent.sh?raw';
import { logInByAgent } from '../model/agentLogin.ts';
import { connectFrom } from '../model/doors.ts';
import type { Proc, SimProgram } from '../server/proc.ts';

let made = 0;

/** Where the operator's agent answers on a source, and whether its ssh gets in by it. */
export const moveAgent: SimProgram = {
  name: 'move-agent',
  text,
  async run(proc) {
    const [verb = ''] = proc.args;
    if (verb === 'make') proc.out(`at /run/xenferry-agent.${made++}\n`);
    const hindered = verb === 'try' ? await tryLogin(proc) : null;
    proc.out(hindered === null ? 'ok\n' : `failed login ${hindered}\n`);
    return hindered === null ? 0 : 1;
  },
};

async function tryLogin(proc: Proc): Promise<string | null> {
  const [, socket = '', address = '', port = '', user = '', command = ''] = proc.args;
  const { host } = proc;
  const known = await proc.stdin.text();
  await host.office.time.wait(300);
  const onward = await connectFrom(host, address, Number(port));
  if (typeof onward === 'string') return onward;
  onward.end();
  if (!onward.target.keys.some((key) => known.includes(`xenferry-target ${key}`))) return 'Host key verification failed.';
  if (!(await logInByAgent(host, socket, onward.target, user))) return `${user}@${address}: Permission denied (publickey,password).`;
  return command === 'echo xenferry' ? null : `sh: 1: ${command}: not found`;
}
