import { type FocusEvent, type RefObject, useEffect, useState } from 'react';

/**
 * Whether an element is in or near what can be seen: two hundred strips need not all be drawn. Measured against whatever scrolls it: a
 * margin around the window would be cut off there, and a strip be empty until it is seen.
 */
export function useNear(place: RefObject<HTMLElement | null>): boolean {
  const [near, setNear] = useState(typeof IntersectionObserver === 'undefined');
  useEffect(() => {
    const element = place.current;
    if (!element || typeof IntersectionObserver === 'undefined') return;
    const observer = new IntersectionObserver(
      (seen) => {
        const last = seen.at(-1);
        if (last) setNear(last.isIntersecting);
      },
      { root: scrollerOf(element), rootMargin: '600px 0px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [place]);
  return near;
}

/** The nearest element around it that scrolls up and down; null: the window does. */
function scrollerOf(element: HTMLElement): HTMLElement | null {
  for (let around = element.parentElement; around; around = around.parentElement)
    if (/^(auto|scroll)$/.test(getComputedStyle(around).overflowY)) return around;
  return null;
}

/** Whether the focus is in an element, and what tells of it. It stays there while another window has the keyboard. */
export function useFocusWithin(): { focused: boolean; telling: { onFocus: () => void; onBlur: (event: FocusEvent<HTMLElement>) => void } } {
  const [focused, setFocused] = useState(false);
  return {
    focused,
    telling: {
      onFocus: () => setFocused(true),
      onBlur: ({ currentTarget, relatedTarget }) =>
        setFocused(currentTarget.contains(relatedTarget) || currentTarget.contains(document.activeElement)),
    },
  };
}
