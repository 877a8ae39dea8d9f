import { useState } from 'react';
import type { Plan } from '../../../../electron/contract/plan.ts';
import { wayOf } from '../../../../electron/contract/planning.ts';
import type { Problem } from '../../../../electron/contract/problem.ts';
import { useProgram } from '../../state/program.ts';
import { LimitField } from '../move/LimitField.tsx';
import { copiesDisks, type Limit, limitFault, limitOf, noLimit, slowestLine } from '../move/limit.ts';
import type { Checked } from '../move/MoveSheet.tsx';
import { checkKey } from '../move/useMoveChecks.ts';
import { limitPlan } from './changing.ts';

/** The speed limit of a plan as it is typed; what is right of it is the engine's at once. */
export interface PlanLimit {
  limit: Limit;
  /** Of the slowest line of its moves, where one is known. */
  bytesPerS: number | null;
  fault: ReturnType<typeof limitFault>;
  /** Disks may be copied: nothing else is limited. */
  isOf: boolean;
  type(limit: Limit): void;
  /** A share is of the line as it is known now. */
  tellAgain(): void;
}

export function usePlanLimit(plan: Plan, checks: ReadonlyMap<string, Checked>, refused: (why: Problem | null) => void): PlanLimit {
  const program = useProgram();
  const [limit, setLimit] = useState<Limit>(() => ({ ...noLimit, rate: plan.limitMiBPerS === null ? '' : String(plan.limitMiBPerS) }));
  const ways = plan.steps.flatMap((step) => {
    const checked = checks.get(checkKey(step));
    return (checked?.is === 'found' && wayOf(checked.check, step.how)) || [];
  });
  const bytesPerS = slowestLine(ways);
  const tell = (next: Limit) => {
    const limitMiBPerS = limitOf(next, bytesPerS);
    if (limitMiBPerS !== 'bad') void limitPlan(program, plan, limitMiBPerS, refused);
  };
  return {
    limit,
    bytesPerS,
    fault: limitFault(limit, bytesPerS),
    // only a draft is looked at on the hosts
    isOf: plan.state !== 'ended' && (plan.state !== 'draft' || plan.limitMiBPerS !== null || ways.some(copiesDisks)),
    type(next) {
      setLimit(next);
      tell(next);
    },
    tellAgain: () => {
      if (limit.by === 'share') tell(limit);
    },
  };
}

export function PlanLimitField({ of }: { of: PlanLimit }) {
  return of.isOf && <LimitField limit={of.limit} bytesPerS={of.bytesPerS} onChange={of.type} />;
}
