import type { Check } from '../../contract/creation.ts';
import type { Host } from '../../contract/host.ts';
import { fail, type Problem, ProblemError, problem, problemOf } from '../../contract/problem.ts';
import type { Transport, TransportChoice } from '../../contract/transport.ts';
import type { Remote } from '../remote/remote.ts';
import { linesOf } from '../remote/said.ts';
import { openAgent } from '../ssh/credentials.ts';
import type { World } from '../world.ts';
import { openAgentDoor, tryAgent } from './agent.ts';
import type { MoveToStart } from './move.ts';
import { parseReach, preferredType, reachPrograms, readServer, type SshServer, type Way, waysTo } from './reach.ts';
import { openRelay } from './relay.ts';
import { speedBetween } from './speed.ts';

/** Which way a guest can take to the target: straight there, or through the desktop. Changes nothing. */

/** Between whom, and what the operator asked for; null: straight by the key if it goes, else through here. */
export interface TransportQuestion {
  world: World;
  source: Host;
  target: Host;
  remotes: { source: Remote; target: Remote };
  wanted: Transport | null;
}

/** What was found. `way`: for those that go straight; a relay is opened anew when it is needed. */
export interface TransportAnswer {
  checks: Check[];
  server: SshServer | null;
  way: Way | null;
  transport: Transport | null;
  transports: TransportChoice[];
  /** The key of the operator's agent that the target took from the source (SSH wire format); null: it was not tried. */
  agentKey: Uint8Array | null;
}

/** For a guest that is only a config. */
export const noTransport: TransportAnswer = { checks: [], server: null, way: null, transport: null, transports: [], agentKey: null };

/** How long an address may take to answer as an SSH server, seconds. */
const REACH_SECONDS = 8;

/** What speaks against each. The operator's agent is given to no host unasked, so it is tried only where it was asked for. */
function choices(
  question: TransportQuestion,
  against: { key: Problem | null; relay: Problem | null; agent?: Problem | null; bytesPerS?: number | null },
): TransportChoice[] {
  return [
    { is: 'key', problem: against.key, bytesPerS: null, seconds: null },
    { is: 'relay', problem: against.relay, bytesPerS: against.bytesPerS ?? null, seconds: null },
    { is: 'agent', problem: against.agent ?? agentHindrance(question), bytesPerS: null, seconds: null },
  ];
}
const bad = (why: Problem): Check => ({ what: 'reach', verdict: 'bad', problem: why });

/** Looks for the way. What hinders becomes a bad check. */
export async function findTransport(question: TransportQuestion): Promise<TransportAnswer> {
  const { target, remotes, wanted } = question;
  try {
    const server = await readServer(remotes.target);
    const keyless = server.permitRoot === 'no' || !server.keysFile ? problem('move.rootLoginRefused', { host: target.label }) : null;
    if (wanted === 'agent') return await byAgent(question, server, keyless);
    if (keyless) {
      const transports = choices(question, { key: keyless, relay: keyless });
      return { ...noTransport, checks: [bad(keyless)], server, transports };
    }
    return await among(question, server);
  } catch (thrown) {
    return { ...noTransport, checks: [bad(problemOf(thrown))] };
  }
}

/** The best way straight there, or why there is none. */
async function straightWay({ source, target, remotes }: TransportQuestion, server: SshServer): Promise<Way | Problem> {
  const { ways, tried } = await waysTo(remotes.source, server, { address: target.address, port: target.port }, REACH_SECONDS);
  return ways[0] ?? problem('move.unreachable', { from: source.label, to: target.label, tried });
}
const isWay = (one: Way | Problem): one is Way => !('code' in one);

async function among(question: TransportQuestion, server: SshServer): Promise<TransportAnswer> {
  const { source, target, wanted } = question;
  const by = { ...noTransport, server };
  let unreachable: Problem | null = null;
  if (wanted !== 'relay') {
    const way = await straightWay(question, server);
    if (isWay(way)) {
      const transports = choices(question, { key: null, relay: null });
      return { ...by, way, transport: 'key', checks: [{ what: 'reach', verdict: 'good', problem: null }], transports };
    }
    unreachable = way;
  }
  const against = { key: unreachable, agent: unreachable };
  if (unreachable && wanted === 'key')
    return { ...by, checks: [bad(unreachable)], transports: choices(question, { ...against, relay: null }) };
  try {
    const bytesPerS = await tryRelay(question, server);
    const told = problem('move.relayed', { from: source.label, to: target.label });
    return {
      ...by,
      transport: 'relay',
      checks: [{ what: 'reach', verdict: 'warning', problem: told }],
      transports: choices(question, { ...against, relay: null, bytesPerS }),
    };
  } catch (thrown) {
    const why = problemOf(thrown);
    const transports = choices(question, { ...against, relay: why });
    return { ...by, checks: [unreachable, why].flatMap((one) => one ?? []).map(bad), transports };
  }
}

