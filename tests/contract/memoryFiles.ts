import type { Files } from '../../electron/engine/world.ts';

/** Files of one desktop that forgets them with the test. */
export function memoryFiles(): Files {
  const kept = new Map<string, string>();
  return {
    read: async (name) => kept.get(name) ?? null,
    write: async (name, text) => void kept.set(name, text),
    append: async (name, text) => void kept.set(name, (kept.get(name) ?? '') + text),
    remove: async (name) => void kept.delete(name),
    list: async (folder) => [...kept.keys()].filter((name) => name.startsWith(`${folder}/`)).map((name) => name.slice(folder.length + 1)),
  };
}
