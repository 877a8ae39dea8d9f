import type { Check } from '../../../../electron/contract/creation.ts';
import type { Problem } from '../../../../electron/contract/problem.ts';
import type { TaskId } from '../../../../electron/contract/task.ts';
import type { StepName } from './steps.ts';
import type { Chosen, Values } from './values.ts';

/** What the dry run on the host said. */
export type Checked =
  | { is: 'not' }
  | { is: 'asking' }
  | { is: 'said'; checks: Check[]; text: string }
  | { is: 'refused'; problem: Problem };

/** The wizard: what was chosen, and where one is. Pure. */
export interface Wizard {
  step: StepName;
  chosen: Chosen;
  /** From the check on: exactly what was checked is made, whatever the hosts say meanwhile. */
  frozen: Values | null;
  checked: Checked;
  taskId: TaskId | null;
  /** Why the creation could not be started. */
  refused: Problem | null;
}

export type WizardMove =
  | { is: 'choose'; chosen: Chosen }
  | { is: 'go'; to: Exclude<StepName, 'check' | 'making'> }
  | { is: 'check'; values: Values }
  | { is: 'asking' }
  | { is: 'said'; checks: Check[]; text: string }
  | { is: 'refused'; problem: Problem }
  | { is: 'started'; taskId: TaskId }
  | { is: 'notStarted'; problem: Problem };

export const firstWizard: Wizard = { step: 'what', chosen: {}, frozen: null, checked: { is: 'not' }, taskId: null, refused: null };

/** One step. Any choice makes an earlier check worthless; a failed run comes back with all values kept. */
export function wizardAfter(was: Wizard, move: WizardMove): Wizard {
  switch (move.is) {
    case 'choose':
      return { ...was, chosen: { ...was.chosen, ...move.chosen }, checked: { is: 'not' } };
    case 'go':
      return { ...was, step: move.to, frozen: null, checked: { is: 'not' }, refused: null, taskId: null };
    case 'check':
      return { ...was, step: 'check', frozen: move.values, checked: { is: 'not' }, refused: null, taskId: null };
    case 'asking':
      return { ...was, checked: { is: 'asking' } };
    case 'said':
      return { ...was, checked: { is: 'said', checks: move.checks, text: move.text } };
    case 'refused':
      return { ...was, checked: { is: 'refused', problem: move.problem } };
    case 'started':
      return { ...was, step: 'making', taskId: move.taskId };
    case 'notStarted':
      return { ...was, refused: move.problem };
  }
}

/** Whether nothing the check found is against it. */
export const isClear = (checked: Checked): boolean => checked.is === 'said' && checked.checks.every((one) => one.verdict !== 'bad');
