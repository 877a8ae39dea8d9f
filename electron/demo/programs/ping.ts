import text from '../../engine/remote/programs/ping.sh?raw';
import type { SimProgram } from '../server/proc.ts';

/** iputils' `ping -n -D -O -i EVERY`: echoes on this host's clock, and at once a word for each that is missing. */
export const ping: SimProgram = {
  name: 'ping',
  text,
  async run(proc) {
    const [address = '', seconds = '60', every = '1'] = proc.args;
    const { host } = proc;
    const { time } = host.office;
    proc.out(`PING ${address} (${address}) 56(84) bytes of data.\n`);
    const endAt = time.now() + Number(seconds) * 1000;
    let seq = 0;
    await new Promise<void>((resolve) => {
      const undo = time.every(Number(every) * 1000, () => {
        seq += 1;
        const stamp = (host.now() / 1000).toFixed(6);
        if (host.office.answers(address)) {
          proc.out(`[${stamp}] 64 bytes from ${address}: icmp_seq=${seq} ttl=64 time=${(0.3 + (seq % 5) / 20).toFixed(3)} ms\n`);
        } else proc.out(`[${stamp}] no answer yet for icmp_seq=${seq}\n`);
        if (time.now() >= endAt) done();
      });
      function done(): void {
        undo();
        resolve();
      }
      proc.stdin.onEnd(done);
      proc.stdin.onData(() => {});
      proc.signal.addEventListener('abort', done, { once: true });
    });
    if (!proc.stdin.ended) proc.out('ok\n');
    return 0;
  },
};
