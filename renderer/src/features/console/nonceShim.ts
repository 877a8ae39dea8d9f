/**
 * xterm.js makes <style> elements without a nonce, which the policy of the page blocks (xterm.js pull request 5805). A style
 * element made by a script of ours gets the page's nonce; one that comes from markup stays blocked.
 */
export function giveStylesTheNonce(): void {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');
  const nonce = meta?.nonce;
  if (!nonce || Reflect.get(document, 'stylesHaveNonce') === true) return;
  Reflect.set(document, 'stylesHaveNonce', true);
  const make = document.createElement.bind(document);
  Object.defineProperty(document, 'createElement', {
    value: (name: string, options?: ElementCreationOptions) => {
      const made = make(name, options);
      if (made instanceof HTMLStyleElement) made.nonce = nonce;
      return made;
    },
  });
}