/** What is known without trying; null: nothing. */
function agentHindrance({ world, target, remotes }: TransportQuestion): Problem | null {
  if (world.desktop.agent === null) return problem('auth.agentMissing', {});
  return remotes.target.login.root === 'sudoPassword' ? problem('move.agentSudo', { host: target.label }) : null;
}

/** Only by the operator's agent: where nothing goes straight, a key can go through the desktop as well. */
async function byAgent(question: TransportQuestion, server: SshServer, keyless: Problem | null): Promise<TransportAnswer> {
  const { source, target } = question;
  let way: Way | Problem | null = null;
  try {
    const hindrance = agentHindrance(question);
    if (hindrance) throw new ProblemError(hindrance);
    way = await straightWay(question, server);
    if (!isWay(way)) throw new ProblemError(way);
    const agentKey = await tryByAgent(question, server, way);
    const told = problem('move.byAgent', { from: source.label, to: target.label });
    const transports = choices(question, { key: keyless, relay: keyless });
    return {
      ...noTransport,
      server,
      way,
      agentKey,
      transport: 'agent',
      checks: [{ what: 'reach', verdict: 'warning', problem: told }],
      transports,
    };
  } catch (thrown) {
    const agent = problemOf(thrown);
    const key = keyless ?? (way && !isWay(way) ? way : null);
    return { ...noTransport, server, checks: [bad(agent)], transports: choices(question, { key, relay: keyless, agent }) };
  }
}

/** Lets the source log in at the target by it, once. The key that was taken. Problems: `move.agentDoor`, `move.agentRefused`. */
async function tryByAgent({ world, source, target, remotes }: TransportQuestion, server: SshServer, way: Way): Promise<Uint8Array | null> {
  const { login } = remotes.target;
  const agent = await openAgent(world.desktop, { user: login.user, address: target.address });
  const door = await openAgentDoor(remotes.source, { agent, key: login.key, user: login.user, server, logins: 1 }, source.label);
  try {
    await tryAgent(remotes.source, door, { login, server, way, host: target.label });
    return door.used();
  } finally {
    await door.close();
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
export interface Passage extends Pick<MoveToStart, 'way' | 'from' | 'agent'> {
  close(): void;
}

/**
 * Opens it for a move that is about to begin. `logins`: how many connections it makes.
 * Problems: `move.relayRefused`, `move.agentDoor`, `auth.agentMissing`.
 */
export async function openPassage(
  { clock, desktop }: Pick<World, 'clock' | 'desktop'>,
  { transport, way, server, agentKey }: TransportAnswer,
  ends: { source: Remote; target: Remote; fromHost: Host; to: string; logins: number },
): Promise<Passage> {
  const from = ends.fromHost.label;
  if (transport === 'relay' && server) {
    const relay = await openRelay({ ...ends, from }, server, clock);
    return { ...relay, from: relay.way.from ? [relay.way.from] : [], agent: null };
  }
  if (!way) return fail('move.unreachable', { from, to: ends.to, tried: [] });
  if (transport === 'agent' && server) {
    const { login } = ends.target;
    const agent = await openAgent(desktop, { user: login.user, address: ends.to });
    const narrowed = { agent, key: agentKey ?? login.key, user: login.user, server, logins: ends.logins };
    const door = await openAgentDoor(ends.source, narrowed, from);
    return { way, from: [], agent: { path: door.path, login }, close: () => void door.close() };
  }
  const addresses = new Set([...(way.from ? [way.from] : []), ...(ends.fromHost.facts?.addresses ?? [])]);
  return { way, from: [...addresses].filter((one) => !one.startsWith('fe80')), agent: null, close() {} };
}
