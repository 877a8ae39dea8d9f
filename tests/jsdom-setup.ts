// jsdom has no CSS.escape, and React Aria throws without it.
const css = (globalThis as { CSS?: { escape?: (text: string) => string } }).CSS ?? {};
css.escape ??= (text) => text.replace(/[^\w-]/g, (one) => `\\${one}`);
Object.assign(globalThis, { CSS: css });

// Nor matchMedia, which uPlot asks when it is loaded.
globalThis.matchMedia ??= (query) =>
  Object.assign(new EventTarget(), { matches: false, media: query, onchange: null, addListener() {}, removeListener() {} });

// Nor sizes: what would observe them hears nothing.
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

// Nor a place to scroll.
Element.prototype.scrollIntoView ??= () => {};

export {};
