import type { Check } from '../../contract/creation.ts';
import type { Host } from '../../contract/host.ts';
import { fail, type Problem, problem, problemOf } from '../../contract/problem.ts';
import type { Transport, TransportChoice } from '../../contract/transport.ts';
import type { Remote } from '../remote/remote.ts';
import { linesOf } from '../remote/said.ts';
import type { World } from '../world.ts';
import { parseReach, preferredType, reachPrograms, readServer, type SshServer, type Way, waysTo } from './reach.ts';
import { openRelay } from './relay.ts';
import { speedBetween } from './speed.ts';

/** Which way a running guest can take to the target: straight there, or through the desktop. Changes nothing. */

/** Between whom, and what the operator asked for; null: straight if it goes, else through here. */
export interface TransportQuestion {
  world: World;
  source: Host;
  target: Host;
  remotes: { source: Remote; target: Remote };
  wanted: Transport | null;
}

/** What was found. `way`: for `key`; a relay is opened anew when it is needed. */
export interface TransportAnswer {
  checks: Check[];
  server: SshServer | null;
  way: Way | null;
  transport: Transport | null;
  transports: TransportChoice[];
}

/** For a guest that is only a config. */
export const noTransport: TransportAnswer = { checks: [], server: null, way: null, transport: null, transports: [] };

/** How long an address may take to answer as an SSH server, seconds. */
const REACH_SECONDS = 8;

const choices = (key: Problem | null, relay: Problem | null, bytesPerS: number | null = null): TransportChoice[] => [
  { is: 'key', problem: key, bytesPerS: null, seconds: null },
  { is: 'relay', problem: relay, bytesPerS, seconds: null },
];
const bad = (why: Problem): Check => ({ what: 'reach', verdict: 'bad', problem: why });

/** Looks for the way. What hinders becomes a bad check. */
export async function findTransport(question: TransportQuestion): Promise<TransportAnswer> {
  const { target, remotes } = question;
  try {
    const server = await readServer(remotes.target);
    if (server.permitRoot === 'no' || !server.keysFile) {
      const why = problem('move.rootLoginRefused', { host: target.label });
      return { ...noTransport, checks: [bad(why)], server, transports: choices(why, why) };
    }
    return await among(question, server);
  } catch (thrown) {
    return { ...noTransport, checks: [bad(problemOf(thrown))] };
  }
}

async function among(question: TransportQuestion, server: SshServer): Promise<TransportAnswer> {
  const { source, target, remotes, wanted } = question;
  const by = { ...noTransport, server };
  let unreachable: Problem | null = null;
  if (wanted !== 'relay') {
    const { ways, tried } = await waysTo(remotes.source, server, { address: target.address, port: target.port }, REACH_SECONDS);
    const [way] = ways;
    if (way)
      return { ...by, way, transport: 'key', checks: [{ what: 'reach', verdict: 'good', problem: null }], transports: choices(null, null) };
    unreachable = problem('move.unreachable', { from: source.label, to: target.label, tried });
    if (wanted === 'key') return { ...by, checks: [bad(unreachable)], transports: choices(unreachable, null) };
  }
  try {
    const bytesPerS = await tryRelay(question, server);
    const told = problem('move.relayed', { from: source.label, to: target.label });
    return {
      ...by,
      transport: 'relay',
      checks: [{ what: 'reach', verdict: 'warning', problem: told }],
      transports: choices(unreachable, null, bytesPerS),
    };
  } catch (thrown) {
    const why = problemOf(thrown);
    return { ...by, checks: [unreachable, why].flatMap((one) => one ?? []).map(bad), transports: choices(unreachable, why) };
  }
}

/** Opens it, looks who answers at its other end, and closes it. How fast it may be. Problem: `move.relayRefused`. */
async function tryRelay({ world, source, target, remotes }: TransportQuestion, server: SshServer): Promise<number | null> {
  const relay = await openRelay({ ...remotes, from: source.label, to: target.label }, server, world.clock);
  try {
    const { address, port } = relay.way;
    const words = [String(REACH_SECONDS), preferredType(server) ?? '', String(port), address];
    const ran = await remotes.source.program(reachPrograms.reach, words);
    const [found] = parseReach(linesOf('move-reach', ran), server, port);
    if (!found) fail('move.relayRefused', { host: target.label });
  } finally {
    relay.close();
  }
  return await speedBetween(world, remotes.source, remotes.target);
}

/** The way a move goes, held open as long as it needs it. */
export interface Passage {
  way: Way;
  /** Addresses the source comes from, as the target sees it. */
  from: string[];
  close(): void;
}

/** Opens it for a move that is about to begin. Problem: `move.relayRefused`. */
export async function openPassage(
  clock: World['clock'],
  { transport, way, server }: TransportAnswer,
  ends: { source: Remote; target: Remote; fromHost: Host; to: string },
): Promise<Passage> {
  if (transport === 'relay' && server) {
    const relay = await openRelay({ ...ends, from: ends.fromHost.label }, server, clock);
    return { ...relay, from: relay.way.from ? [relay.way.from] : [] };
  }
  if (!way) return fail('move.unreachable', { from: ends.fromHost.label, to: ends.to, tried: [] });
  const addresses = new Set([...(way.from ? [way.from] : []), ...(ends.fromHost.facts?.addresses ?? [])]);
  return { way, from: [...addresses].filter((one) => !one.startsWith('fe80')), close() {} };
}
