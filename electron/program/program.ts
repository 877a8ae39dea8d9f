import { CALLS_PORT, type Port } from '../contract/port.ts';
import { serve } from '../contract/serve.ts';
import { addDemoHosts } from '../demo/addDemoHosts.ts';
import { startDemo } from '../demo/demo.ts';
import { demoWorld } from '../demo/demoWorld.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import type { World } from '../engine/world.ts';
import { type NodeWorldOptions, nodeWorld } from '../world/nodeWorld.ts';
import { openStore } from '../world/store.ts';

/** The engine as a shell runs it: ports come in by name, whatever carries them. */
export interface Program {
  /** Joins a port of the page: the calls, or a byte stream that a call named. An unknown one is closed. */
  take(name: string, port: Port): void;
  /** The desktop woke up: links that were lost are opened at once. */
  wake(): void;
  /** Resolves when all hosts are known: at once, but for the demo's, which come in as they are reached. */
  known(): Promise<void>;
  close(): Promise<void>;
}

interface Running {
  engine: Engine;
  world: World;
  known: Promise<void>;
  close(): Promise<void>;
}

/** Starts the engine with the operator's own servers, or with the demo servers. */
export async function startProgram(asked: Omit<NodeWorldOptions, 'openDemo' | 'files'>): Promise<Program> {
  const store = await openStore(asked.data, asked.shell);
  const options = { ...asked, files: store.files };
  const calls = new Set<Port>();
  let running = await (options.demo ? runDemo(options) : runReal(options, openDemo));

  /** From the first screen: the demo servers instead of one's own, until the program ends. The page loads itself anew. */
  async function openDemo(): Promise<void> {
    const before = running;
    running = await runDemo(options);
    const served = [...calls];
    // The answer to this very call still has to leave.
    before.world.clock.after(500, () => {
      for (const port of served) port.close();
      void before.close();
    });
  }

  return {
    take(name, port) {
      if (name === CALLS_PORT) takeCalls(running, port, calls);
      else if (!running.engine.join(name, port)) port.close();
    },
    wake: () => wake(running.engine),
    known: () => running.known,
    async close() {
      await running.close();
      await store.close();
    },
  };
}

function takeCalls(running: Running, port: Port, calls: Set<Port>): void {
  const { engine, world } = running;
  const counted: Port = {
    post: (message) => port.post(message),
    listen: (heard) => port.listen(heard),
    close: () => port.close(),
    onClose: (closed) =>
      port.onClose(() => {
        calls.delete(port);
        closed();
      }),
  };
  calls.add(port);
  serve(counted, engine.handlers, (why) => world.log('error', why.code, { message: 'message' in why ? String(why.message) : '' }));
}

async function runReal(options: NodeWorldOptions, openDemo: () => Promise<void>): Promise<Running> {
  const world = nodeWorld({ ...options, openDemo });
  const engine = await createEngine(world);
  return { engine, world, known: Promise.resolve(), close: async () => engine.close() };
}

async function runDemo(options: NodeWorldOptions): Promise<Running> {
  const demo = await startDemo();
  const world = demoWorld(nodeWorld(options), demo);
  const engine = await createEngine(world);
  // the window opens at once; the servers come in as they are reached
  const known = addDemoHosts(engine, demo).catch((thrown: unknown) => world.log('error', 'demo.hosts', { message: String(thrown) }));
  return {
    engine,
    world,
    known,
    async close() {
      engine.close();
      await demo.close();
    },
  };
}

function wake(engine: Engine): void {
  const undo = engine.handlers['host.watch']({}, (change) => {
    const hosts = change.is === 'all' ? change.items : [];
    for (const host of hosts) {
      if (host.link.is === 'lost') engine.handlers['host.connect']({ hostId: host.id }, new AbortController().signal).catch(() => {});
    }
  });
  undo();
}
