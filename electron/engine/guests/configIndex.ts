import { ProblemError } from '../../contract/problem.ts';
import { readGuestConfig } from '../xen/guestConfig.ts';
import type { SeenConfig } from './picture.ts';

/** Larger files in a config folder are something else. */
const LARGEST = 256 * 1024;
/** What editors and packagers leave beside configs, in a folder where every file counts. */
const notConfig = /(~|\.bak|\.orig|\.rej|\.old|\.sw[op]|\.rpm(save|new|orig)|\.dpkg-[a-z]+)$/;

/** The config files of one host: which there are, which must be read anew, what they say. */
export function configIndex(autoFolder: string, ask: (path: string) => void) {
  const stamps = new Map<string, string>();
  const configs = new Map<string, SeenConfig>();
  const asked = new Set<string>();
  let listed: { path: string; stamp: string }[] | null = null;
  const inAuto = (path: string) => path.startsWith(`${autoFolder}/`);

  return {
    configs,
    /** Everything that was asked for has come. */
    settled: () => asked.size === 0,
    files(files: { path: string; stamp: string }[]) {
      listed = files.filter((one) => !notConfig.test(one.path) && Number.parseInt(one.stamp, 10) <= LARGEST);
    },
    /** Comes after `files`: what starts with the host. A config may also lie in the folder itself, or be linked from elsewhere. */
    links(links: { link: string; target: string }[]) {
      if (!listed) return;
      const now = new Map(listed.flatMap((one) => (inAuto(one.path) ? [] : [[one.path, one.stamp]])));
      const stampOf = new Map(listed.map((one) => [one.path, one.stamp]));
      for (const { link, target } of links) if (!now.has(target)) now.set(target, stampOf.get(link) ?? '');
      const auto = new Set(links.map((one) => one.target));
      for (const path of [...stamps.keys()]) {
        if (now.has(path)) continue;
        stamps.delete(path);
        configs.delete(path);
        asked.delete(path);
      }
      for (const [path, stamp] of now) {
        const seen = configs.get(path);
        if (seen && seen.autostart !== auto.has(path)) configs.set(path, { ...seen, autostart: auto.has(path) });
        if (stamps.get(path) === stamp) continue;
        stamps.set(path, stamp);
        asked.add(path);
        ask(path);
      }
      this.auto = auto;
    },
    auto: new Set<string>(),
    /** The text of one that was asked for; version null: it could not be read. */
    text(path: string, said: string, version: string | null) {
      asked.delete(path);
      if (!stamps.has(path)) return;
      if (version === null) configs.delete(path);
      else configs.set(path, { file: path, version, autostart: this.auto.has(path), ...readText(said, path) });
    },
  };
}

function readText(text: string, path: string): Pick<SeenConfig, 'config' | 'unreadable'> {
  try {
    return { config: readGuestConfig(text, path), unreadable: null };
  } catch (thrown) {
    if (!(thrown instanceof ProblemError) || thrown.problem.code !== 'config.unreadable') throw thrown;
    return { config: null, unreadable: { line: thrown.problem.line, sample: thrown.problem.sample } };
  }
}
