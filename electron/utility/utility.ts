import type { MessagePortMain } from 'electron';
import { type Program, startProgram } from '../program/program.ts';
import { channelPort } from './channelPort.ts';
import { mainSecrets } from './mainSecrets.ts';
import type { FromEngine, ToEngine } from './messages.ts';

// The engine's process in Electron: it starts when it is told to, and takes ports by name from then on.
const send = (message: FromEngine) => process.parentPort.postMessage(message);
/** Ports that come while the engine starts wait here. */
const early: { name: string; port: MessagePortMain }[] = [];
let program: Program | null = null;
let answered: ReturnType<typeof mainSecrets>['answered'] = () => {};

async function start(asked: Extract<ToEngine, { is: 'start' }>): Promise<void> {
  const kept = mainSecrets(asked.secretsKept, send);
  answered = kept.answered;
  program = await startProgram({
    data: asked.data,
    version: asked.version,
    shell: 'electron',
    demo: asked.demo,
    secrets: kept.secrets,
  });
  for (const { name, port } of early.splice(0)) program.take(name, channelPort(port));
  send({ is: 'ready' });
}

function take(name: string, port: MessagePortMain | undefined): void {
  if (!port) return;
  if (program) program.take(name, channelPort(port));
  else early.push({ name, port });
}

process.parentPort.on('message', (event) => {
  const message = event.data as ToEngine; // only the main process, of the same build, can write here
  switch (message.is) {
    case 'start':
      start(message).catch((thrown: unknown) => {
        send({ is: 'failed', why: thrown instanceof Error ? thrown.message : String(thrown) });
      });
      return;
    case 'port':
      take(message.name, event.ports[0]);
      return;
    case 'wake':
      program?.wake();
      return;
    case 'secret':
      answered(message);
      return;
    case 'close':
      void (program?.close() ?? Promise.resolve()).finally(() => process.exit(0));
      return;
  }
});
