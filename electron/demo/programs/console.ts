import text from '../../engine/remote/programs/console.sh?raw';
import { type } from '../console/guestShell.ts';
import type { SimProgram } from '../server/proc.ts';

/** `xl console DOMID`: what was buffered, then what comes; ends with the domain, with ^], or when the pty is hung up. */
export const consoleProgram: SimProgram = {
  name: 'console',
  text,
  async run(proc) {
    const { host } = proc;
    const word = proc.args[0] ?? '';
    const domain = host.domain(word);
    if (!domain || !proc.root) {
      proc.err(`${word} is an invalid domain identifier (rc=-6)\n`);
      return 1;
    }
    if (!proc.pty) {
      proc.err('Could not get terminal settings\n');
      return 1;
    }
    const undoRead = domain.console.read((said) => proc.out(said));
    await new Promise<void>((resolve) => {
      const undoStir = host.onStir(() => {
        if (host.domains.get(domain.domid) !== domain) done();
      });
      function done(): void {
        undoStir();
        resolve();
      }
      proc.signal.addEventListener('abort', done, { once: true });
      proc.stdin.onData((chunk) => {
        const keys = Buffer.from(chunk).toString('utf8');
        if (keys.includes('\x1d')) done();
        else type(host, domain, keys);
      });
      proc.stdin.onEnd(done);
    });
    undoRead();
    return 0;
  },
};
