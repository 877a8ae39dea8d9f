import { type RefObject, useEffect } from 'react';
import type { WayToGo } from '../../../../electron/contract/diskTravel.ts';
import type { GuestId } from '../../../../electron/contract/guest.ts';
import type { Plan } from '../../../../electron/contract/plan.ts';
import { isWithStop } from '../../../../electron/contract/planning.ts';
import { type Problem, problem } from '../../../../electron/contract/problem.ts';
import { useProgram } from '../../state/program.ts';
import { announce } from '../../ui/announce.ts';
import { Button } from '../../ui/Button.tsx';
import { type Option, Select } from '../../ui/Field.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { focusLast, useKeptFocus } from '../../ui/useKeptFocus.ts';
import { tellProblem } from '../../words/problems/tell.ts';
import { useWords } from '../../words/speak.tsx';
import { howWord } from '../move/MoveHow.tsx';
import type { Checked } from '../move/MoveSheet.tsx';
import { standingOf } from '../move/standing.ts';
import { TypeName } from '../move/TypeName.tsx';
import { checkKey } from '../move/useMoveChecks.ts';
import { type Change, change, isOrderable, orderable } from './changing.ts';
import type { Typing } from './notAsked.ts';
import styles from './Plans.module.css';
import { StepState } from './StepState.tsx';
import type { PlannedStep, Planning } from './usePlanning.ts';

interface Props {
  plan: Plan;
  planning: Planning;
  checks: ReadonlyMap<string, Checked>;
  typing: Typing;
  /** The guest that was just taken in from below: where the focus goes. */
  taken: RefObject<GuestId | null>;
  refused: (why: Problem | null) => void;
}

/** Who goes, in order. What has not begun can be changed while the plan doesn't run. */
export function StepList({ plan, planning, ...rest }: Props) {
  const { say } = useWords();
  return (
    <section className={styles.section}>
      <h3>{say('plan.steps')}</h3>
      {planning.steps.length === 0 && <p className={styles.empty}>{say('plan.noSteps')}</p>}
      <ol className={styles.steps}>
        {planning.steps.map((planned, at) => (
          <StepRow key={`${planned.step.hostId}/${planned.step.guestId}`} place={at + 1} planned={planned} plan={plan} {...rest} />
        ))}
      </ol>
    </section>
  );
}

function StepRow({
  place,
  planned,
  plan,
  checks,
  typing,
  taken,
  refused,
}: Omit<Props, 'planning'> & { place: number; planned: PlannedStep }) {
  const { step } = planned;
  const checked = checks.get(checkKey(step));
  const kept = useKeptFocus<HTMLLIElement>();
  useEffect(() => {
    if (taken.current !== step.guestId) return;
    taken.current = null;
    focusLast(kept.ref.current);
  });
  return (
    <li {...kept} className={styles.step}>
      <span className={styles.number}>{place}</span>
      <StepWay planned={planned} plan={plan} checked={checked} refused={refused} />
      <StepState plan={plan} planned={planned} checked={checked} />
      {plan.state !== 'running' ? <StepButtons planned={planned} plan={plan} refused={refused} /> : <span />}
      <TypeStep guestId={step.guestId} typing={typing} />
    </li>
  );
}

type RowProps = Pick<Props, 'plan' | 'refused'> & { planned: PlannedStep };

/** Where hosts could not be asked: which, and its name to be typed. */
function TypeStep({ guestId, typing }: { guestId: string; typing: Typing }) {
  const words = useWords();
  const needed = typing.needed.get(guestId);
  if (!needed) return null;
  const { name, hosts } = needed;
  return (
    <div className={styles.typed}>
      <p className={styles.failed}>
        <Icon name="warn" size={14} />
        <span>{tellProblem(problem('guard.notAsked', { name, hosts, lastSeen: null }), words).what}</span>
      </p>
      <TypeName name={name} value={typing.textOf(guestId)} onChange={(text) => typing.type(guestId, text)} />
    </div>
  );
}

