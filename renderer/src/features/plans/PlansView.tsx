import { useUi } from '../../state/program.ts';
import { BoardView } from './BoardView.tsx';
import { PlanList } from './PlanList.tsx';
import { PlanView } from './PlanView.tsx';

/** The screen of plans: all of them, one, or the board on which one is tried out. */
export function PlansView() {
  const plan = useUi((ui) => ui.plan);
  switch (plan.is) {
    case 'all':
      return <PlanList />;
    case 'one':
      return <PlanView key={plan.planId} planId={plan.planId} />;
    case 'board':
      return <BoardView />;
  }
}
