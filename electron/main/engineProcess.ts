import { type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron';
import { type Problem, problemOf } from '../contract/problem.ts';
import type { Secrets } from '../engine/world.ts';
import type { FromEngine, SecretAsked, ToEngine } from '../utility/messages.ts';

export interface EngineProcess {
  /** Hands a port of the page through. */
  give(name: string, port: MessagePortMain): void;
  wake(): void;
  /** Resolves when it has ended, or is ended after two seconds. */
  close(): Promise<void>;
}

export interface EngineProcessOptions {
  script: string;
  data: string;
  version: string;
  demo: boolean;
  secrets: Secrets;
  /** It can't be started, or falls over again and again. */
  failed(why: string): void;
}

/** So many ends in a minute mean that starting it once more won't help. */
const mostEnds = 3;

/** The engine in a process of its own: a fault there leaves the window standing, and the engine is started anew. */
export function startEngineProcess(options: EngineProcessOptions): EngineProcess {
  let closing = false;
  let ends: number[] = [];
  let child = fork();

  function fork(): UtilityProcess {
    const made = utilityProcess.fork(options.script, [], { serviceName: 'XenFerry engine' });
    const post = (message: ToEngine) => made.postMessage(message);
    made.on('message', (message: FromEngine) => {
      if (message.is === 'failed') options.failed(message.why);
      else if (message.is === 'secret') void answerSecret(options.secrets, message.id, message).then(post);
    });
    made.on('exit', (code) => {
      if (closing || made !== child) return;
      ends = [...ends.filter((at) => at > Date.now() - 60_000), Date.now()];
      if (ends.length >= mostEnds) options.failed(`the engine ended ${ends.length} times in a minute, last with ${code}`);
      else child = fork();
    });
    const { data, version, demo, secrets } = options;
    post({ is: 'start', data, version, demo, secretsKept: secrets.kept });
    return made;
  }

  return {
    give(name, port) {
      const message: ToEngine = { is: 'port', name };
      child.postMessage(message, [port]);
    },
    wake() {
      const message: ToEngine = { is: 'wake' };
      child.postMessage(message);
    },
    close() {
      closing = true;
      const message: ToEngine = { is: 'close' };
      child.postMessage(message);
      return new Promise((resolve) => {
        const late = setTimeout(() => {
          child.kill();
          resolve();
        }, 2_000);
        child.once('exit', () => {
          clearTimeout(late);
          resolve();
        });
      });
    },
  };
}

async function answerSecret(secrets: Secrets, id: number, asked: SecretAsked): Promise<ToEngine> {
  try {
    return { is: 'secret', id, ok: true, secret: await doAsked(secrets, asked) };
  } catch (thrown) {
    const why: Problem = problemOf(thrown);
    return { is: 'secret', id, ok: false, problem: why };
  }
}

async function doAsked(secrets: Secrets, asked: SecretAsked): Promise<string | null> {
  switch (asked.ask) {
    case 'read':
      return secrets.read(asked.name);
    case 'write':
      await secrets.write(asked.name, asked.secret, asked.insist);
      return null;
    case 'remove':
      await secrets.remove(asked.name);
      return null;
  }
}
