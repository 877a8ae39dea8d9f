import type { Change } from '../../../electron/contract/api.ts';

/** Entities of one kind as the engine last said them. `ready`: the first snapshot has come. */
export interface Entities<T> {
  byId: ReadonlyMap<string, T>;
  ready: boolean;
}

/** Nothing heard yet. */
export function noEntities<T>(): Entities<T> {
  return { byId: new Map(), ready: false };
}

/** What the changes make of the entities. Untouched entities stay the same objects. */
export function applyChanges<T>(before: Entities<T>, changes: readonly Change<T>[], idOf: (item: T) => string): Entities<T> {
  let byId = new Map(before.byId);
  let ready = before.ready;
  for (const change of changes) {
    switch (change.is) {
      case 'all':
        byId = new Map(change.items.map((item) => [idOf(item), item]));
        ready = true;
        break;
      case 'put':
        byId.set(idOf(change.item), change.item);
        break;
      case 'gone':
        byId.delete(change.id);
        break;
    }
  }
  return { byId, ready };
}
