import { type RefObject, useEffect, useState } from 'react';

/** Whether an element is in or near the window: two hundred strips need not all be drawn. */
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
      { rootMargin: '600px 0px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [place]);
  return near;
}
