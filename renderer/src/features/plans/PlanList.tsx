import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { Plan } from '../../../../electron/contract/plan.ts';
import { mayChangeHost } from '../../../../electron/contract/rules.ts';
import { useHosts, useProgram } from '../../state/program.ts';
import { openPlan, show } from '../../state/ui.ts';
import { Button } from '../../ui/Button.tsx';
import { MenuButton } from '../../ui/Menu.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import styles from './Plans.module.css';
import { countOf, needsLook, usePlanTitle } from './planTitle.ts';

/** All plans, newest first, and the two ways to a new one. */
export function PlanList() {
  const { ui, mirror } = useProgram();
  const { say } = useWords();
  const tell = useTellShort();
  const hosts = useHosts();
  const plans = useStore(
    mirror.plans,
    useShallow((all) => [...all.byId.values()].sort((a, b) => b.madeAt - a.madeAt)),
  );
  const entries = hosts.map((host) => {
    const may = mayChangeHost(host);
    return {
      id: host.id,
      label: say('plan.emptyOf', { label: host.label }),
      refusal: may.may ? null : tell(may.because),
      run: () => show(ui, { is: 'emptyHost', hostId: host.id }),
    };
  });
  return (
    <div className={styles.screen}>
      <div className={styles.bar}>
        <MenuButton label={say('plan.emptyHost')} entries={entries}>
          <Button icon="plans">{say('plan.emptyHost')}</Button>
        </MenuButton>
        <Button icon="rack" onPress={() => ui.setState({ plan: { is: 'board' } })}>
          {say('board.open')}
        </Button>
      </div>
      {plans.length === 0 ? (
        <p className={styles.empty}>{say('plan.none')}</p>
      ) : (
        <ul className={styles.plans} aria-label={say('plan.list')}>
          {plans.map((one) => (
            <PlanLine key={one.id} plan={one} />
          ))}
        </ul>
      )}
    </div>
  );
}

function PlanLine({ plan }: { plan: Plan }) {
  const { ui } = useProgram();
  const { say, format } = useWords();
  const title = usePlanTitle(plan);
  return (
    <li>
      <button type="button" className={styles.plan} onClick={() => openPlan(ui, plan.id)}>
        <strong>{title}</strong>
        <span className={needsLook(plan) ? styles.alarm : ''}>{say(`plan.state.${plan.state}`)}</span>
        <span className={styles.note}>{say('plan.count', { ...countOf(plan) })}</span>
        <span className={styles.note}>{say('plan.madeAt', { when: format.dateTime(plan.madeAt) })}</span>
      </button>
    </li>
  );
}
