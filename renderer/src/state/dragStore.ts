import { createStore, type StoreApi } from 'zustand/vanilla';
import { type Drag, type DragEvent, dragStep, idle } from './drag.ts';

/** The one drag of the window. */
export interface Drags {
  store: StoreApi<{ drag: Drag }>;
  /** Takes an event; says what the drag is now. */
  step(event: DragEvent): Drag;
}

/** Nothing in hand. */
export function createDrags(): Drags {
  const store = createStore<{ drag: Drag }>(() => ({ drag: idle }));
  return {
    store,
    step(event) {
      const drag = dragStep(store.getState().drag, event);
      if (drag !== store.getState().drag) store.setState({ drag });
      return drag;
    },
  };
}
