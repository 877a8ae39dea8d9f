import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { electronProgram, hasDisplay, sandboxState } from '../../build/electron.mjs';

const root = resolve(import.meta.dirname, '../..');
const program = electronProgram({ fetch: false });

/** Why the tests in real Electron can't run here; null: they can. */
export const noElectron = program === null ? "Electron's program is not here" : hasDisplay() ? null : 'there is no display';

export interface OpenApp {
  app: ElectronApplication;
  page: Page;
  close(): Promise<void>;
}

/** Starts real Electron on the built program, with a folder of its own. */
export async function openApp(words: string[] = []): Promise<OpenApp> {
  if (program === null) throw new Error(noElectron ?? '');
  const data = await mkdtemp(join(tmpdir(), 'xenferry-electron-'));
  const sandbox = sandboxState(program) === 'ready' ? [] : ['--no-sandbox'];
  const app = await _electron.launch({
    executablePath: program,
    args: [root, `--user-data-dir=${data}`, ...sandbox, ...words],
    timeout: 60_000,
  });
  const page = await app.firstWindow();
  return {
    app,
    page,
    async close() {
      await app.close();
      await rm(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}
