import type { Words } from '../../renderer/src/words/words.ts';
import { type CommandName, commands, everywhere, usageOf } from './commands.ts';

/** What there is to say on a command line. */
export function helpOf({ say }: Words, command: string | undefined): string {
  const names = Object.keys(commands).filter((one): one is CommandName => one in commands);
  const chosen = names.filter((one) => one === command);
  const about = (chosen.length > 0 ? chosen : names).map((name) => `  ${usageOf(name)}\n      ${say(`cli.help.${name}`)}\n`);
  const shared = Object.entries(everywhere).map(([name, kind]) => {
    const id = name as keyof typeof everywhere; // its own keys
    return `  --${name}${kind === 'value' ? ' X' : ''}  ${say(`cli.option.${id}`)}\n`;
  });
  return [`${say('cli.help.intro')}\n\n`, ...about, `\n${say('cli.help.everywhere')}\n`, ...shared, `\n${say('cli.help.notes')}\n`].join(
    '',
  );
}
