import type { Files, World } from '../engine/world.ts';
import type { Demo } from './demo.ts';

/**
 * The world of the demo: its network, and nothing of the operator's own. Hosts, keys and history are of this run only;
 * the operator's settings (language, theme) stay theirs.
 */
export function demoWorld(world: World, demo: Demo): World {
  return {
    ...world,
    demo: true,
    files: demoFiles(world.files),
    secrets: memorySecrets(),
    dial: demo.dial,
    desktop: { ...world.desktop, readFile: async () => null, listFolder: async () => [], agent: null, ping: demo.ping },
  };
}

function demoFiles(real: Files): Files {
  const kept = new Map<string, string>();
  const own = (name: string): boolean => name === 'settings.json';
  return {
    read: async (name) => (own(name) ? real.read(name) : (kept.get(name) ?? null)),
    write: async (name, text) => (own(name) ? real.write(name, text) : void kept.set(name, text)),
    append: async (name, text) => void kept.set(name, (kept.get(name) ?? '') + text),
    remove: async (name) => void kept.delete(name),
    list: async (folder) => {
      const base = folder === '' || folder === '.' ? '' : `${folder}/`;
      return [...kept.keys()]
        .filter((name) => name.startsWith(base))
        .map((name) => name.slice(base.length))
        .filter((name) => !name.includes('/'));
    },
  };
}

function memorySecrets(): World['secrets'] {
  const kept = new Map<string, string>();
  return {
    kept: 'memory',
    read: async (name) => kept.get(name) ?? null,
    write: async (name, secret) => void kept.set(name, secret),
    remove: async (name) => void kept.delete(name),
  };
}
