import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import { I18nProvider } from 'react-aria-components';
import { createIntl, createIntlCache } from 'react-intl';
import { en } from './en/all.ts';
import { createFormat, type Format, type Language } from './format.ts';
import { ja, type WordId } from './ja/all.ts';

/** What can stand in a sentence's `{holes}`. */
export type Values = Record<string, string | number>;

/** The tongue of the page: sentences by id, and forms of numbers. */
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

const WordsContext = createContext<Words | null>(null);

/** Gives words to what is inside, and the language to the page and to React Aria's own strings. */
export function Speaking({ language, children }: { language: Language; children: ReactNode }) {
  const words = useMemo(() => createWords(language), [language]);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return (
    <WordsContext value={words}>
      <I18nProvider locale={language === 'ja' ? 'ja-JP' : 'en-GB'}>{children}</I18nProvider>
    </WordsContext>
  );
}

/** The words around this component. */
export function useWords(): Words {
  const words = useContext(WordsContext);
  if (!words) throw new Error('no words around this component');
  return words;
}

/** The language that a setting means on this system. */
export function languageOf(setting: 'system' | Language, system: readonly string[] = navigator.languages): Language {
  if (setting !== 'system') return setting;
  return system[0]?.toLowerCase().startsWith('ja') ? 'ja' : 'en';
}
