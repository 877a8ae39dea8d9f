/** Moves the focus from one block to the next: sideways within a strip, up and down between strips. True: the key was for that. */
export function moveFocus(from: HTMLElement, key: string): boolean {
  const strip = from.closest('[data-host]');
  if (!strip || !key.startsWith('Arrow')) return false;
  const blocksOf = (one: Element) => [...one.querySelectorAll<HTMLElement>('[data-block]')];
  if (key === 'ArrowLeft' || key === 'ArrowRight') {
    const blocks = blocksOf(strip);
    blocks[blocks.indexOf(from) + (key === 'ArrowRight' ? 1 : -1)]?.focus();
    return true;
  }
  const strips = [...document.querySelectorAll('[data-host]')];
  const step = key === 'ArrowDown' ? 1 : -1;
  for (let at = strips.indexOf(strip) + step; ; at += step) {
    const next = strips[at];
    if (!next) return true;
    const nearest = blocksOf(next).sort((a, b) => distance(a, from) - distance(b, from))[0];
    if (nearest) {
      nearest.focus();
      return true;
    }
  }
}

const distance = (a: HTMLElement, b: HTMLElement) => Math.abs(a.getBoundingClientRect().left - b.getBoundingClientRect().left);
