import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import { I18nProvider } from 'react-aria-components';
import type { Language } from './format.ts';
import { createWords, type Words } from './words.ts';

export type { Words } from './words.ts';

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
