import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { Plan } from '../../../../electron/contract/plan.ts';
import { useProgram, useUi } from '../../state/program.ts';
import { openPlan } from '../../state/ui.ts';
import { Button } from '../../ui/Button.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './PausedPlans.module.css';
import { needsLook, usePlanTitle } from './planTitle.ts';

/** Plans that stand still though nobody paused them: said wherever one is, until one looks. */
export function PausedPlans() {
  const { mirror } = useProgram();
  const looked = useUi((ui) => (ui.view === 'plans' && ui.plan.is === 'one' ? ui.plan.planId : null));
  const plans = useStore(
    mirror.plans,
    useShallow((all) =>
      [...all.byId.values()].filter(({ id, state, pausedBy }) => state === 'paused' && pausedBy !== 'operator' && id !== looked),
    ),
  );
  return plans.map((one) => <PausedPlan key={one.id} plan={one} />);
}

const standing = {
  operator: 'plan.standsRestart', // not shown: somebody knows of it
  failure: 'plan.standsFailure',
  notAsked: 'plan.standsNotAsked',
  restart: 'plan.standsRestart',
} as const;

function PausedPlan({ plan }: { plan: Plan }) {
  const { ui } = useProgram();
  const { say } = useWords();
  const title = usePlanTitle(plan);
  return (
    <div className={styles.paused} role="status">
      <span className={needsLook(plan) ? styles.alarm : ''}>{say(standing[plan.pausedBy ?? 'restart'], { title })}</span>
      <Button size="small" onPress={() => openPlan(ui, plan.id)}>
        {say('plan.look')}
      </Button>
    </div>
  );
}
