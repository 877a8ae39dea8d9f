import type { GuestKey } from '../../../electron/contract/guest.ts';
import type { HostId } from '../../../electron/contract/host.ts';

/** A block in the hand, or none. Pure: what the pointer and the keyboard do to it is `dragStep`. */
export type Drag =
  | { is: 'idle' }
  /** Pressed, not yet moved far enough to mean it. */
  | { is: 'pressed'; key: GuestKey; from: HostId; at: Point }
  | { is: 'carried'; by: 'pointer'; key: GuestKey; from: HostId; at: Point; over: HostId | null }
  | { is: 'carried'; by: 'keyboard'; key: GuestKey; from: HostId; over: HostId }
  | { is: 'dropped'; key: GuestKey; from: HostId; onto: HostId };

export interface Point {
  x: number;
  y: number;
}

export type DragEvent =
  | { is: 'press'; key: GuestKey; from: HostId; at: Point }
  | { is: 'move'; at: Point; over: HostId | null }
  | { is: 'release' }
  | { is: 'lift'; key: GuestKey; from: HostId }
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

/** What an event makes of a drag. Cancelling at any moment leaves nothing behind; only a drop on another host is one. */
export function dragStep(drag: Drag, event: DragEvent): Drag {
  if (event.is === 'cancel' || event.is === 'vanished' || event.is === 'taken') return drag.is === 'idle' ? drag : idle;
  switch (drag.is) {
    case 'idle':
      if (event.is === 'press') return { is: 'pressed', key: event.key, from: event.from, at: event.at };
      if (event.is === 'lift') return { is: 'carried', by: 'keyboard', key: event.key, from: event.from, over: event.from };
      return drag;
    case 'pressed':
      if (event.is === 'release') return idle;
      if (event.is !== 'move' || Math.hypot(event.at.x - drag.at.x, event.at.y - drag.at.y) < SLACK) return drag;
      return { is: 'carried', by: 'pointer', key: drag.key, from: drag.from, at: event.at, over: event.over };
    case 'carried':
      if (drag.by === 'pointer') {
        if (event.is === 'move') return { ...drag, at: event.at, over: event.over };
        return event.is === 'release' ? dropped(drag.key, drag.from, drag.over) : drag;
      }
      if (event.is === 'aim') return { ...drag, over: event.over };
      return event.is === 'drop' ? dropped(drag.key, drag.from, drag.over) : drag;
    case 'dropped':
      return drag;
  }
}

function dropped(key: GuestKey, from: HostId, onto: HostId | null): Drag {
  return onto === null || onto === from ? idle : { is: 'dropped', key, from, onto };
}
