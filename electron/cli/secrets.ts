import { z } from 'zod';
import type { Words } from '../../renderer/src/words/words.ts';
import type { Prompt } from '../contract/app.ts';
import { refuse } from './refusal.ts';
import { plain, type Terminal } from './terminal.ts';

/** Secrets of saved hosts for scripts (`--secrets-stdin`), by the host's label; a plain word is its password. */
const given = z.record(
  z.string(),
  z.union([
    z.string().transform((password) => ({ password, passphrase: undefined, sudo: undefined })),
    z.strictObject({ password: z.string().optional(), passphrase: z.string().optional(), sudo: z.string().optional() }),
  ]),
);
export type GivenSecrets = z.output<typeof given>;

export function readSecrets(text: string): GivenSecrets {
  try {
    return given.parse(JSON.parse(text));
  } catch {
    return refuse('notJson', { where: '--secrets-stdin' }); // never with a sample: it holds secrets
  }
}

/** Answers what a server asks: from the given secrets, else by whoever sits there. */
export interface Answering {
  answer(prompt: Prompt): Promise<string[] | null>;
  /** Somebody is being asked just now. */
  asking(): boolean;
}

export function createAnswering(words: Words, terminal: Terminal, secrets: GivenSecrets): Answering {
  let open = 0;
  const ask = async (prompt: Prompt): Promise<string[] | null> => {
    const answers: string[] = [];
    for (const field of prompt.fields) {
      const answer = await terminal.ask(`${questionOf(prompt, field.label, words)}: `, field.echo);
      if (answer === null) return null;
      answers.push(answer);
    }
    return answers;
  };
  return {
    asking: () => open > 0,
    async answer(prompt) {
      const own = secrets[prompt.hostLabel];
      const known = own?.[prompt.what === 'interactive' ? 'password' : prompt.what];
      if (known !== undefined && prompt.fields.length === 1 && !prompt.fields[0]?.echo) {
        delete own?.[prompt.what === 'interactive' ? 'password' : prompt.what]; // a wrong one is not tried again
        return [known];
      }
      if (!terminal.asks) return null;
      open += 1;
      try {
        return await ask(prompt);
      } finally {
        open -= 1;
      }
    },
  };
}

function questionOf({ what, hostLabel, instructions }: Prompt, label: string, { say }: Words): string {
  if (what !== 'interactive') return plain(say(`prompt.${what}`, { host: hostLabel }));
  const title = say('prompt.title', { host: hostLabel });
  return plain([title, instructions, label.replace(/:\s*$/, '')].filter((part) => part !== '').join(' · ')).replaceAll('\n', ' ');
}
