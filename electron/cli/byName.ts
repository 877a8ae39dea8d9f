import { api, type CallName, type FeedName } from '../contract/api.ts';
import { type Problem, problemOf } from '../contract/problem.ts';
import { type Asked, numberOf } from './arguments.ts';
import { exits } from './exits.ts';
import { follow } from './follow.ts';
import { refuse } from './refusal.ts';
import type { Sitting } from './run.ts';

// Everything of the contract's table by its name, so that the command line never grows with a feature.

/** One call; a task that it starts is followed. Hosts are waited for where the input names something on one. */
export async function callByName(sitting: Sitting, asked: Asked, settle: () => Promise<void>): Promise<number> {
  const { desk, teller } = sitting;
  const name = nameOf(asked, 'call') as CallName; // looked up in the table
  const input = await inputOf(sitting, asked);
  if ('hostId' in input || 'taskId' in input) await settle();
  else await sitting.known();
  const answer: unknown = await desk.client.call(name, input as never); // parsed by the engine, like any page's
  teller.answer(answer);
  const taskId = typeof answer === 'object' && answer !== null && 'taskId' in answer ? answer.taskId : null;
  return typeof taskId === 'string' ? await follow(sitting, taskId) : exits.done;
}

/** Items of a feed, one line each, until Ctrl-C or `--count`. */
export async function feedByName(sitting: Sitting, asked: Asked): Promise<number> {
  const { desk, teller, interrupts } = sitting;
  const name = nameOf(asked, 'feed') as FeedName; // looked up in the table
  const input = await inputOf(sitting, asked);
  const most = numberOf(asked, 'count') ?? Number.POSITIVE_INFINITY;
  let heard = 0;
  return await new Promise((resolve) => {
    const failed = (why: Problem) => {
      teller.problem(why);
      resolve(exits.failed);
    };
    interrupts.on(() => resolve(exits.interrupted));
    if (most === 0) return resolve(exits.done);
    try {
      desk.client.feed(
        name,
        input as never, // parsed by the engine, like any page's
        (item: unknown) => {
          if (heard >= most) return;
          teller.answer(item);
          heard += 1;
          if (heard === most) resolve(exits.done);
        },
        failed,
      );
    } catch (thrown) {
      failed(problemOf(thrown));
    }
  });
}

function nameOf({ words: [name = ''] }: Asked, kind: 'call' | 'feed'): string {
  const names = Object.entries(api).flatMap(([one, { is }]) => (is === kind ? [one] : []));
  return names.includes(name) ? name : refuse('unknownCall', { name }, names);
}

async function inputOf({ terminal }: Sitting, { words: [, said] }: Asked): Promise<Record<string, unknown>> {
  const read = readObject(said === '-' ? await terminal.readAll() : (said ?? '{}'));
  // Every user of a machine can read the words of its programs.
  if (said !== '-' && holdsSecret(read)) refuse('secretInWords');
  return read;
}

function readObject(text: string): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return { ...read };
  } catch {
    // said below
  }
  return refuse('notJson', { where: 'JSON' });
}

function holdsSecret(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([key, inner]) => ['password', 'passphrase', 'sudoPassword', 'answers'].includes(key) || holdsSecret(inner),
  );
}
