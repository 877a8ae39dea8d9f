import type { Prompt } from '../../contract/app.ts';
import { feedOf } from '../feedOf.ts';
import type { Hosts } from '../parts.ts';
import type { Random } from '../world.ts';

/** Questions to the operator that wait for an answer. */
export interface Prompts {
  handlers: Pick<Hosts['handlers'], 'prompt.watch' | 'prompt.answer'>;
  /** null: they would not answer, or it was given up. */
  ask(question: Omit<Prompt, 'promptId'>, signal?: AbortSignal): Promise<string[] | null>;
  close(): void;
}

export function createPrompts(random: Random): Prompts {
  const open = new Map<string, { prompt: Prompt; answer: (answers: string[] | null) => void }>();
  const feed = feedOf<Prompt>(
    (one) => one.promptId,
    () => [...open.values()].map((one) => one.prompt),
  );
  return {
    handlers: {
      'prompt.watch': (_input, say) => feed.watch(say),
      // an answer to a question that was given up meanwhile is nobody's mistake
      'prompt.answer': async ({ promptId, answers }) => {
        open.get(promptId)?.answer(answers);
        return null;
      },
    },
    ask: (question, signal) =>
      new Promise((resolve) => {
        const promptId = Buffer.from(random.bytes(8)).toString('hex');
        const prompt = { ...question, promptId };
        const answer = (answers: string[] | null) => {
          if (!open.delete(promptId)) return;
          feed.gone(promptId);
          resolve(answers);
        };
        open.set(promptId, { prompt, answer });
        feed.put(prompt);
        signal?.addEventListener('abort', () => answer(null), { once: true });
        if (signal?.aborted) answer(null);
      }),
    close() {
      for (const one of [...open.values()]) one.answer(null);
    },
  };
}
