import type { Command } from '../server/proc.ts';
import { lvchange } from './lvm.ts';
import { xenstoreExists, xenstoreList, xenstoreRead } from './xenstore.ts';
import { xentop } from './xentop.ts';
import { xl } from './xl.ts';

/** Plain commands a simulated host answers, by name. */
export const commands: Record<string, Command> = {
  xl,
  xentop,
  lvchange,
  'xenstore-read': xenstoreRead,
  'xenstore-list': xenstoreList,
  'xenstore-exists': xenstoreExists,
  true: () => 0,
  false: () => 1,
  id: (proc) => {
    const uid = proc.root ? 0 : 1000;
    const name = proc.root ? 'root' : proc.user;
    if (proc.args[0] === '-u') proc.out(`${uid}\n`);
    else if (proc.args[0] === '-un') proc.out(`${name}\n`);
    else proc.out(`uid=${uid}(${name}) gid=${uid}(${name}) groups=${uid}(${name})\n`);
    return 0;
  },
  date: (proc) => {
    const now = proc.host.now();
    if (proc.args[0] === '+%s.%N') proc.out(`${Math.floor(now / 1000)}.${String(Math.floor(now % 1000)).padStart(3, '0')}000000\n`);
    else proc.out(`${Math.floor(now / 1000)}\n`);
    return 0;
  },
  hostname: (proc) => {
    proc.out(`${proc.host.about.hostname}\n`);
    return 0;
  },
  uname: (proc) => {
    proc.out(`Linux ${proc.host.about.hostname} 6.1.0-56-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16) x86_64 GNU/Linux\n`);
    return 0;
  },
  echo: (proc) => {
    proc.out(`${proc.args.join(' ')}\n`);
    return 0;
  },
  cat: async (proc) => {
    if (proc.args.length === 0) {
      proc.out(await proc.stdin.text());
      return 0;
    }
    let exit = 0;
    for (const path of proc.args) {
      const node = proc.host.files.stat(path);
      if (node?.kind === 'file') proc.out(node.text);
      else {
        proc.err(`cat: ${path}: ${node ? 'Is a directory' : 'No such file or directory'}\n`);
        exit = 1;
      }
    }
    return exit;
  },
};
