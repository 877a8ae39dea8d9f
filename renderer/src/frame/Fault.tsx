import { Component, type ReactNode } from 'react';
import { type Problem, problem } from '../../../electron/contract/problem.ts';
import { ProblemView } from '../ui/ProblemView.tsx';

/** A fault in one pane is told there; the rest of the window goes on. */
export class Fault extends Component<{ children: ReactNode }, { problem: Problem | null }> {
  override state: { problem: Problem | null } = { problem: null };
  static getDerivedStateFromError(thrown: unknown): { problem: Problem } {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const detail = thrown instanceof Error ? (thrown.stack ?? message) : message;
    return { problem: problem('program.fault', { message }, { detail }) };
  }
  override render(): ReactNode {
    return this.state.problem ? <ProblemView problem={this.state.problem} /> : this.props.children;
  }
}
