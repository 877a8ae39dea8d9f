import type { consoleJa } from '../ja/console.ts';

export const consoleEn: Record<keyof typeof consoleJa, string> = {
  'console.title': 'Console of {name}',
};
