import { useEffect, useRef, useState } from 'react';
import type { Move } from '../../../../electron/contract/planning.ts';
import { problemOf } from '../../../../electron/contract/problem.ts';
import { useProgram } from '../../state/program.ts';
import type { Checked } from './MoveSheet.tsx';

/** How many pairs of hosts are asked at a time. */
const AT_ONCE = 3;

/** Names one question: this guest, from here to there. */
export const checkKey = (move: Move): string => `${move.hostId}/${move.guestId}\t${move.targetHostId}`;

/** What the hosts say of each of several moves: a few at a time, each asked once as long as this is shown. */
export function useMoveChecks(moves: readonly Move[]): ReadonlyMap<string, Checked> {
  const { session } = useProgram();
  const [checks, setChecks] = useState<ReadonlyMap<string, Checked>>(new Map());
  const known = useRef(checks);
  known.current = checks;
  const wanted = moves.map(checkKey).join('\n');
  useEffect(() => {
    const aborter = new AbortController();
    const waiting = wanted.split('\n').filter((key) => key !== '' && (known.current.get(key)?.is ?? 'asking') === 'asking');
    const tell = (key: string, checked: Checked) => {
      if (!aborter.signal.aborted) setChecks((was) => new Map(was).set(key, checked));
    };
    const work = async () => {
      for (let key = waiting.shift(); key !== undefined && !aborter.signal.aborted; key = waiting.shift()) {
        const asked = key;
        tell(asked, { is: 'asking' });
        const [guest = '', targetHostId = ''] = asked.split('\t');
        const at = guest.indexOf('/');
        await session
          .call('migration.check', { hostId: guest.slice(0, at), guestId: guest.slice(at + 1), targetHostId }, aborter.signal)
          .then(
            (check) => tell(asked, { is: 'found', check }),
            (thrown: unknown) => tell(asked, { is: 'refused', problem: problemOf(thrown) }),
          );
      }
    };
    for (let count = 0; count < AT_ONCE; count++) void work();
    return () => aborter.abort();
  }, [session, wanted]);
  return checks;
}
