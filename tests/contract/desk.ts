import type { Change } from '../../electron/contract/api.ts';
import { type Client, createClient } from '../../electron/contract/client.ts';
import type { Guest } from '../../electron/contract/guest.ts';
import type { Host } from '../../electron/contract/host.ts';
import type { Plan } from '../../electron/contract/plan.ts';
import { type Port, portPair } from '../../electron/contract/port.ts';
import { ProblemError } from '../../electron/contract/problem.ts';
import { serve } from '../../electron/contract/serve.ts';
import type { Task } from '../../electron/contract/task.ts';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import type { Limits } from '../../electron/engine/limits.ts';
import type { World } from '../../electron/engine/world.ts';

/** One operator's desk: an engine, and a mirror of all it says. The suite sees hosts only through it. */
export interface Desk {
  client: Client;
  hosts: Map<string, Host>;
  guests: Map<string, Guest>;
  tasks: Map<string, Task>;
  plans: Map<string, Plan>;
  /** Resolves as soon as `found` answers something; looks again at every change. */
  until<T>(what: string, found: () => T | null | undefined | false, withinMs?: number): Promise<T>;
  /** The guest of this name on a host, as the mirror has it. */
  guest(hostId: string, name: string): Guest | null;
  /** The task when it has ended. */
  ended(taskId: string): Promise<Task>;
  join(stream: string): Port;
  close(): void;
}

export async function openDesk(world: World, limits: Limits): Promise<Desk> {
  const engine = await createEngine(world, limits);
  const [ours, theirs] = portPair();
  serve(theirs, engine.handlers);
  return deskOf(createClient(ours), engine, limits);
}

function deskOf(client: Client, engine: Engine, limits: Limits): Desk {
  const looks = new Set<() => void>();
  const mirror = <T>(idOf: (item: T) => string): { items: Map<string, T>; take: (change: Change<T>) => void } => {
    const items = new Map<string, T>();
    return {
      items,
      take(change) {
        if (change.is === 'all') items.clear();
        if (change.is === 'all') for (const item of change.items) items.set(idOf(item), item);
        if (change.is === 'put') items.set(idOf(change.item), change.item);
        if (change.is === 'gone') items.delete(change.id);
        for (const look of [...looks]) look();
      },
    };
  };
  const hosts = mirror<Host>((one) => one.id);
  const guests = mirror<Guest>((one) => one.key);
  const tasks = mirror<Task>((one) => one.id);
  const plans = mirror<Plan>((one) => one.id);
  client.feed('plan.watch', {}, plans.take);
  client.feed('host.watch', {}, hosts.take);
  client.feed('guest.watch', {}, guests.take);
  client.feed('task.watch', {}, tasks.take);
  const until = <T>(what: string, found: () => T | null | undefined | false, withinMs = limits.commandMs): Promise<T> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        looks.delete(look);
        reject(new Error(`not seen within ${withinMs} ms: ${what}; ${stateOf(hosts.items, guests.items, tasks.items, plans.items)}`));
      }, withinMs);
      function look(): void {
        const answer = found();
        if (answer === null || answer === undefined || answer === false) return;
        clearTimeout(timer);
        looks.delete(look);
        resolve(answer);
      }
      looks.add(look);
      look();
    });
  return {
    client,
    hosts: hosts.items,
    guests: guests.items,
    tasks: tasks.items,
    plans: plans.items,
    until,
    guest: (hostId, name) => [...guests.items.values()].find((one) => one.hostId === hostId && one.name === name) ?? null,
    ended: (taskId) =>
      until(`end of task ${taskId}`, () => {
        const task = tasks.items.get(taskId);
        return task?.outcome ? task : null;
      }),
    join(stream) {
      const [ours, theirs] = portPair();
      if (!engine.join(stream, theirs)) throw new Error(`no stream ${stream}`);
      return ours;
    },
    close: () => engine.close(),
  };
}

function stateOf(hosts: Map<string, Host>, guests: Map<string, Guest>, tasks: Map<string, Task>, plans: Map<string, Plan>): string {
  const lines = [
    ...[...hosts.values()].map((one) => `${one.label} ${one.link.is} ${JSON.stringify(one.watchProblem)}`),
    ...[...guests.values()].map((one) => `${one.hostId.slice(0, 4)}/${one.name}=${one.state}`),
    ...[...tasks.values()].map((one) => `${one.kind} ${one.guestName} ${one.phase} ${JSON.stringify(one.outcome)}`),
    ...[...plans.values()].flatMap((one) => [
      `plan ${one.state}`,
      ...one.steps.map((step) => `${step.name} ${JSON.stringify(step.state)}`),
    ]),
  ];
  return lines.join('; ');
}

/** The problem a promise fails with; an answer instead of one fails the test. */
export async function problemOf(work: Promise<unknown>): Promise<ProblemError['problem']> {
  let answer: unknown;
  try {
    answer = await work;
  } catch (thrown) {
    if (thrown instanceof ProblemError) return thrown.problem;
    throw thrown;
  }
  throw new Error(`answered instead of failing: ${JSON.stringify(answer)}`);
}
