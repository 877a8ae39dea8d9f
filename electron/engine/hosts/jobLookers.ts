import type { HostId } from '../../contract/host.ts';
import type { Hosts, OpenHost } from '../parts.ts';
import type { Clock } from '../world.ts';

/** A host that begins a job (ours, as a rule) has enough to do: the folder is looked into this much later, once for all that came. */
const LATER_MS = 5000;

/** Who looks into the hosts' job folders: at each opened link, and again when a job came or went there, whoever began it. */
export function jobLookers(onOpen: Hosts['onOpen'], clock: Pick<Clock, 'after'>): Pick<Hosts, 'onJobs' | 'jobsChanged'> {
  const lookers = new Set<Map<HostId, () => void>>();
  const waiting = new Set<HostId>();
  return {
    onJobs(look) {
      const open = new Map<HostId, () => void>();
      lookers.add(open);
      const undo = onOpen((host: OpenHost) => {
        const gone = new AbortController();
        const now = () => look(host, gone.signal);
        open.set(host.hostId, now);
        now();
        return () => {
          gone.abort();
          if (open.get(host.hostId) === now) open.delete(host.hostId);
        };
      });
      return () => {
        lookers.delete(open);
        undo();
      };
    },
    jobsChanged(id, isBusy) {
      if (waiting.has(id)) return;
      waiting.add(id);
      const later = () =>
        clock.after(LATER_MS, () => {
          if (isBusy()) {
            later();
            return;
          }
          waiting.delete(id);
          for (const open of lookers) open.get(id)?.();
        });
      later();
    },
  };
}
