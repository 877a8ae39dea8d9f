/** How a command ends. */
export const exits = {
  done: 0,
  failed: 1,
  /** Not understood, or not clear: nothing was tried. */
  refused: 2,
  /** Cancelled by Ctrl-C, or left to go on on its host. */
  interrupted: 130,
} as const;
