/** The path of a browser, or null. `fetch`: gets one where there is none. */
export function browserProgram(options: { fetch: boolean }): Promise<string | null>;
