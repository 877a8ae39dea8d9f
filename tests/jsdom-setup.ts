// jsdom has no CSS.escape, and React Aria throws without it.
const css = (globalThis as { CSS?: { escape?: (text: string) => string } }).CSS ?? {};
css.escape ??= (text) => text.replace(/[^\w-]/g, (one) => `\\${one}`);
Object.assign(globalThis, { CSS: css });

export {};
