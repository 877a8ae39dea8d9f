import type { SimHost } from '../model/simHost.ts';

/** A process on a simulated host: what a command or a remote program sees of the world. */
export interface Proc {
  host: SimHost;
  /** The words after the command's own name; for a remote program, its arguments. */
  args: string[];
  user: string;
  /** As root: directly or by sudo. Without it xl is refused as the real one is. */
  root: boolean;
  out(text: string): void;
  err(text: string): void;
  stdin: Stdin;
  /** Aborted when the channel is closed. */
  signal: AbortSignal;
  /** Size of the terminal; null without one. */
  pty: { columns: number; rows: number } | null;
}

/** Runs to its exit code. */
export type Command = (proc: Proc) => Promise<number> | number;

/** A remote program the simulator knows: its text, and what it does re-told over the model. */
export interface SimProgram {
  name: string;
  text: string;
  run: Command;
}

/** What arrives at a process: kept until it is listened to. */
export class Stdin {
  private readonly early: Uint8Array[] = [];
  private heard: ((chunk: Uint8Array) => void) | null = null;
  private readonly ends: (() => void)[] = [];
  ended = false;
  push(chunk: Uint8Array): void {
    if (this.heard) this.heard(chunk);
    else this.early.push(chunk);
  }
  end(): void {
    if (this.ended) return;
    this.ended = true;
    for (const then of this.ends.splice(0)) then();
  }
  onData(heard: (chunk: Uint8Array) => void): void {
    this.heard = heard;
    for (const chunk of this.early.splice(0)) heard(chunk);
  }
  /** Unhears: what came meanwhile, and what comes, waits for the next listener. */
  giveBack(chunks: readonly Uint8Array[]): void {
    this.heard = null;
    this.early.push(...chunks);
  }
  onEnd(then: () => void): void {
    if (this.ended) then();
    else this.ends.push(then);
  }
  /** Everything up to the end of input. */
  text(): Promise<string> {
    const chunks: Uint8Array[] = [];
    this.onData((chunk) => chunks.push(chunk));
    return new Promise((resolve) => this.onEnd(() => resolve(Buffer.concat(chunks).toString('utf8'))));
  }
  onLine(heard: (line: string) => void): void {
    let rest = '';
    this.onData((chunk) => {
      const lines = (rest + Buffer.from(chunk).toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) heard(line);
    });
  }
}
