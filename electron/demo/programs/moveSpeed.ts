import { randomBytes } from 'node:crypto';
import text from '../../engine/remote/programs/move-speed.sh?raw';
import type { SimProgram } from '../server/proc.ts';

/** Gives or takes bytes; the line is this machine's own loopback. */
export const moveSpeed: SimProgram = {
  name: 'move-speed',
  text,
  async run(proc) {
    const [way = '', bytes = ''] = proc.args;
    if (way === 'out') proc.out(`bytes ${randomBytes(Number(bytes)).toString('base64')}\n`);
    else {
      proc.stdin.onData(() => {});
      await new Promise<void>((resolve) => proc.stdin.onEnd(resolve));
    }
    proc.out('ok\n');
    return 0;
  },
};
