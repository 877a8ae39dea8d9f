import type { CallName, Change, FeedName, Handlers } from '../../../electron/contract/api.ts';
import type { Prompt, Settings } from '../../../electron/contract/app.ts';
import type { Guest } from '../../../electron/contract/guest.ts';
import type { Host } from '../../../electron/contract/host.ts';
import type { Plan } from '../../../electron/contract/plan.ts';
import { portPair } from '../../../electron/contract/port.ts';
import { fail } from '../../../electron/contract/problem.ts';
import { serve } from '../../../electron/contract/serve.ts';
import type { Ping, Task } from '../../../electron/contract/task.ts';
import type { OpenPort } from '../engine/connect.ts';
import { sample } from './model.ts';

/** One kind of entity with its watchers: what a test changes, the page sees. */
class Entities<T> {
  readonly items = new Map<string, T>();
  private readonly watchers = new Set<(change: Change<T>) => void>();
  private readonly idOf: (item: T) => string;
  constructor(idOf: (item: T) => string, first: readonly T[] = []) {
    this.idOf = idOf;
    for (const item of first) this.items.set(idOf(item), item);
  }
  put(item: T): void {
    this.items.set(this.idOf(item), item);
    for (const say of this.watchers) say({ is: 'put', item });
  }
  drop(id: string): void {
    this.items.delete(id);
    for (const say of this.watchers) say({ is: 'gone', id });
  }
  watch = (say: (change: Change<T>) => void): (() => void) => {
    this.watchers.add(say);
    say({ is: 'all', items: [...this.items.values()] });
    return () => this.watchers.delete(say);
  };
}

/** An engine over plain values: speaks the real contract over a real port, and remembers what was asked. */
export interface Office {
  openPort: OpenPort;
  hosts: Entities<Host>;
  guests: Entities<Guest>;
  tasks: Entities<Task>;
  plans: Entities<Plan>;
  prompts: Entities<Prompt>;
  asked: { name: string; input: unknown }[];
  /** Answers a call or a feed in its own way from now on. */
  answer<N extends CallName | FeedName>(name: N, how: Handlers[N]): void;
  tick(at: number): void;
  pings(from: string, pings: Ping[]): void;
}

interface Start {
  hosts?: readonly Host[];
  guests?: readonly Guest[];
  settings?: Partial<Settings>;
  demo?: boolean;
}

/** Makes the engine of a test. */
export function openOffice({ hosts = [], guests = [], settings = {}, demo = false }: Start = {}): Office {
  const entities = {
    hosts: new Entities<Host>((one) => one.id, hosts),
    guests: new Entities<Guest>((one) => one.key, guests),
    tasks: new Entities<Task>((one) => one.id),
    plans: new Entities<Plan>((one) => one.id),
    prompts: new Entities<Prompt>((one) => one.promptId),
  };
  const asked: Office['asked'] = [];
  const figures = new Set<Parameters<Handlers['figures.watch']>[1]>();
  const pingers = new Set<Parameters<Handlers['migration.pings']>[1]>();
  let now: Settings = { language: 'en', theme: 'light', insistOnUnsafeStore: false, ...settings };
  const own: Partial<Handlers> = {
    'app.info': async () => ({ version: '0.0.0', shell: 'server', demo, secrets: 'memory', platform: 'linux' }),
    'app.visible': async () => null,
    'settings.read': async () => now,
    'settings.write': async (input) => {
      now = input;
      return now;
    },
    'host.watch': (_, say) => entities.hosts.watch(say),
    'guest.watch': (_, say) => entities.guests.watch(say),
    'task.watch': (_, say) => entities.tasks.watch(say),
    'plan.watch': (_, say) => entities.plans.watch(say),
    'prompt.watch': (_, say) => entities.prompts.watch(say),
    'figures.watch': (_, say) => {
      figures.add(say);
      return () => figures.delete(say);
    },
    'migration.pings': (_, say) => {
      pingers.add(say);
      return () => pingers.delete(say);
    },
    'doctor.watch': (_, say) => {
      say(null);
      return () => {};
    },
    'host.suggestions': async () => [],
    'figures.history': async () => [],
    'history.list': async () => [...entities.tasks.items.values()].filter((one) => one.outcome),
  };
  const handlers = new Proxy(own, {
    get: (those, name: keyof Handlers) => {
      const handler: unknown = Reflect.get(those, name);
      return (input: unknown, second: unknown) => {
        asked.push({ name, input });
        if (typeof handler !== 'function') return Promise.resolve().then(() => fail('call.unknown', { name }));
        return Reflect.apply(handler, null, [input, second]);
      };
    },
  });
  return {
    ...entities,
    asked,
    openPort: async () => {
      const [page, engine] = portPair();
      serve(engine, handlers as Handlers); // the proxy answers every name of the table
      return page;
    },
    answer(name, how) {
      Object.assign(own, { [name]: how });
    },
    tick(at) {
      for (const one of entities.hosts.items.values())
        for (const say of figures) say(sample(one.id, [...entities.guests.items.values()], at));
    },
    pings(from, pings) {
      for (const say of pingers) say({ from, pings });
    },
  };
}
