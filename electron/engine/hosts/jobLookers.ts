import type { HostId } from '../../contract/host.ts';
import type { Hosts, OpenHost } from '../parts.ts';

/** Who looks into the hosts' job folders: at each opened link, and again when a job came or went there, whoever began it. */
export function jobLookers(onOpen: Hosts['onOpen']): Pick<Hosts, 'onJobs' | 'jobsChanged'> {
  const lookers = new Set<Map<HostId, () => void>>();
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
    jobsChanged(id) {
      for (const open of lookers) open.get(id)?.();
    },
  };
}
