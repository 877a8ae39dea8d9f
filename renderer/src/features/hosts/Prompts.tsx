import { useState } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { Prompt } from '../../../../electron/contract/app.ts';
import { useProgram } from '../../state/program.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { TextInput } from '../../ui/Field.tsx';
import { useWords } from '../../words/speak.tsx';

/** Questions of servers, one at a time. */
export function Prompts() {
  const { mirror } = useProgram();
  const [first] = useStore(
    mirror.prompts,
    useShallow((all) => [...all.byId.values()].slice(0, 1)),
  );
  return first ? <PromptDialog key={first.promptId} prompt={first} /> : null;
}

function PromptDialog({ prompt }: { prompt: Prompt }) {
  const { session } = useProgram();
  const { say } = useWords();
  const [answers, setAnswers] = useState<string[]>(prompt.fields.map(() => ''));
  const answer = (those: string[] | null) => {
    // Whoever asked may be gone by now; the feed takes the question away either way.
    session.call('prompt.answer', { promptId: prompt.promptId, answers: those }).catch(() => {});
  };
  const title =
    prompt.what === 'interactive'
      ? say('prompt.title', { host: prompt.hostLabel })
      : say(`prompt.${prompt.what}`, { host: prompt.hostLabel });
  return (
    <Dialog
      title={title}
      width="narrow"
      onClose={() => answer(null)}
      onSubmit={() => answer(answers)}
      actions={
        <Button kind="main" submit>
          {say('prompt.answer')}
        </Button>
      }
    >
      {prompt.instructions && <p>{prompt.instructions}</p>}
      {prompt.fields.map((field, at) => (
        <TextInput
          key={field.label}
          label={field.label || title}
          value={answers[at] ?? ''}
          secret={!field.echo}
          autoFocus={at === 0}
          onChange={(text) => setAnswers(answers.map((was, other) => (other === at ? text : was)))}
        />
      ))}
    </Dialog>
  );
}
