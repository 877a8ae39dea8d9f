import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startProgram } from '../program/program.ts';
import { readArguments } from './arguments.ts';
import { openShell } from './shell.ts';

declare const __VERSION__: string; // put in by the build

/** `npm run serve`: the program in a browser. One JSON line with the address when it is ready; another whenever Enter is pressed. */
async function main(): Promise<void> {
  const asked = readArguments(process.argv.slice(2));
  const program = await startProgram({ data: asked.data, version: __VERSION__, shell: 'server', demo: asked.demo });
  const page = fileURLToPath(new URL('../renderer', import.meta.url));
  const shell = await openShell({ page, port: asked.port, token: asked.token, take: (name, port) => program.take(name, port) });
  const say = () => process.stdout.write(`${JSON.stringify({ ready: true, address: shell.address() })}\n`);
  say();
  if (process.stdin.isTTY) createInterface({ input: process.stdin }).on('line', say);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      const closing = Promise.all([shell.close(), program.close()]);
      // A host that doesn't answer must not hold the terminal.
      setTimeout(() => process.exit(0), 3_000).unref();
      void closing.finally(() => process.exit(0));
    });
  }
}

main().catch((thrown: unknown) => {
  process.stderr.write(`xenferry: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exit(1);
});
