import type { z } from 'zod';
import { type Problem, ProblemError, problem } from '../../contract/problem.ts';
import type { World } from '../world.ts';

/** A file of ours with a version. */
export interface VersionedFile<T> {
  /** What it held when it was read; null: nothing yet. */
  readonly stored: T | null;
  /** Problems: `store.newer` (a newer XenFerry wrote it: never overwritten), `store.unwritable`. */
  write(value: T): Promise<void>;
}

/** How a file is read. `migrations[N]` makes version N+1 of version N. */
export interface VersionedShape<T> {
  name: string;
  version: number;
  shape: z.ZodType<T>;
  migrations: Record<number, (old: unknown) => unknown>;
}

/** Reads a versioned JSON file. One that can't be read is put aside under another name, never lost. */
export async function openVersioned<T>(world: Pick<World, 'files' | 'log' | 'clock'>, how: VersionedShape<T>): Promise<VersionedFile<T>> {
  const text = await world.files.read(how.name);
  const read = text === null ? { is: 'none' as const } : interpret(text, how);
  if (read.is === 'unreadable' && text !== null) {
    world.log('error', 'store.unreadable', { file: how.name, why: read.why });
    await world.files.write(`${how.name}.unreadable-${world.clock.now()}`, text);
  }
  const refusal: Problem | null = read.is === 'newer' ? problem('store.newer', { file: how.name, version: read.version }) : null;
  return {
    stored: read.is === 'read' ? read.value : null,
    async write(value) {
      if (refusal) throw new ProblemError(refusal);
      await world.files.write(how.name, `${JSON.stringify({ version: how.version, data: value }, null, 2)}\n`);
    },
  };
}

type Interpreted<T> = { is: 'read'; value: T } | { is: 'newer'; version: number } | { is: 'unreadable'; why: string };

function interpret<T>(text: string, how: VersionedShape<T>): Interpreted<T> {
  try {
    const whole: unknown = JSON.parse(text);
    if (typeof whole !== 'object' || whole === null || !('version' in whole) || !('data' in whole))
      return { is: 'unreadable', why: 'shape' };
    const { version, data } = whole;
    if (typeof version !== 'number') return { is: 'unreadable', why: 'version' };
    if (version > how.version) return { is: 'newer', version };
    let now: unknown = data;
    for (let at = version; at < how.version; at++) now = how.migrations[at]?.(now) ?? now;
    const parsed = how.shape.safeParse(now);
    return parsed.success ? { is: 'read', value: parsed.data } : { is: 'unreadable', why: parsed.error.message.slice(0, 300) };
  } catch (thrown) {
    return { is: 'unreadable', why: String(thrown).slice(0, 300) };
  }
}
