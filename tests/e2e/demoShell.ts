import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CALLS_PORT } from '../../electron/contract/port.ts';
import { serve } from '../../electron/contract/serve.ts';
import { addDemoHosts } from '../../electron/demo/addDemoHosts.ts';
import { type Demo, startDemo } from '../../electron/demo/demo.ts';
import { demoWorld } from '../../electron/demo/demoWorld.ts';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import { openShell } from '../../electron/server/shell.ts';
import { nodeWorld } from '../../electron/world/nodeWorld.ts';

/** The browser shell over simulated hosts in this process, so that a test can cut a link. */
export interface DemoShell {
  demo: Demo;
  engine: Engine;
  address: string;
  close(): Promise<void>;
}

/** `without`: labels of hosts that are there and not saved. `speed`: how much faster than life. */
export async function openDemoShell(options: { without?: string[]; speed?: number } = {}): Promise<DemoShell> {
  const data = await mkdtemp(join(tmpdir(), 'xenferry-e2e-'));
  const demo = await startDemo({ speed: options.speed ?? 4 });
  const world = demoWorld(nodeWorld({ data, version: '0.0.0', shell: 'server' }), demo);
  const engine = await createEngine(world);
  const saved = demo.hosts.filter((host) => !options.without?.includes(host.label));
  await addDemoHosts(engine, { ...demo, hosts: saved });
  const shell = await openShell({
    page: resolve(import.meta.dirname, '../../out/renderer'),
    port: 0,
    token: 'token-of-the-tests',
    take: (name, port) => {
      if (name === CALLS_PORT) serve(port, engine.handlers);
      else if (!engine.join(name, port)) port.close();
    },
  });
  return {
    demo,
    engine,
    address: shell.address(),
    async close() {
      await shell.close();
      engine.close();
      await demo.close();
      await rm(data, { recursive: true, force: true });
    },
  };
}
