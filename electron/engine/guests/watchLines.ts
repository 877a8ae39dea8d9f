/** What the remote program `watch` says, one thing at a time. See watch.sh for its words. */
export type WatchSaid =
  | { is: 'hello' }
  | { is: 'list'; text: string; exit: number }
  /** `of`: a domid, or 'all'. */
  | { is: 'live'; of: string; text: string; exit: number }
  | { is: 'info'; text: string }
  | { is: 'files'; files: { path: string; stamp: string }[] }
  | { is: 'auto'; links: { link: string; target: string }[] }
  /** `version` null: it could not be read. */
  | { is: 'config'; path: string; text: string; version: string | null }
  | { is: 'device'; domid: number }
  | { is: 'jobs' }
  | { is: 'echo'; word: string }
  /** xentop begins anew: the next sample has no rates. */
  | { is: 'figures' }
  | { is: 'sample' }
  | { is: 'top'; line: string }
  | { is: 'problem'; what: string }
  | { is: 'unreadable'; line: string };

/** Joins the lines of blocks. Lines of figures may stand inside a block; anything else there is `unreadable`, and the block goes on. */
export function watchReader(say: (what: WatchSaid) => void): (line: string) => void {
  let block: { words: string; lines: string[] } | null = null;
  return (line) => {
    if (line === 'f') say({ is: 'sample' });
    else if (line.startsWith('f ')) {
      if (!line.includes(' NAME  STATE ')) say({ is: 'top', line: line.slice(2) });
    } else if (line.startsWith('figures ')) say({ is: 'figures' });
    else if (line.startsWith('begin ')) {
      if (block) say({ is: 'unreadable', line: block.words }); // its end is missing: what it began is not believed
      block = { words: line.slice('begin '.length), lines: [] };
    } else if (block && line.startsWith('|')) block.lines.push(line.slice(1));
    else if (block && line.startsWith('end ')) {
      const { words, lines } = block;
      block = null;
      say(readBlock(words, line, lines));
    } else say(readLine(line));
  };
}

function readLine(line: string): WatchSaid {
  if (line.startsWith('hello ')) return { is: 'hello' };
  if (line === 'jobs') return { is: 'jobs' };
  const device = /^device (\d+)$/.exec(line);
  if (device) return { is: 'device', domid: Number(device[1]) };
  const word = /^(echo|problem) (\S+)$/.exec(line);
  if (word) return word[1] === 'echo' ? { is: 'echo', word: word[2] ?? '' } : { is: 'problem', what: word[2] ?? '' };
  return { is: 'unreadable', line: line.slice(0, 400) };
}

function readBlock(words: string, end: string, lines: string[]): WatchSaid {
  const space = words.indexOf(' ');
  const [word, rest] = space < 0 ? [words, ''] : [words.slice(0, space), words.slice(space + 1)];
  const [, ended, code = ''] = end.split(' ');
  if (ended !== word) return { is: 'unreadable', line: `${words} … ${end}`.slice(0, 400) };
  const text = lines.map((one) => `${one}\n`).join('');
  switch (word) {
    case 'list':
      return { is: 'list', text, exit: Number(code) };
    case 'live':
      return { is: 'live', of: rest, text, exit: Number(code) };
    case 'info':
      return { is: 'info', text };
    case 'files':
      return { is: 'files', files: lines.flatMap(readStamp) };
    case 'auto':
      return { is: 'auto', links: lines.flatMap(readLink) };
    case 'config':
      return { is: 'config', path: rest, text, version: /^[0-9a-f]{64}$/.test(code) ? code : null };
    default:
      return { is: 'unreadable', line: words.slice(0, 400) };
  }
}

/** `409 2026-11-23 05:11:30.000000000 +0000 2026-11-23 05:14:21.000000000 +0000 /etc/xen/fb1.cfg`. A path with a newline is left out. */
function readStamp(line: string): { path: string; stamp: string }[] {
  const parts = /^(\d+ [^/]+) (\/.*)$/.exec(line);
  return parts ? [{ stamp: parts[1] ?? '', path: parts[2] ?? '' }] : [];
}

function readLink(line: string): { link: string; target: string }[] {
  const [link, target] = line.split('\t');
  return link && target ? [{ link, target }] : [];
}
