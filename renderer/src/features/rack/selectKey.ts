import type { KeyboardEvent } from 'react';
import type { Guest } from '../../../../electron/contract/guest.ts';
import { pick } from '../../state/ui.ts';
import { announce } from '../../ui/announce.ts';
import type { Hands } from './useDragging.ts';
import { guestsOn } from './verdicts.ts';

/** Keys that select: x takes a block in or out, Ctrl+A all of its host, Escape none. True: the key was for that. */
export function selectKey({ program, words }: Hands, press: KeyboardEvent<HTMLElement>, on: Guest): boolean {
  const { ui } = program;
  const held = press.ctrlKey || press.metaKey;
  if (press.key === 'x' && !held && !press.altKey) pick(ui, on.key);
  else if (press.key.toLowerCase() === 'a' && held && !press.altKey) {
    ui.setState({ selected: [...new Set([...ui.getState().selected, ...guestsOn(program, on.hostId).map((one) => one.key)])] });
  } else if (press.key === 'Escape' && ui.getState().selected.length > 0) ui.setState({ selected: [] });
  else return false;
  announce(words.say('guests.selected', { count: ui.getState().selected.length }));
  return true;
}
