import { ProblemError } from '../../contract/problem.ts';
import { mayMigrate } from '../../contract/rules.ts';
import type { Ping } from '../../contract/task.ts';
import { refuseUnasked } from '../guard/guard.ts';
import type { Migration } from '../parts.ts';
import { expectedOf } from './expected.ts';
import { findMoves } from './find.ts';
import { keptLooks } from './looks.ts';
import type { MigrationParts } from './needs.ts';
import type { Observation } from './observe.ts';
import { moveHalted, moveLive, pingAddressOf } from './work.ts';

/** Moving guests between hosts: the look beforehand, the move, and finding again what goes on without us. */
export function createMigration(parts: MigrationParts): Migration {
  const { hosts, guests, tasks } = parts;
  const observations = new Map<string, Observation>();
  const pinged = new Map<string, Set<(batch: { from: string; pings: Ping[] }) => void>>();

  const watchPings = (taskId: string, observation: Observation) => {
    observations.set(taskId, observation);
    for (const say of pinged.get(taskId) ?? []) observation.watch(say);
  };
  const stopFinding = findMoves(parts);
  const looks = keptLooks(parts);

  return {
    handlers: {
      'migration.check': async ({ hostId, guestId, targetHostId, transport }) => {
        const guest = guests.get(hostId, guestId);
        const answer = await looks.fresh(guest, { source: hosts.get(hostId), target: hosts.get(targetHostId), transport });
        const pingAddress = answer.live ? await pingAddressOf(parts, guest, targetHostId) : null;
        const diskBytes = answer.copies.reduce((sum, one) => sum + one.sizeBytes, 0);
        const about = { memoryMiB: guest.memoryMiB, diskBytes, from: hostId, to: targetHostId, transport: answer.transport };
        const expected = expectedOf(tasks.history(), about);
        return {
          live: answer.live,
          checks: answer.checks,
          disks: answer.travel,
          transport: answer.transport,
          transports: answer.transports.map((one) => ({
            ...one,
            seconds: one.bytesPerS ? Math.max(1, Math.round((guest.memoryMiB * 1024 * 1024 + diskBytes) / one.bytesPerS)) : null,
          })),
          reachAddress: answer.way?.address ?? null,
          expectedSeconds: answer.live ? expected.seconds : null,
          expectedPauseMs: answer.live ? expected.pauseMs : null,
          expectedDiskBytesPerS: answer.live ? expected.diskBytesPerS : null,
          pingAddress,
        };
      },
      'migration.start': async ({ hostId, guestId, targetHostId, typedName, pingAddress, limitMiBPerS, transport }) => {
        const guest = guests.get(hostId, guestId);
        const target = hosts.get(targetHostId);
        const verdict = mayMigrate(guest, hosts.get(hostId), target, guests.onHost(targetHostId));
        if (!verdict.may) throw new ProblemError(verdict.because);
        refuseUnasked({ hosts, guests }, guest, typedName);
        const live = guest.state !== 'halted';
        const taskId = tasks.start(
          {
            kind: live ? 'guest.migrate' : 'guest.moveConfig',
            hostId,
            targetHostId,
            guestId,
            guestName: guest.name,
            mayCancel: { may: true },
          },
          (hand) =>
            live
              ? moveLive({ ...parts, looks }, hand, guest, target, { typedName, pingAddress, limitMiBPerS, transport, watch: watchPings })
              : moveHalted(parts, hand, guest, target, typedName),
        );
        return { taskId };
      },
      'migration.pings': ({ taskId }, say) => {
        const known = observations.get(taskId)?.watch(say);
        const later = pinged.get(taskId) ?? new Set();
        pinged.set(taskId, later.add(say));
        return () => {
          known?.();
          later.delete(say);
          if (later.size === 0) pinged.delete(taskId);
        };
      },
    },
    close() {
      stopFinding();
      for (const observation of observations.values()) observation.stop();
    },
  };
}
