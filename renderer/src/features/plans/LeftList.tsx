import type { RefObject } from 'react';
import type { Guest, GuestId } from '../../../../electron/contract/guest.ts';
import type { Left, Plan, StepInput } from '../../../../electron/contract/plan.ts';
import { guestOf, verdictOf } from '../../../../electron/contract/planning.ts';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import { mayShutdown } from '../../../../electron/contract/rules.ts';
import { useGuest, useHost, useProgram } from '../../state/program.ts';
import { show } from '../../state/ui.ts';
import { Button } from '../../ui/Button.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import { fleetOf } from '../rack/verdicts.ts';
import { inputOf, orderable } from './changing.ts';
import styles from './Plans.module.css';

interface Props {
  plan: Plan;
  /** The guest that is just being taken in: its step gets the focus. */
  taken: RefObject<GuestId | null>;
  refused: (why: Problem | null) => void;
}

/** Who stays, in two groups: what can go with a stop, and what can't go at all; each with the reasons of every host. */
export function LeftList({ plan, taken, refused }: Props) {
  const { say } = useWords();
  return (
    <>
      {(['withStop', 'cannot'] as const).map((is) => {
        const those = plan.left.filter((one) => one.withStop.length > 0 === (is === 'withStop'));
        if (those.length === 0) return null;
        return (
          <section key={is} className={styles.section}>
            <h3>{say(`plan.${is}`)}</h3>
            <p className={styles.note}>{say(`plan.${is}Text`)}</p>
            <ul className={styles.left}>
              {those.map((left) => (
                <LeftRow key={left.guestId} left={left} plan={plan} taken={taken} refused={refused} />
              ))}
            </ul>
          </section>
        );
      })}
    </>
  );
}

function LeftRow({ left, plan, taken, refused }: Props & { left: Left }) {
  const { say } = useWords();
  const tell = useTellShort();
  const hosts = useProgram().mirror.hosts.getState().byId;
  const guest = useGuest(`${left.hostId}/${left.guestId}`);
  // one reason that all hosts share is about the guest: it is said once
  const texts = new Map<string, string[]>();
  for (const { hostId, because } of left.reasons) {
    const why = tell(because);
    texts.set(why, [...(texts.get(why) ?? []), hosts.get(hostId)?.label ?? '?']);
  }
  const many = texts.size > 1;
  return (
    <li className={styles.leftRow}>
      <span className={styles.who}>
        <strong>{left.name}</strong>
        {guest?.state === 'halted' && <span className={styles.note}>{say('plan.nowHalted')}</span>}
      </span>
      <ul className={styles.reasons}>
        {[...texts].map(([why, where]) => (
          <li key={why}>{many ? say('plan.reason', { host: where.join(', '), why }) : why}</li>
        ))}
      </ul>
      {guest && <LeftButtons guest={guest} left={left} plan={plan} taken={taken} refused={refused} />}
    </li>
  );
}

/** A running one can be taken in with a stop, or be shut down from here; a halted one can be taken in, if a host takes its config. */
function LeftButtons({ guest, left, plan, taken, refused }: Props & { left: Left; guest: Guest }) {
  const program = useProgram();
  const { say } = useWords();
  const tell = useTellShort();
  const host = useHost(guest.hostId);
  if (!host) return null;
  const running = plan.state === 'running' ? tell({ code: 'plan.underWay', effect: 'none' }) : null;
  const take = (step: Pick<StepInput, 'targetHostId' | 'how'>) => {
    const { guestId, hostId } = guest;
    const steps = [...orderable(plan).map(inputOf), { guestId, hostId, leftOut: false, ...step }];
    taken.current = guestId; // its row here goes, with the button that had the focus
    program.session.call('plan.save', { planId: plan.id, steps }).catch((thrown: unknown) => {
      taken.current = null;
      refused(problemOf(thrown));
    });
  };
  const [best] = left.withStop;
  if (guest.state !== 'halted' && best !== undefined) {
    return (
      <Button
        size="small"
        icon="plus"
        label={say(`plan.take.${best.how}Of`, { name: guest.name })}
        refusal={running}
        onPress={() => take({ targetHostId: best.hostId, how: best.how })}
      >
        {say(`plan.take.${best.how}`)}
      </Button>
    );
  }
  if (guest.state !== 'halted') {
    const may = mayShutdown(guest, host);
    return (
      <Button
        size="small"
        icon="shutdown"
        refusal={may.may ? null : tell(may.because)}
        onPress={() => show(program.ui, { is: 'shutdown', keys: [guest.key], reboot: false })}
      >
        {say('plan.shutdown')}
      </Button>
    );
  }
  const fleet = fleetOf(program);
  const ways = left.reasons.map(({ hostId }) => ({ guestId: guest.guestId, hostId: guest.hostId, targetHostId: hostId }));
  const way = ways.find((one) => guestOf(fleet, one) && verdictOf(fleet, one).may);
  return (
    <Button
      size="small"
      icon="plus"
      refusal={running ?? (way ? null : say('plan.cannotText'))}
      onPress={() => way && take({ targetHostId: way.targetHostId, how: 'straight' })}
    >
      {say('plan.takeHalted')}
    </Button>
  );
}
