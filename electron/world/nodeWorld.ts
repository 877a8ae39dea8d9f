import { join } from 'node:path';
import type { Files, Secrets, World } from '../engine/world.ts';
import { realClock, realRandom } from './clock.ts';
import { nodeDesktop } from './desktop.ts';
import { dialTcp } from './dial.ts';
import { nodeFiles } from './files.ts';
import { fileLog } from './log.ts';
import { memorySecrets } from './secrets.ts';

/** What a shell decides about its world; the rest is as the machine has it. */
export interface NodeWorldOptions {
  /** Folder of the engine's own files. */
  data: string;
  version: string;
  shell: World['shell'];
  demo?: boolean;
  /** Default: those below `data`, whoever else writes there. */
  files?: Files;
  /** Default: memory only. */
  secrets?: Secrets;
  /** Default: TCP. */
  dial?: World['dial'];
  /** Default: not offered. */
  openDemo?: World['openDemo'];
}

/** The real world of the engine: real clock, files below one folder, TCP, this desktop. */
export function nodeWorld(options: NodeWorldOptions): World {
  return {
    clock: realClock,
    random: realRandom,
    files: options.files ?? nodeFiles(options.data),
    secrets: options.secrets ?? memorySecrets(),
    desktop: nodeDesktop(),
    dial: options.dial ?? dialTcp,
    log: fileLog(join(options.data, 'log', 'xenferry.log')),
    version: options.version,
    shell: options.shell,
    demo: options.demo ?? false,
    platform: process.platform,
    ...(options.openDemo ? { openDemo: options.openDemo } : {}),
  };
}
