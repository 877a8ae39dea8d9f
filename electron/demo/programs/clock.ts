import text from '../../engine/remote/programs/clock.sh?raw';
import type { SimProgram } from '../server/proc.ts';

/** Says the time of the host, a line for a line. */
export const clock: SimProgram = {
  name: 'clock',
  text,
  async run(proc) {
    proc.stdin.onLine(() => proc.out(`${(proc.host.now() / 1000).toFixed(3)}000000\n`));
    await new Promise<void>((resolve) => proc.stdin.onEnd(resolve));
    return 0;
  },
};
