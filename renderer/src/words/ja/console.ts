/** Serial and graphical consoles. */
export const consoleJa = {
  'console.title': '{name} のコンソール',
} as const;
