import type { createJa } from '../ja/create.ts';

export const createEn: Record<keyof typeof createJa, string> = {
  'create.title': 'New machine',
};
