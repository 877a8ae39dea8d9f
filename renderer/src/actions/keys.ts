const onMac = () => /Mac/.test(navigator.platform);

/** Whether a key press is that shortcut (`mod+k`). */
export function isShortcut(event: KeyboardEvent, keys: string): boolean {
  const [last, mod] = keys.split('+').reverse();
  const held = onMac() ? event.metaKey : event.ctrlKey;
  return event.key.toLowerCase() === last && held === (mod === 'mod') && !event.altKey && !event.shiftKey;
}

/** A shortcut as it is printed on this system's keyboard. */
export function shortcutText(keys: string): string {
  const mac = onMac();
  return keys
    .split('+')
    .map((one) => (one === 'mod' ? (mac ? '⌘' : 'Ctrl') : one.length === 1 ? one.toUpperCase() : one))
    .join(mac ? '' : '+');
}
