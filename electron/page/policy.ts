/**
 * The content security policy of the page: nothing but its own files. Every directive is listed, so that none falls back on a
 * looser one. `connect` are the places it may open a connection to (the server shell's socket; none in Electron).
 */
export function pagePolicy(nonce: string, connect: readonly string[]): string {
  const own = "'self'";
  const none = "'none'";
  const directives: Record<string, string[]> = {
    'default-src': [none],
    'script-src': [own],
    'script-src-elem': [own],
    'script-src-attr': [none],
    // The page's libraries add <style> elements (React Aria, xterm); a nonce lets those in and no others.
    'style-src': [own, `'nonce-${nonce}'`],
    'style-src-elem': [own, `'nonce-${nonce}'`],
    'style-src-attr': [none],
    'font-src': [own],
    // noVNC decodes JPEG rectangles and draws pointers as data: images.
    'img-src': [own, 'data:'],
    'connect-src': connect.length > 0 ? [...connect] : [none],
    'media-src': [none],
    'object-src': [none],
    'frame-src': [none],
    'child-src': [none],
    'worker-src': [none],
    'manifest-src': [none],
    'base-uri': [none],
    'form-action': [none],
    'frame-ancestors': [none],
  };
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join('; ');
}

/** Headers that go with every answer, the policy included. */
export function pageHeaders(policy: string): Record<string, string> {
  return {
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}
