import { useEffect, useRef } from 'react';
import type { Host } from '../../../../electron/contract/host.ts';
import { dom0Key } from '../../state/figures.ts';
import { useKeysOf, useProgram } from '../../state/program.ts';
import { useWords } from '../../words/speak.tsx';

/** Load of a host: CPU of dom0 and all guests together, of all its processors. Written without a render. */
export function LoadText({ host }: { host: Host }) {
  const place = useRef<HTMLSpanElement>(null);
  const { figures } = useProgram().mirror;
  const keys = useKeysOf(host.id);
  const { say, format } = useWords();
  const cpus = host.facts?.cpus ?? 1;
  useEffect(() => {
    const write = () => {
      const dom0 = figures.latest(dom0Key(host.id));
      if (!place.current || !dom0) return;
      const sum = keys.reduce((so, key) => {
        const one = figures.latest(key);
        return one && one.at === dom0.at ? so + one.cpuPercent : so;
      }, dom0.cpuPercent);
      place.current.textContent = say('rack.load', { percent: format.percent(sum / cpus) });
    };
    // dom0's figures come first in a sample: a moment later all of them are there.
    const later = () => queueMicrotask(write);
    later();
    return figures.watch(dom0Key(host.id), later);
  }, [figures, keys, host.id, cpus, say, format]);
  return <span ref={place} />;
}
