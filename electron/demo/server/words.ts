/** A command line that is not plain quoted words: the simulator has no shell, and nothing should need one. */
export class NotWords extends Error {}

/** Reads back the words of a command line as POSIX sh would: blanks, '…', "…" and backslash; anything a shell would act on is refused. */
export function readWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let at = 0;
  while (at < line.length) {
    const letter = line[at] ?? '';
    if (letter === "'") {
      const end = line.indexOf("'", at + 1);
      if (end < 0) throw new NotWords('unterminated quote');
      word = (word ?? '') + line.slice(at + 1, end);
      at = end + 1;
    } else if (letter === '"') {
      const [text, next] = doubleQuoted(line, at + 1);
      word = (word ?? '') + text;
      at = next;
    } else if (letter === '\\') {
      word = (word ?? '') + (line[at + 1] ?? '');
      at += 2;
    } else if (letter === ' ' || letter === '\t') {
      if (word !== null) words.push(word);
      word = null;
      at += 1;
    } else {
      if ('|&;<>()$`*?[]#~!{}\n'.includes(letter)) throw new NotWords(`unquoted ${letter}`);
      word = (word ?? '') + letter;
      at += 1;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

function doubleQuoted(line: string, from: number): [string, number] {
  let text = '';
  for (let at = from; at < line.length; at += 1) {
    const letter = line[at] ?? '';
    if (letter === '"') return [text, at + 1];
    if (letter === '$' || letter === '`') throw new NotWords(`${letter} in double quotes`);
    if (letter === '\\' && '"\\$`'.includes(line[at + 1] ?? ' ')) {
      at += 1;
      text += line[at] ?? '';
    } else text += letter;
  }
  throw new NotWords('unterminated quote');
}
