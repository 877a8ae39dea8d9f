import { useEffect, useState } from 'react';
import type { HostId } from '../../../../electron/contract/host.ts';
import { useProgram } from '../../state/program.ts';
import { type Spare, spareFor } from '../../state/spare.ts';
import { guestsOn } from './verdicts.ts';

/** How long changes are gathered before it is reckoned anew, ms. */
const CALM_MS = 400;

/** For every host: would its guests fit elsewhere? Reckoned for all at once, when things have calmed down. */
export function useSpares(): ReadonlyMap<HostId, Spare> {
  const program = useProgram();
  const [spares, setSpares] = useState<ReadonlyMap<HostId, Spare>>(new Map());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const reckon = () => {
      timer = null;
      const hosts = [...program.mirror.hosts.getState().byId.values()];
      setSpares((was) => {
        const now = new Map(hosts.map((host) => [host.id, spareFor(host.id, hosts, (id) => guestsOn(program, id))]));
        // What stays the same stays the same object, so that its strip is not drawn again.
        for (const [id, spare] of now) {
          const before = was.get(id);
          if (before && JSON.stringify(before) === JSON.stringify(spare)) now.set(id, before);
        }
        return now;
      });
    };
    const later = () => {
      timer ??= setTimeout(reckon, CALM_MS);
    };
    reckon();
    const undo = [program.mirror.guests.subscribe(later), program.mirror.hosts.subscribe(later)];
    return () => {
      for (const one of undo) one();
      if (timer) clearTimeout(timer);
    };
  }, [program]);
  return spares;
}
