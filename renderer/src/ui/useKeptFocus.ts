import { type FocusEvent, type RefObject, useLayoutEffect, useRef } from 'react';

/**
 * For a row whose buttons come and go with what they do: when the one that has the focus goes, its last button gets it, as what was
 * done there can be undone there. Else the keyboard would begin anew at the top of the page.
 */
export function useKeptFocus<Element extends HTMLElement>(): {
  ref: RefObject<Element | null>;
  onFocus: () => void;
  onBlur: (event: FocusEvent) => void;
} {
  const ref = useRef<Element>(null);
  const had = useRef(false);
  useLayoutEffect(() => {
    if (had.current && document.activeElement === document.body) focusLast(ref.current);
  });
  return {
    ref,
    onFocus: () => {
      had.current = true;
    },
    onBlur: () => {
      had.current = false;
    },
  };
}

/** Focuses the last button in it. */
export function focusLast(place: HTMLElement | null): void {
  [...(place?.querySelectorAll('button') ?? [])].at(-1)?.focus();
}
