import { useStore } from 'zustand';
import type { Plan } from '../../../../electron/contract/plan.ts';
import { useProgram } from '../../state/program.ts';
import { useWords } from '../../words/speak.tsx';

/** What a plan is called: by what it is for. */
export function usePlanTitle(plan: Plan): string {
  const { mirror } = useProgram();
  const { say } = useWords();
  const { purpose } = plan;
  const before = useStore(mirror.plans, (all) => (purpose.is === 'back' ? all.byId.get(purpose.of) : undefined));
  const about = purpose.is === 'empty' ? purpose.hostId : before?.purpose.is === 'empty' ? before.purpose.hostId : null;
  const label = useStore(mirror.hosts, (all) => (about === null ? undefined : all.byId.get(about)?.label));
  const count = plan.steps.length;
  if (purpose.is === 'empty') return say('plan.emptyTitle', { label: label ?? '?' });
  if (purpose.is === 'moves') return say('plan.movesTitle', { count });
  return label === undefined ? say('plan.backMany', { count }) : say('plan.backTitle', { label });
}

/** Whether it stands still for something that a person has to look at. */
export const needsLook = ({ pausedBy }: Plan): boolean => pausedBy === 'failure' || pausedBy === 'notAsked';

/** How many of those that shall go are there. */
export function countOf(plan: Plan): { done: number; all: number } {
  const going = plan.steps.filter((one) => one.state.is !== 'skipped');
  return { done: going.filter((one) => one.state.is === 'done').length, all: going.length };
}
