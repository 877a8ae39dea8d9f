import { createIntl, createIntlCache } from 'react-intl';
import { en } from './en/all.ts';
import { createFormat, type Format, type Language } from './format.ts';
import { ja, type WordId } from './ja/all.ts';

// Words without a page: the command line speaks them too. Nothing here may need React or the DOM.

/** What can stand in a sentence's `{holes}`. */
export type Values = Record<string, string | number>;

/** The tongue of the program: sentences by id, and forms of numbers. */
export interface Words {
  language: Language;
  say(id: WordId, values?: Values): string;
  format: Format;
}

const cache = createIntlCache();

/** The words of one language. */
export function createWords(language: Language): Words {
  const intl = createIntl({ locale: language, messages: language === 'ja' ? ja : en }, cache);
  return {
    language,
    say: (id, values) => intl.formatMessage({ id }, values),
    format: createFormat(language),
  };
}

/** The language that a setting means on this system. */
export function languageOf(setting: 'system' | Language, system: readonly string[]): Language {
  if (setting !== 'system') return setting;
  return system[0]?.toLowerCase().startsWith('ja') ? 'ja' : 'en';
}
