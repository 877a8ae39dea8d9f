import { type Api, api, type Handlers } from './api.ts';
import type { Answered, Asked, Port } from './port.ts';
import { fail, type Problem, problemOf } from './problem.ts';

/** Serves the table over a port. `fault` hears of problems of our own (`program.fault`). Undoing ends every feed. */
export function serve(port: Port, handlers: Handlers, fault: (why: Problem) => void = () => {}): () => void {
  const running = new Map<number, () => void>();
  let open = true;
  const say = (what: Answered) => {
    if (open) port.post(what);
  };
  const refuse = (id: number, thrown: unknown) => {
    const why = problemOf(thrown);
    if (why.code === 'program.fault') fault(why);
    say({ id, ok: false, problem: why });
  };
  const end = () => {
    open = false;
    for (const undo of running.values()) undo();
    running.clear();
  };
  port.onClose(end);
  port.listen((message) => {
    const asked = readAsked(message);
    if (!asked) return;
    if (asked.ask === 'undo') {
      running.get(asked.id)?.();
      running.delete(asked.id);
      return;
    }
    try {
      const input = parseInput(asked.name, asked.ask, asked.input);
      if (asked.ask === 'feed') {
        const start = handlers[asked.name as 'host.watch'];
        running.set(
          asked.id,
          start(input as never, (item) => say({ id: asked.id, item })),
        );
        return;
      }
      const aborter = new AbortController();
      running.set(asked.id, () => aborter.abort());
      const run = handlers[asked.name as 'host.connect'];
      run(input as never, aborter.signal)
        .then((value) => say({ id: asked.id, ok: true, value: value ?? null }))
        .catch((thrown: unknown) => refuse(asked.id, thrown))
        .finally(() => running.delete(asked.id));
    } catch (thrown) {
      refuse(asked.id, thrown);
    }
  });
  return end;
}

function readAsked(message: unknown): Asked | null {
  if (typeof message !== 'object' || message === null) return null;
  const { ask, id } = message as Record<string, unknown>;
  if (typeof id !== 'number') return null;
  return ask === 'call' || ask === 'feed' || ask === 'undo' ? (message as Asked) : null;
}

function parseInput(name: string, kind: 'call' | 'feed', input: unknown): unknown {
  if (!Object.hasOwn(api, name)) fail('call.unknown', { name: String(name) });
  const entry = api[name as keyof Api];
  if (entry.is !== kind) fail('call.unknown', { name });
  const parsed = entry.input.safeParse(input);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  return fail('input.refused', { path: first?.path.join('.') ?? '', why: first?.code ?? 'unknown' });
}
