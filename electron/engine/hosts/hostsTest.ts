import { expect } from 'vitest';
import { type Host, type HostInput, hostInput } from '../../contract/host.ts';
import { type Problem, ProblemError, problem } from '../../contract/problem.ts';
import { type Limits, limits } from '../limits.ts';
import type { Hosts } from '../parts.ts';
import { answers, replay } from '../remote/programTest.ts';
import { dialLocal, runningClock, startTestServer, type TestServer, type TestServerOptions } from '../ssh/testServer.ts';
import { testWorld } from '../testWorld.ts';
import type { World } from '../world.ts';
import { createHosts } from './hosts.ts';

const ending: (() => unknown)[] = [];
/** Ends what a test began: call it after each. */
export async function endAll(): Promise<void> {
  for (const end of ending.splice(0).reverse()) await end();
}
/** To be ended with the test. */
export const atEnd = (end: () => unknown): void => void ending.push(end);

/** Never aborted. */
export const signal: AbortSignal = new AbortController().signal;

/** A Xen host as far as `examine` sees: what it asks of `xl`, and nothing slow. */
export const xen = { xl: answers({ info: replay('xl-info') }), vgs: 'exit 1', lvs: 'exit 1', find: 'exit 1' };

/** A real SSH server that lets in whoever has the password `right`. */
export async function serve(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await startTestServer({
    commands: xen,
    auth: (context) => (context.method === 'password' && context.password === 'right' ? context.accept() : context.reject(['password'])),
    ...options,
  });
  ending.push(() => server.close());
  return server;
}

/** What one run of the program has. */
export interface Made {
  hosts: Hosts;
  files: Map<string, string>;
  world: World;
  secrets: Map<string, string>;
  insist: { now: boolean };
}

/** The hosts of one run of the program; `kept` are the files of an earlier one. */
export async function run(
  kept = new Map<string, string>(),
  secrets = new Map<string, string>(),
  other: Partial<World> = {},
  within: Partial<Limits> = {},
): Promise<Made> {
  const made = testWorld(kept);
  const insist = { now: false };
  const world: World = {
    ...made.world,
    clock: runningClock,
    dial: (address, port, stop) => (address === 'gone' ? Promise.reject(notFound()) : dialLocal(port, stop)),
    secrets: {
      kept: 'memory',
      read: async (name) => secrets.get(name) ?? null,
      async write(name, secret, insisted) {
        if (insist.now && !insisted) throw new ProblemError(problem('secrets.unsafeStore', { backend: 'basic_text' }));
        secrets.set(name, secret);
      },
      remove: async (name) => void secrets.delete(name),
    },
    ...other,
  };
  const settings = { now: () => ({ language: 'en', theme: 'system', insistOnUnsafeStore: false }) as const };
  const hosts = await createHosts({
    world,
    limits: { ...limits, reconnectFirstMs: 50, connectMs: 8000, keepaliveMs: 1000, keepaliveMisses: 60, ...within },
    settings,
  });
  ending.push(() => hosts.close());
  return { hosts, files: made.files, world, secrets, insist };
}
const notFound = () => Object.assign(new Error('getaddrinfo ENOTFOUND gone'), { code: 'ENOTFOUND' });

/** What an operator types for a server on this port. */
export const input = (port: number, more: Partial<HostInput> = {}): HostInput =>
  hostInput.parse({ address: '127.0.0.1', port, auth: { by: 'password', password: 'right' }, ...more });

/** The problem something ends in; null: it went well. */
export const why = async (work: Promise<unknown>): Promise<Problem | null> => {
  try {
    await work;
    return null;
  } catch (thrown) {
    if (thrown instanceof ProblemError) return thrown.problem;
    throw thrown;
  }
};
/** Adds a host with a yes to this fingerprint. */
export const add = ({ hosts }: Made, host: HostInput, accept: string | null) => hosts.handlers['host.add']({ host, accept }, signal);
/** Waits until a host is so. */
export const until = async (made: Made, id: string, when: (host: Host) => boolean): Promise<Host> => {
  await expect.poll(() => when(made.hosts.get(id)), { timeout: 10_000 }).toBe(true);
  return made.hosts.get(id);
};
