let region: HTMLElement | null = null;

/** Says something through screen readers, at once. */
export function announce(text: string): void {
  if (!region) {
    region = document.createElement('div');
    region.setAttribute('aria-live', 'assertive');
    region.setAttribute('role', 'log');
    region.setAttribute('aria-label', 'XenFerry');
    region.dataset.announcer = '';
    Object.assign(region.style, { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' });
    document.body.append(region);
  }
  const line = document.createElement('p');
  line.textContent = text;
  region.replaceChildren(line);
}
