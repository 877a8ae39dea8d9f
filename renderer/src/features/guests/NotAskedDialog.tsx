import { useState } from 'react';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import { type HeldUp, sendGuarded } from '../../actions/guarded.ts';
import { useProgram } from '../../state/program.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { TextInput } from '../../ui/Field.tsx';
import { ProblemView } from '../../ui/ProblemView.tsx';
import { useWords } from '../../words/speak.tsx';

/** Hosts could not be asked whether the guest runs there, or it is on another one: they are named, and going on needs its name typed. */
export function NotAskedDialog({ held, onClose }: { held: readonly HeldUp[]; onClose: () => void }) {
  const program = useProgram();
  const { say, format } = useWords();
  const [typed, setTyped] = useState<Record<number, string>>({});
  const [refused, setRefused] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const missing = held.find(({ why }, at) => typed[at] !== why.name);
  const unasked = held.some(({ why }) => why.code === 'guard.notAsked');
  const putsBack = held.every(({ call }) => call.name === 'trash.putBack');
  const send = () => {
    if (missing) return;
    setBusy(true);
    const sent = held.map(({ call }, at) => {
      const typedName = typed[at] ?? '';
      const again =
        call.name === 'guest.start' ? { ...call, input: { ...call.input, typedName } } : { ...call, input: { ...call.input, typedName } };
      return sendGuarded(program, again);
    });
    Promise.all(sent)
      .then(onClose, (thrown: unknown) => setRefused(problemOf(thrown)))
      .finally(() => setBusy(false));
  };
  const names = format.list(held.map(({ why }) => why.name));
  return (
    <Dialog
      title={say(!unasked ? 'guard.elsewhereTitle' : putsBack ? 'guard.putBackTitle' : 'guard.startTitle', { name: names })}
      width="narrow"
      onClose={onClose}
      onSubmit={send}
      actions={
        <Button kind="danger" submit busy={busy} refusal={missing ? say('common.typeName', { name: missing.why.name }) : null}>
          {say(putsBack ? 'guard.putBack' : 'guard.start')}
        </Button>
      }
    >
      {unasked && <p>{say('guard.text')}</p>}
      {unasked && <p>{say('guard.advice')}</p>}
      {held.map(({ why }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries only come to the end
        <section key={at}>
          {why.code === 'guard.livesElsewhere' ? (
            <p>{say('guard.elsewhere', { name: why.name, where: why.where })}</p>
          ) : (
            <p>
              <strong>{format.list(why.hosts)}</strong>
              {why.lastSeen !== null && ` · ${say('guard.lastSeen', { name: why.name, where: why.lastSeen })}`}
            </p>
          )}
          <TextInput
            label={say('common.typeName', { name: why.name })}
            value={typed[at] ?? ''}
            onChange={(text) => setTyped({ ...typed, [at]: text })}
            autoFocus={at === 0}
          />
        </section>
      ))}
      {refused && <ProblemView problem={refused} />}
    </Dialog>
  );
}
