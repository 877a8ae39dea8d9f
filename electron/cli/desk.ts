import type { Change } from '../contract/api.ts';
import type { Prompt } from '../contract/app.ts';
import { type Client, createClient } from '../contract/client.ts';
import type { Guest } from '../contract/guest.ts';
import type { Host } from '../contract/host.ts';
import { CALLS_PORT, portPair } from '../contract/port.ts';
import type { Task } from '../contract/task.ts';
import type { Program } from '../program/program.ts';

/** The engine as a command sees it: the contract's client, and a mirror of what the feeds say. */
export interface Desk {
  client: Client;
  hosts: ReadonlyMap<string, Host>;
  guests: ReadonlyMap<string, Guest>;
  tasks: ReadonlyMap<string, Task>;
  /** Resolves when `when` is true, or with false when the time is over; looks again at every change. */
  until(when: () => boolean, withinMs?: number): Promise<boolean>;
  /** Called at every change. */
  onChange(changed: () => void): () => void;
}

/** Sits down at a program, and hears first what is there. `asked` answers its questions. */
export async function openDesk(program: Program, asked: (prompt: Prompt) => Promise<string[] | null>): Promise<Desk> {
  const [ours, theirs] = portPair();
  program.take(CALLS_PORT, theirs);
  const client = createClient(ours);
  const looks = new Set<() => void>();
  const mirror = <T>(idOf: (item: T) => string) => {
    const items = new Map<string, T>();
    const take = (change: Change<T>) => {
      if (change.is === 'all') {
        items.clear();
        for (const item of change.items) items.set(idOf(item), item);
      } else if (change.is === 'put') items.set(idOf(change.item), change.item);
      else items.delete(change.id);
      for (const look of [...looks]) look();
    };
    return { items, take };
  };
  const hosts = mirror<Host>((one) => one.id);
  const guests = mirror<Guest>((one) => one.key);
  const tasks = mirror<Task>((one) => one.id);
  client.feed('host.watch', {}, hosts.take);
  client.feed('guest.watch', {}, guests.take);
  client.feed('task.watch', {}, tasks.take);
  client.feed('prompt.watch', {}, (change) => {
    const prompts = change.is === 'all' ? change.items : change.is === 'put' ? [change.item] : [];
    for (const prompt of prompts) {
      asked(prompt)
        .then((answers) => client.call('prompt.answer', { promptId: prompt.promptId, answers }))
        .catch(() => {}); // the program ends, and with it the question
    }
  });
  await client.call('app.info', {}); // a port keeps the order: the first word of each feed came before this answer
  const onChange: Desk['onChange'] = (changed) => {
    looks.add(changed);
    return () => void looks.delete(changed);
  };
  return {
    client,
    hosts: hosts.items,
    guests: guests.items,
    tasks: tasks.items,
    onChange,
    until: (when, withinMs) =>
      new Promise((resolve) => {
        const end = (seen: boolean) => {
          clearTimeout(timer);
          undo();
          resolve(seen);
        };
        const timer = withinMs === undefined ? undefined : setTimeout(() => end(false), withinMs);
        const undo = onChange(() => {
          if (when()) end(true);
        });
        if (when()) end(true);
      }),
  };
}

/** Whether no more is to come from this host at first: its guests were read, or it is known why not. */
export function isSettled(host: Host): boolean {
  if (host.link.is === 'lost') return true;
  // closed: it is about to be opened, as every saved host is at the start
  if (host.link.is !== 'open') return false;
  return host.seenAt !== null || host.watchProblem !== null || host.findings.some((one) => one.hinders === 'everything');
}
