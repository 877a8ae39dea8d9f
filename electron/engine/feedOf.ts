import type { Change } from '../contract/api.ts';

/** A feed of entities: who comes first hears all of them, then each change. */
export interface EntityFeed<T> {
  watch(say: (change: Change<T>) => void): () => void;
  onChange(changed: (item: T) => void): () => void;
  put(item: T): void;
  gone(id: string): void;
}

/** Makes one. `all` says what a newcomer hears. Putting what was put last says nothing: unchanged polls stay silent. */
export function feedOf<T>(idOf: (item: T) => string, all: () => T[]): EntityFeed<T> {
  const watchers = new Set<(change: Change<T>) => void>();
  const listeners = new Set<(item: T) => void>();
  const last = new Map<string, string>();
  return {
    watch(say) {
      watchers.add(say);
      say({ is: 'all', items: all() });
      return () => {
        watchers.delete(say);
      };
    },
    onChange(changed) {
      listeners.add(changed);
      return () => {
        listeners.delete(changed);
      };
    },
    put(item) {
      const text = JSON.stringify(item);
      if (last.get(idOf(item)) === text) return;
      last.set(idOf(item), text);
      for (const say of watchers) say({ is: 'put', item });
      for (const changed of listeners) changed(item);
    },
    gone(id) {
      last.delete(id);
      for (const say of watchers) say({ is: 'gone', id });
    },
  };
}
