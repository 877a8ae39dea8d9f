import { useState } from 'react';
import { useStore } from 'zustand';
import type { PlanId } from '../../../../electron/contract/plan.ts';
import { wentOver } from '../../../../electron/contract/planning.ts';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import { usePlan, useProgram } from '../../state/program.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { ProblemView } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';

/** Says what goes with a plan, and what doesn't. */
export function DiscardPlan({ planId, onClose }: { planId: PlanId; onClose: () => void }) {
  const { session, ui, mirror } = useProgram();
  const plan = usePlan(planId);
  const { say } = useWords();
  const [refused, setRefused] = useState<Problem | null>(null);
  const discard = () => {
    session.call('plan.discard', { planId }).then(
      () => {
        ui.setState({ plan: { is: 'all' } });
        onClose();
      },
      (thrown: unknown) => setRefused(problemOf(thrown)),
    );
  };
  const guests = useStore(mirror.guests, (all) => all.byId);
  const went = plan?.steps.some((one) => wentOver([...guests.values()], one)) ?? false;
  return (
    <Dialog
      title={say('plan.discardTitle')}
      width="narrow"
      onClose={onClose}
      onSubmit={discard}
      actions={
        <Button kind="danger" submit>
          {say('plan.discardGo')}
        </Button>
      }
    >
      <p>{say('plan.discardText')}</p>
      {went && <p>{say('plan.discardBack')}</p>}
      {refused && <ProblemView problem={refused} />}
    </Dialog>
  );
}
