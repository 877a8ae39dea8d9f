import type { MoveWay } from '../../contract/diskTravel.ts';
import { ProblemError } from '../../contract/problem.ts';
import { mayMigrate, mayMoveSaved, mayMoveStopped } from '../../contract/rules.ts';
import type { Ping } from '../../contract/task.ts';
import { refuseUnasked } from '../guard/guard.ts';
import type { Migration } from '../parts.ts';
import type { MoveAnswer } from './checks.ts';
import { expectedOf } from './expected.ts';
import { findMoves } from './find.ts';
import { refuseSecond, refuseTime } from './later.ts';
import { keptLooks } from './looks.ts';
import type { MigrationParts } from './needs.ts';
import type { Observation } from './observe.ts';
import { originsOf } from './origins.ts';
import { moveStopped } from './stopped.ts';
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
      'migration.check': async ({ hostId, guestId, targetHostId, ...wish }) => {
        const guest = guests.get(hostId, guestId);
        const both = { source: hosts.get(hostId), target: hosts.get(targetHostId) };
        const { straight, stopped, saved } = await looks.fresh(guest, { ...both, ...wish });
        const { live } = straight;
        const wayOf = (answer: MoveAnswer): MoveWay => {
          const diskBytes = answer.copies.reduce((sum, one) => sum + one.sizeBytes, 0);
          const memoryBytes = answer.live || answer === saved ? guest.memoryMiB * 1024 * 1024 : 0;
          const goesBytes = diskBytes + memoryBytes;
          const back = answer.copies.some((one) => one.old !== null);
          const between = { from: hostId, to: targetHostId, transport: answer.transport };
          // of one that was saved its memory is one disk more
          const about = { live: answer.live, memoryMiB: guest.memoryMiB, diskBytes: answer.live ? diskBytes : goesBytes, back, ...between };
          // of a config alone there is nothing to expect
          const expected = live || answer !== straight || diskBytes > 0 ? expectedOf(tasks.history(), about) : null;
          return {
            checks: answer.checks,
            disks: answer.travel,
            transport: answer.transport,
            transports: answer.transports.map((one) => ({
              ...one,
              seconds: one.bytesPerS && goesBytes > 0 ? Math.max(1, Math.round(goesBytes / one.bytesPerS)) : null,
            })),
            reachAddress: answer.way?.address ?? null,
            expectedSeconds: expected?.seconds ?? null,
            expectedPauseMs: guest.state === 'halted' ? null : (expected?.pauseMs ?? null),
            expectedDiskBytesPerS: expected?.diskBytesPerS ?? null,
          };
        };
        return {
          ...wayOf(straight),
          live,
          pingAddress: live ? await pingAddressOf(parts, guest, targetHostId) : null,
          stopped: stopped && wayOf(stopped),
          saved: saved && wayOf(saved),
        };
      },
      'migration.start': async ({ hostId, guestId, targetHostId, ...asked }) => {
        const { transport, stop, save, at } = asked;
        const guest = guests.get(hostId, guestId);
        const target = hosts.get(targetHostId);
        const runs = guest.state !== 'halted';
        const may = !runs || !stop ? mayMigrate : save ? mayMoveSaved : mayMoveStopped;
        const verdict = may(guest, hosts.get(hostId), target, guests.onHost(targetHostId));
        if (!verdict.may) throw new ProblemError(verdict.because);
        refuseUnasked({ hosts, guests }, guest, asked.typedName);
        if (at !== null) refuseTime(parts, guest, { at, transport, stop });
        refuseSecond(tasks, guest);
        const whole = { ...parts, looks };
        const how = { ...asked, watch: watchPings };
        const taskId = tasks.start(
          {
            kind: !runs ? 'guest.moveConfig' : stop ? 'guest.moveStopped' : 'guest.migrate',
            hostId,
            targetHostId,
            guestId,
            guestName: guest.name,
            mayCancel: { may: true },
            ...(at === null ? {} : { startsAt: at }),
          },
          (hand) => (!runs ? moveHalted : stop ? moveStopped : moveLive)(whole, hand, guest, target, how),
        );
        return { taskId };
      },
      'migration.origins': ({ hostId, guestId }) => originsOf(parts, guests.get(hostId, guestId)),
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
