import type { ReactNode } from 'react';
import type { Problem } from '../../../../electron/contract/problem.ts';
import { ProblemView } from '../../ui/ProblemView.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { useWords } from '../../words/speak.tsx';
import { CheckList } from '../move/CheckList.tsx';
import { type Checked, isClear } from './wizard.ts';

/** Everything is looked at on the real host; nothing is written yet. */
export function CheckStep({ checked, refused, children }: { checked: Checked; refused: Problem | null; children: ReactNode }) {
  const { say } = useWords();
  switch (checked.is) {
    case 'not':
    case 'asking':
      return (
        <>
          <p role="status">{say('create.checking')}</p>
          <Progress label={say('create.checking')} done={0} total={null} />
        </>
      );
    case 'refused':
      return <ProblemView problem={checked.problem} />;
    case 'said':
      return (
        <>
          <p role="status">{isClear(checked) ? say('create.checkedGood') : say('create.checkedBad')}</p>
          <CheckList checks={checked.checks} />
          {children}
          {refused && <ProblemView problem={refused} />}
        </>
      );
  }
}
