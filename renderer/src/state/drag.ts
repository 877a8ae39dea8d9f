import type { GuestKey } from '../../../electron/contract/guest.ts';
import type { HostId } from '../../../electron/contract/host.ts';

/** What is in the hand: the block that was taken hold of first, and, where several are selected, the others. */
export interface Load {
  keys: readonly GuestKey[];
  /** The hosts they stand on, each once; the first is that of the block one holds. */
  homes: readonly HostId[];
}

/** Blocks in the hand, or none. Pure: what the pointer and the keyboard do to it is `dragStep`. */
export type Drag =
  | { is: 'idle' }
  /** Pressed, not yet moved far enough to mean it. */
  | ({ is: 'pressed'; at: Point } & Load)
  | ({ is: 'carried'; by: 'pointer'; at: Point; over: HostId | null } & Load)
  | ({ is: 'carried'; by: 'keyboard'; over: HostId } & Load)
  | ({ is: 'dropped'; onto: HostId } & Load);

export interface Point {
  x: number;
  y: number;
}

export type DragEvent =
  | ({ is: 'press'; at: Point } & Load)
  | { is: 'move'; at: Point; over: HostId | null }
  | { is: 'release' }
  | ({ is: 'lift' } & Load)
  /** The target the arrows chose; the source itself is "where it was". */
  | { is: 'aim'; over: HostId }
  | { is: 'drop' }
  | { is: 'cancel' }
  /** What was dropped has been taken up. */
  | { is: 'taken' }
  /** The guest or host in hand is gone. */
  | { is: 'vanished' };

/** How far a press must travel to be a drag, px. */
export const SLACK = 5;

export const idle: Drag = { is: 'idle' };

/** What an event makes of a drag. Cancelling at any moment leaves nothing behind; only a drop on a host where one of them is not yet is one. */
export function dragStep(drag: Drag, event: DragEvent): Drag {
  if (event.is === 'cancel' || event.is === 'vanished' || event.is === 'taken') return drag.is === 'idle' ? drag : idle;
  switch (drag.is) {
    case 'idle': {
      if (event.is !== 'press' && event.is !== 'lift') return drag;
      const { keys, homes } = event;
      const [home] = homes;
      if (home === undefined) return drag;
      return event.is === 'press'
        ? { is: 'pressed', keys, homes, at: event.at }
        : { is: 'carried', by: 'keyboard', keys, homes, over: home };
    }
    case 'pressed':
      if (event.is === 'release') return idle;
      if (event.is !== 'move' || Math.hypot(event.at.x - drag.at.x, event.at.y - drag.at.y) < SLACK) return drag;
      return { is: 'carried', by: 'pointer', keys: drag.keys, homes: drag.homes, at: event.at, over: event.over };
    case 'carried':
      if (drag.by === 'pointer') {
        if (event.is === 'move') return { ...drag, at: event.at, over: event.over };
        return event.is === 'release' ? dropped(drag, drag.over) : drag;
      }
      if (event.is === 'aim') return { ...drag, over: event.over };
      return event.is === 'drop' ? dropped(drag, drag.over) : drag;
    case 'dropped':
      return drag;
  }
}

function dropped({ keys, homes }: Load, onto: HostId | null): Drag {
  return onto === null || homes.every((home) => home === onto) ? idle : { is: 'dropped', keys, homes, onto };
}
