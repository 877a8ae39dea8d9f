/** The path of Electron's program, or null. `fetch`: tries to download it where it is missing. */
export function electronProgram(options: { fetch: boolean }): string | null;
/** Whether there is a screen for a window. */
export function hasDisplay(): boolean;
/** What Chromium's own sandbox needs on Linux: 'ready'; 'root' (it refuses root); or 'blocked'. */
export function sandboxState(program: string): 'ready' | 'root' | 'blocked';
