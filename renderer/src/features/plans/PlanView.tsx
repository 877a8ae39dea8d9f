import { useRef, useState } from 'react';
import type { GuestId } from '../../../../electron/contract/guest.ts';
import type { Plan, PlanId } from '../../../../electron/contract/plan.ts';
import { type Problem, problem, problemOf } from '../../../../electron/contract/problem.ts';
import { ask } from '../../actions/action.ts';
import { usePlan, useProgram } from '../../state/program.ts';
import { openPlan, show } from '../../state/ui.ts';
import { Button } from '../../ui/Button.tsx';
import { Fact, Facts } from '../../ui/Facts.tsx';
import { ProblemView, useTellShort } from '../../ui/ProblemView.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { useWords } from '../../words/speak.tsx';
import { useMoveChecks } from '../move/useMoveChecks.ts';
import { changesMade } from './changing.ts';
import { LeftList } from './LeftList.tsx';
import { type Typing, useTyping } from './notAsked.ts';
import { type PlanLimit, PlanLimitField, usePlanLimit } from './PlanLimit.tsx';
import styles from './Plans.module.css';
import { countOf, needsLook, usePlanTitle } from './planTitle.ts';
import { StepList } from './StepList.tsx';
import { usePlanning } from './usePlanning.ts';

/** One plan: who goes where, in what order, what stays and why; changed, run, paused, brought back. */
export function PlanView({ planId }: { planId: PlanId }) {
  const plan = usePlan(planId);
  const { ui } = useProgram();
  const { say } = useWords();
  return (
    <div className={styles.screen}>
      <div className={styles.bar}>
        <Button kind="quiet" size="small" onPress={() => ui.setState({ plan: { is: 'all' } })}>
          {`← ${say('plan.list')}`}
        </Button>
      </div>
      {plan ? <Whole key={plan.id} plan={plan} /> : <ProblemView still problem={problem('plan.unknown', { planId })} />}
    </div>
  );
}

function Whole({ plan }: { plan: Plan }) {
  const { say, format } = useWords();
  const title = usePlanTitle(plan);
  const planning = usePlanning(plan);
  const [refused, setRefused] = useState<Problem | null>(null);
  const waiting = planning.steps.filter((one) => one.verdict?.may).map((one) => one.step);
  const checks = useMoveChecks(plan.state === 'draft' ? waiting : []);
  const typing = useTyping(plan, checks);
  const limit = usePlanLimit(plan, checks, setRefused);
  const taken = useRef<GuestId | null>(null);
  const count = countOf(plan);
  const no = planning.steps.filter((one) => one.verdict && !one.verdict.may).length;
  return (
    <>
      <header className={styles.head}>
        <h2 className={styles.title}>{title}</h2>
        <span className={needsLook(plan) ? styles.alarm : styles.state} role="status">
          {say(`plan.state.${plan.state}`)}
        </span>
        <span className={styles.note}>{say('plan.count', { ...count })}</span>
        <span className={styles.gap} />
        <Buttons plan={plan} typing={typing} limit={limit} went={planning.steps.some((one) => one.isOver)} refused={setRefused} />
      </header>
      {plan.state !== 'draft' && count.all > 0 && <Progress label={title} done={count.done} total={count.all} />}
      <Why plan={plan} />
      {refused && <ProblemView problem={refused} />}
      {no > 0 && plan.state === 'draft' && <p className={styles.warned}>{say('plan.refusedSome', { count: no })}</p>}
      {typing.needed.size > 0 && plan.pausedBy !== 'notAsked' && <p className={styles.warned}>{say('plan.notAsked')}</p>}
      <StepList plan={plan} planning={planning} checks={checks} typing={typing} taken={taken} refused={setRefused} />
      <PlanLimitField of={limit} />
      <LeftList plan={plan} taken={taken} refused={setRefused} />
      {planning.memory.length > 0 && (
        <section className={styles.section}>
          <h3>{say('plan.memory')}</h3>
          <Facts>
            {planning.memory.map(({ host, now, after }) => (
              <Fact key={host.id} name={host.label}>
                {say('plan.memoryText', { now: format.memory(now), after: format.memory(Math.max(0, after)) })}
              </Fact>
            ))}
          </Facts>
        </section>
      )}
    </>
  );
}

/** Why it stands still. */
function Why({ plan }: { plan: Plan }) {
  const { say } = useWords();
  if (plan.state !== 'paused' || plan.pausedBy === null) return null;
  const words = {
    operator: 'plan.pausedByOperator',
    failure: 'plan.pausedByFailure',
    notAsked: 'plan.pausedByNotAsked',
    restart: 'plan.pausedByRestart',
  } as const;
  return <p className={needsLook(plan) ? styles.warned : styles.told}>{say(words[plan.pausedBy])}</p>;
}

interface ButtonsProps {
  plan: Plan;
  typing: Typing;
  limit: PlanLimit;
  /** At least one guest got to its target. */
  went: boolean;
  refused: (why: Problem | null) => void;
}

function Buttons({ plan, typing, limit, went, refused }: ButtonsProps) {
  const program = useProgram();
  const { say } = useWords();
  const tell = useTellShort();
  const title = usePlanTitle(plan);
  const [busy, setBusy] = useState(false);
  const { id: planId, state } = plan;
  const underWay = plan.steps.some((one) => one.state.is === 'moving' || one.state.is === 'checking');
  const waits = underWay || plan.steps.some((one) => one.state.is === 'waiting');
  const { typedNames, mistyped } = typing;
  const cannotRun = !waits
    ? say('plan.noneWaits')
    : mistyped
      ? say('common.typeName', { name: mistyped.name })
      : limit.fault && say(limit.fault);
  const run = () => {
    setBusy(true);
    refused(null);
    limit.tellAgain();
    changesMade()
      .then(() => program.session.call('plan.run', { planId, typedNames }))
      .catch((thrown: unknown) => refused(problemOf(thrown)))
      .finally(() => setBusy(false));
  };
  const back = () => {
    program.session.call('plan.back', { planId }).then(
      (made) => openPlan(program.ui, made.planId),
      (thrown: unknown) => refused(problemOf(thrown)),
    );
  };
  return (
    <div className={styles.buttons}>
      {state === 'running' ? (
        <Button icon="pause" onPress={() => ask(program, 'plan.pause', { planId }, title)}>
          {say('plan.pause')}
        </Button>
      ) : (
        state !== 'ended' && (
          <Button kind="main" icon="start" busy={busy} refusal={cannotRun} onPress={run}>
            {say(state === 'draft' ? 'plan.start' : 'plan.resume')}
          </Button>
        )
      )}
      {state !== 'draft' && state !== 'running' && (
        <Button icon="reboot" refusal={underWay ? tell(problem('plan.underWay', {})) : went ? null : say('plan.backNone')} onPress={back}>
          {say('plan.back')}
        </Button>
      )}
      <Button
        kind="quiet"
        icon="trash"
        refusal={state === 'running' || underWay ? tell(problem('plan.underWay', {})) : null}
        onPress={() => show(program.ui, { is: 'discardPlan', planId })}
      >
        {say('plan.discard')}
      </Button>
    </div>
  );
}
