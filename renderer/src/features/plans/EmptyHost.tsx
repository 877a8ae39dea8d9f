import { useEffect, useRef, useState } from 'react';
import type { HostId } from '../../../../electron/contract/host.ts';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import { useHost, useProgram } from '../../state/program.ts';
import { openPlan } from '../../state/ui.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Check } from '../../ui/Field.tsx';
import { ProblemView } from '../../ui/ProblemView.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { useWords } from '../../words/speak.tsx';

/** Asks for a plan that empties a host, and opens it. Closed meanwhile, nothing is left. */
export function EmptyHost({ hostId, onClose }: { hostId: HostId; onClose: () => void }) {
  const { session, ui } = useProgram();
  const host = useHost(hostId);
  const { say } = useWords();
  const [halted, setHalted] = useState(false);
  const [stops, setStops] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Problem | null>(null);
  const aborter = useRef<AbortController | null>(null);
  useEffect(() => () => aborter.current?.abort(), []);
  const make = () => {
    const mine = new AbortController();
    aborter.current = mine;
    setBusy(true);
    setRefused(null);
    session.call('plan.empty', { hostId, halted, stops }, mine.signal).then(
      ({ planId }) => {
        if (mine.signal.aborted) return;
        openPlan(ui, planId);
        onClose();
      },
      (thrown: unknown) => {
        if (mine.signal.aborted) return;
        setRefused(problemOf(thrown));
        setBusy(false);
      },
    );
  };
  return (
    <Dialog
      title={say('plan.emptyTitle', { label: host?.label ?? '' })}
      onClose={onClose}
      onSubmit={make}
      actions={
        <Button kind="main" submit autoFocus busy={busy}>
          {say('plan.make')}
        </Button>
      }
    >
      <p>{say('plan.emptyText')}</p>
      <Check value={halted} onChange={setHalted}>
        {say('plan.emptyHalted')}
      </Check>
      <Check value={stops} onChange={setStops}>
        {say('plan.emptyStops')}
      </Check>
      {busy && (
        <div role="status">
          <p>{`${say('plan.making')}…`}</p>
          <Progress label={say('plan.making')} done={0} total={null} />
        </div>
      )}
      {refused && <ProblemView problem={refused} />}
    </Dialog>
  );
}
