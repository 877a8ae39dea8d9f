import { useEffect, useMemo, useReducer, useState } from 'react';
import type { HostId } from '../../../../electron/contract/host.ts';
import { problemOf } from '../../../../electron/contract/problem.ts';
import { useGuests, useHosts, useProgram } from '../../state/program.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { useTellShort } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';
import { needsName, TypeName } from '../move/TypeName.tsx';
import { CheckStep } from './CheckStep.tsx';
import styles from './CreateGuest.module.css';
import { HelpPane } from './HelpPane.tsx';
import { HowMuchStep } from './HowMuchStep.tsx';
import { MakingStep } from './MakingStep.tsx';
import { StepList } from './StepList.tsx';
import { SummaryStep } from './SummaryStep.tsx';
import { firstMissing, type Missing, missingOn, type StepName, steps } from './steps.ts';
import { type Chosen, type Known, specOf, type Values, valuesOf } from './values.ts';
import { WhatStep } from './WhatStep.tsx';
import { WhereStep } from './WhereStep.tsx';
import { firstWizard, isClear, type Wizard, wizardAfter } from './wizard.ts';

/** What every page of the wizard gets. */
export interface PageProps {
  values: Values;
  known: Known;
  choose: (chosen: Chosen) => void;
}

/** The wizard for a new guest: three questions, a summary to change anything in, a check on the real host, then the making. */
export function CreateGuest({ hostId, onClose }: { hostId: HostId | null; onClose: () => void }) {
  const { session } = useProgram();
  const { say } = useWords();
  const hosts = useHosts();
  const guests = useGuests((all) => [...all.byId.values()]);
  const [wizard, move] = useReducer(wizardAfter, firstWizard);
  const known = useMemo<Known>(() => ({ hosts, guests, asked: hostId }), [hosts, guests, hostId]);
  const values = useMemo(() => wizard.frozen ?? valuesOf(wizard.chosen, known), [wizard.frozen, wizard.chosen, known]);
  const page: PageProps = { values, known, choose: (chosen) => move({ is: 'choose', chosen }) };
  const go = (to: StepName) => {
    if (to === 'check') move({ is: 'check', values });
    else if (to !== 'making') move({ is: 'go', to });
  };
  const missing = missingOn(wizard.step, values, hosts);
  const goOn = () => {
    const next = steps[steps.indexOf(wizard.step) + 1];
    if (missing === null && next && next !== 'making') go(next);
  };
  const [typedName, setTypedName] = useState('');
  const create = async () => {
    if (values.hostId === null) return;
    try {
      const { taskId } = await session.call('creation.create', {
        hostId: values.hostId,
        spec: specOf(values),
        typedName: typedName || null,
      });
      move({ is: 'started', taskId });
    } catch (thrown) {
      move({ is: 'notStarted', problem: problemOf(thrown) });
    }
  };
  useEffect(() => {
    if (wizard.step !== 'check' || wizard.checked.is !== 'not' || values.hostId === null) return;
    move({ is: 'asking' });
    session.call('creation.check', { hostId: values.hostId, spec: specOf(values) }).then(
      ({ checks, text }) => move({ is: 'said', checks, text }),
      (thrown: unknown) => move({ is: 'refused', problem: problemOf(thrown) }),
    );
  }, [wizard, values, session]);
  return (
    <Dialog
      title={say('create.title')}
      width="full"
      onClose={onClose}
      closeLabel={wizard.step === 'making' ? say('common.close') : say('common.cancel')}
      onSubmit={goOn}
      actions={
        <Feet
          {...{ wizard, values, missing, go, goOn, create }}
          named={!asksName(wizard, values) || typedName === values.name}
          recommended={() => go(firstMissing(values, hosts) ?? 'check')}
        />
      }
    >
      <div className={styles.wizard}>
        <StepList
          step={wizard.step}
          go={go}
          reached={(step) => steps.slice(0, steps.indexOf(step)).every((one) => missingOn(one, values, hosts) === null)}
        />
        <div className={styles.question}>
          <Page wizard={wizard} page={page} go={go} onClose={onClose} typing={{ typedName, setTypedName }} />
        </div>
        <HelpPane step={wizard.step} values={values} />
      </div>
    </Dialog>
  );
}

interface ShownProps {
  wizard: Wizard;
  page: PageProps;
  go: (to: StepName) => void;
  onClose: () => void;
  /** Its name, where hosts could not be asked who uses its disk. */
  typing: { typedName: string; setTypedName: (text: string) => void };
}

function Page({ wizard, page, go, onClose, typing }: ShownProps) {
  switch (wizard.step) {
    case 'what':
      return <WhatStep {...page} />;
    case 'where':
      return <WhereStep {...page} />;
    case 'howMuch':
      return <HowMuchStep {...page} />;
    case 'summary':
      return <SummaryStep {...page} chosen={wizard.chosen} go={go} />;
    case 'check':
      return (
        <CheckStep checked={wizard.checked} refused={wizard.refused}>
          {asksName(wizard, page.values) && <TypeName name={page.values.name} value={typing.typedName} onChange={typing.setTypedName} />}
        </CheckStep>
      );
    case 'making':
      return wizard.taskId === null ? null : (
        <MakingStep taskId={wizard.taskId} copies={page.values.beginning === 'copy'} onDone={onClose} onAgain={() => go('summary')} />
      );
  }
}

interface FeetProps {
  wizard: Wizard;
  values: Values;
  missing: Missing;
  go: (to: StepName) => void;
  goOn: () => void;
  create: () => Promise<void>;
  recommended: () => void;
  /** False: its name has to be typed yet. */
  named: boolean;
}

/** Whether it starts from a disk, or copies one, that hosts could not be asked about. */
const asksName = ({ checked }: Wizard, { beginning, start }: Values): boolean =>
  checked.is === 'said' && needsName(checked.checks) && (beginning === 'copy' || (beginning === 'existing' && start));

/** Back, Finish with recommended values, Next; each refused with a sentence or not at all. */
function Feet({ wizard, values, missing, named, go, goOn, create, recommended }: FeetProps) {
  const { say } = useWords();
  const tell = useTellShort();
  const { step } = wizard;
  const before = steps[steps.indexOf(step) - 1];
  const refusal = missing === null ? null : missing.is === 'problem' ? tell(missing.problem) : say(`create.missing.${missing.is}`);
  if (step === 'making') return null;
  return (
    <>
      {refusal && step !== 'check' && <p className={styles.refusal}>{refusal}</p>}
      {before && <Button onPress={() => go(before)}>{say('common.back')}</Button>}
      {step !== 'check' && step !== 'summary' && <Button onPress={recommended}>{say('create.finish')}</Button>}
      {step === 'check' ? (
        <Button
          kind="main"
          refusal={!isClear(wizard.checked) ? say('create.notClear') : named ? null : say('common.typeName', { name: values.name })}
          onPress={() => void create()}
        >
          {say('create.create')}
        </Button>
      ) : (
        <Button kind="main" refusal={refusal} onPress={goOn}>
          {step === 'summary' ? say('create.check') : say('common.next')}
        </Button>
      )}
    </>
  );
}
