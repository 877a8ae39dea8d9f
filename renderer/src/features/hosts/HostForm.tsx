import { useEffect, useRef, useState } from 'react';
import type { HostId, HostSuggestion } from '../../../../electron/contract/host.ts';
import { type Problem, type ProblemOf, problemOf } from '../../../../electron/contract/problem.ts';
import { useHost, useProgram } from '../../state/program.ts';
import { choose } from '../../state/ui.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { ProblemView } from '../../ui/ProblemView.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { useWords } from '../../words/speak.tsx';
import { HostFields } from './HostFields.tsx';
import styles from './HostForm.module.css';
import { HostKeyQuestion } from './HostKeyQuestion.tsx';
import { draftOf, emptyDraft, fieldOf, type HostDraft, inputOf, withSuggestion } from './hostDraft.ts';

/** The dialog that adds a host. */
export function AddHost({ onClose }: { onClose: () => void }) {
  const { session, ui } = useProgram();
  const { say } = useWords();
  return (
    <HostForm
      title={say('host.add')}
      first={emptyDraft}
      suggests
      word={say('common.add')}
      send={(draft, accept, signal) => session.call('host.add', { host: inputOf(draft), accept }, signal)}
      done={(hostId) => {
        choose(ui, { is: 'host', id: hostId });
        onClose();
      }}
      onClose={onClose}
    />
  );
}

/** The dialog that changes how a host is reached. */
export function EditHost({ hostId, onClose }: { hostId: HostId; onClose: () => void }) {
  const { session } = useProgram();
  const host = useHost(hostId);
  const { say } = useWords();
  if (!host) return null;
  return (
    <HostForm
      title={say('host.editTitle', { label: host.label })}
      first={draftOf(host)}
      word={say('common.save')}
      send={(draft, accept, signal) => session.call('host.edit', { hostId, host: inputOf(draft), accept }, signal)}
      done={onClose}
      onClose={onClose}
    />
  );
}

interface Props {
  title: string;
  first: HostDraft;
  /** Offers what ~/.ssh/config has; only for a new host. */
  suggests?: boolean;
  word: string;
  send: (draft: HostDraft, accept: string | null, signal: AbortSignal) => Promise<{ hostId: HostId }>;
  done: (hostId: HostId) => void;
  onClose: () => void;
}

type Step =
  | { is: 'typing' }
  | { is: 'sending' }
  | { is: 'refused'; problem: Problem }
  | { is: 'newKey'; key: ProblemOf<'hostKey.unknown'> };

function HostForm({ title, first, suggests, word, send, done, onClose }: Props) {
  const [draft, setDraft] = useState(first);
  const [step, setStep] = useState<Step>({ is: 'typing' });
  const sending = useRef<AbortController | null>(null);
  const { say } = useWords();
  useEffect(() => () => sending.current?.abort(), []);
  const submit = (accept: string | null) => {
    if (step.is === 'sending') return;
    const aborter = new AbortController();
    sending.current = aborter;
    setStep({ is: 'sending' });
    send(draft, accept, aborter.signal)
      .then(({ hostId }) => done(hostId))
      .catch((thrown: unknown) => {
        if (aborter.signal.aborted) return;
        const why = problemOf(thrown);
        setStep(why.code === 'hostKey.unknown' ? { is: 'newKey', key: why } : { is: 'refused', problem: why });
      });
  };
  if (step.is === 'newKey') {
    return <HostKeyQuestion shown={step.key} onAccept={() => submit(step.key.fingerprint)} onClose={onClose} />;
  }
  const problem = step.is === 'refused' ? step.problem : null;
  const field = problem ? fieldOf(problem) : null;
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={() => submit(null)}
      actions={
        <Button kind="main" submit busy={step.is === 'sending'}>
          {word}
        </Button>
      }
    >
      {suggests && <Suggestions onTake={(one) => setDraft((now) => withSuggestion(now, one))} />}
      <HostFields
        draft={draft}
        onChange={(change) => setDraft((now) => ({ ...now, ...change }))}
        problem={problem}
        field={field}
        saved={!suggests}
      />
      {problem && !field && <ProblemView problem={problem} />}
      {step.is === 'sending' && (
        <div role="status">
          <p className={styles.note}>{say('host.connecting')}…</p>
          <Progress label={say('host.connecting')} done={0} total={null} />
        </div>
      )}
    </Dialog>
  );
}

function Suggestions({ onTake }: { onTake: (one: HostSuggestion) => void }) {
  const { session } = useProgram();
  const { say, format } = useWords();
  const [those, setThose] = useState<HostSuggestion[]>([]);
  const [taken, setTaken] = useState<HostSuggestion | null>(null);
  useEffect(() => {
    // Suggestions are a convenience: without them the form is whole.
    session.call('host.suggestions', {}).then(setThose, () => {});
  }, [session]);
  const take = (one: HostSuggestion) => {
    setTaken(one);
    onTake(one);
  };
  if (those.length === 0) return null;
  return (
    <section className={styles.suggestions} aria-label={say('host.suggestions')}>
      <p className={styles.note}>{say('host.suggestions')}</p>
      <div className={styles.chips}>
        {those.slice(0, 24).map((one) => (
          <Button key={one.name} size="small" onPress={() => take(one)}>
            {one.name}
          </Button>
        ))}
      </div>
      {taken && taken.ignored.length > 0 && (
        <p className={styles.note}>{say('host.ignored', { directives: format.list(taken.ignored) })}</p>
      )}
    </section>
  );
}