/** The guest, where it is, where it goes, and how if not live. */
function StepWay({ planned, plan, checked, refused }: RowProps & { checked: Checked | undefined }) {
  const program = useProgram();
  const { say, format } = useWords();
  const tell = useTellShort();
  const { step, targets } = planned;
  const hosts = program.mirror.hosts.getState().byId;
  const options: Option<string>[] = targets.map(({ host, verdict }) => ({
    value: host.id,
    label: host.label,
    refusal: verdict && !verdict.may && host.id !== step.targetHostId ? tell(verdict.because) : null,
  }));
  return (
    <>
      <span className={styles.who}>
        <strong>{step.name}</strong>
        <span className={styles.about}>
          <span className={styles.note}>{format.memory(step.memoryMiB)}</span>
          <StepHow planned={planned} plan={plan} checked={checked} refused={refused} />
        </span>
      </span>
      <span className={styles.way}>
        <span>{hosts.get(step.hostId)?.label ?? '?'}</span>
        <span aria-hidden="true">→</span>
        {options.length > 0 ? (
          <span className={styles.target}>
            <Select
              bare
              label={say('plan.target', { name: step.name })}
              value={step.targetHostId}
              options={options}
              onChange={(hostId) => {
                if (hostId !== step.targetHostId) void change(program, plan.id, { step, change: { is: 'target', hostId } }, refused);
              }}
            />
          </span>
        ) : (
          <span>{hosts.get(step.targetHostId)?.label ?? '?'}</span>
        )}
      </span>
    </>
  );
}

/** Live, saved or with a stop: to be chosen, with what hinders each; said of a step that can't be changed where it is with a stop. */
function StepHow({ planned, plan, checked, refused }: RowProps & { checked: Checked | undefined }) {
  const program = useProgram();
  const { say } = useWords();
  const tell = useTellShort();
  const { step, ways, isHalted } = planned;
  const standings = ways.map(({ how, verdict }) => ({ how, standing: standingOf(verdict, checked, how) }));
  // nothing to choose for one that does not run
  if (isOrderable(step) && standings.length > 0 && (isWithStop(step) || !isHalted)) {
    const options = standings.map(({ how, standing }) => {
      const because = standing.is === 'refused' && how !== step.how ? standing.because : null;
      return { value: how, label: say(isHalted && how === 'straight' ? 'plan.asItIs' : howWord[how]), refusal: because && tell(because) };
    });
    const choose = (how: WayToGo) => void change(program, plan.id, { step, change: { is: 'how', how } }, refused);
    return (
      <span className={isWithStop(step) ? styles.howStops : styles.how}>
        <Select bare label={say('plan.howOf', { name: step.name })} value={step.how} options={options} onChange={choose} />
      </span>
    );
  }
  return isWithStop(step) && <span className={styles.stops}>{say(howWord[step.how])}</span>;
}

function StepButtons({ planned, plan, refused }: RowProps) {
  const program = useProgram();
  const { say } = useWords();
  const { step, isOver } = planned;
  const { name } = step;
  const order = orderable(plan);
  const at = order.indexOf(step);
  const make = (what: Change) => change(program, plan.id, { step, change: what }, refused);
  const move = (by: -1 | 1) => {
    void make({ is: 'move', by }).then(() => announce(say('plan.place', { name, at: at + by + 1, all: order.length })));
  };
  const again = step.state.is === 'failed';
  if (at < 0 && !again) return <span />;
  const takes = again || step.state.is === 'skipped';
  return (
    <span className={styles.stepButtons}>
      {at >= 0 && (
        <>
          <Button
            size="small"
            kind="quiet"
            icon="up"
            label={say('plan.up', { name })}
            refusal={at === 0 ? say('plan.isFirst') : null}
            onPress={() => move(-1)}
          />
          <Button
            size="small"
            kind="quiet"
            icon="down"
            label={say('plan.down', { name })}
            refusal={at === order.length - 1 ? say('plan.isLast') : null}
            onPress={() => move(1)}
          />
        </>
      )}
      {takes && (
        <Button size="small" label={say(again ? 'plan.againOf' : 'plan.takeOf', { name })} onPress={() => void make({ is: 'take' })}>
          {say(again ? 'plan.again' : 'plan.take')}
        </Button>
      )}
      {step.state.is !== 'skipped' && !isOver && (
        <Button size="small" label={say('plan.leaveOutOf', { name })} onPress={() => void make({ is: 'leaveOut' })}>
          {say('plan.leaveOut')}
        </Button>
      )}
    </span>
  );
}
