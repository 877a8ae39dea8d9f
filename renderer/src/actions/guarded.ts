import type { InputOf } from '../../../electron/contract/api.ts';
import { type Problem, type ProblemOf, problemOf } from '../../../electron/contract/problem.ts';
import type { TaskId } from '../../../electron/contract/task.ts';
import type { Program } from '../state/program.ts';
import { show } from '../state/ui.ts';

/** A call that lets a guest run, or come back to where it may: the engine looks on every host first. */
export type GuardedCall =
  | { name: 'guest.start'; input: InputOf<'guest.start'> }
  | { name: 'trash.putBack'; input: InputOf<'trash.putBack'> };

/** One that was held up, as hosts could not be asked or the guest is elsewhere; its name is asked for. */
export interface HeldUp {
  call: GuardedCall;
  why: ProblemOf<'guard.notAsked'> | ProblemOf<'guard.livesElsewhere'>;
}

/** Whether typing the guest's name lets it go on. */
export const isHeldUp = (why: Problem): why is HeldUp['why'] => why.code === 'guard.notAsked' || why.code === 'guard.livesElsewhere';

/** Asks the engine. Where hosts could not be asked, at once or as its task finds, the dialog opens that names them. */
export function askGuarded(program: Program, call: GuardedCall, about: string): void {
  sendGuarded(program, call).catch((thrown: unknown) => {
    const why = problemOf(thrown);
    if (isHeldUp(why)) hold(program, { call, why });
    else program.ui.setState({ refused: { problem: why, about } });
  });
}

/** The same for a dialog of its own: rejects with what the call itself says. */
export async function sendGuarded(program: Program, call: GuardedCall): Promise<void> {
  const { taskId } = await (call.name === 'guest.start'
    ? program.session.call(call.name, call.input)
    : program.session.call(call.name, call.input));
  whenFailed(program, taskId, (why) => {
    if (isHeldUp(why)) hold(program, { call, why });
  });
}

/** Several at once stand in one dialog. */
function hold(program: Program, one: HeldUp): void {
  const { dialog } = program.ui.getState();
  show(program.ui, { is: 'notAsked', held: [...(dialog?.is === 'notAsked' ? dialog.held : []), one] });
}

/** Hears how a task ended, once. */
function whenFailed({ mirror }: Program, taskId: TaskId, heard: (why: Problem) => void): void {
  const look = (): boolean => {
    const outcome = mirror.tasks.getState().byId.get(taskId)?.outcome;
    if (outcome?.is === 'failed') heard(outcome.problem);
    return Boolean(outcome);
  };
  if (look()) return;
  const undo = mirror.tasks.subscribe(() => {
    if (look()) undo();
  });
}
