import type { Duplex } from 'node:stream';
import { fail, type Problem, ProblemError, problem } from '../../contract/problem.ts';
import type { Limits } from '../limits.ts';
import { openAsRoot, type Root } from '../remote/root.ts';
import type { Ask, Credentials } from '../ssh/authentication.ts';
import { openAgent, openKeyFile } from '../ssh/credentials.ts';
import { readJump } from '../ssh/jump.ts';
import { openSession, type Session } from '../ssh/session.ts';
import { fingerprintOf } from '../ssh/wire.ts';
import type { World } from '../world.ts';
import type { HostSecrets, SecretKind } from './keyring.ts';
import type { Target } from './saved.ts';
import type { Look, Trust } from './trust.ts';

/** What an attempt to reach a host may use. */
export interface ReachStart {
  world: World;
  limits: Limits;
  trust: Trust;
  target: Target;
  secrets: HostSecrets;
  /** Asks for a secret that is not there; null answers "there is none". */
  secret: (what: SecretKind) => Promise<string | null>;
  /** Passes a question of a server on. */
  ask: (label: string) => Ask;
  /** A fingerprint the operator has just said yes to. */
  accept: string | null;
  /** Refuses a key because of whose it is (`host.duplicate`); null: go on. */
  refuse: (fingerprint: string) => Problem | null;
  signal: AbortSignal;
}

/** A host that was reached. */
export interface Reached {
  session: Session;
  root: Root;
  /** Why we are not root there; then `root` is 'direct' as the plain user. */
  rights: Problem | null;
  fingerprint: string;
}

/** Connects, over other hosts if need be, and finds out how to become root. Stores keys that were said yes to. */
export async function reach(start: ReachStart): Promise<Reached> {
  const { target, trust } = start;
  const look = await trust.look();
  const hops = target.jump ? (readJump(target.jump) ?? fail('jump.unsupported', { directive: target.jump })) : [];
  const sessions: Session[] = [];
  const learned: { at: { address: string; port: number }; key: Uint8Array }[] = [];
  try {
    for (const hop of hops) {
      const at = { label: hop.address, user: hop.user ?? target.user, address: hop.address, port: hop.port };
      sessions.push(await openOne(start, look, at, sessions.at(-1), learned, null));
    }
    const through = sessions.at(-1);
    const session = await openOne(start, look, target, through, learned, start.refuse);
    sessions.push(session);
    const before = sessions.slice(0, -1);
    session.onClose(() => before.forEach((one) => void one.close()));
    const { root, rights } = await findRoot(start, session);
    for (const one of learned) if (fingerprintOf(one.key) === start.accept) await trust.store(one.at, one.key);
    const last = learned.at(-1);
    return { session, root, rights, fingerprint: last ? fingerprintOf(last.key) : '' };
  } catch (thrown) {
    for (const one of sessions.reverse()) one.close();
    throw thrown;
  }
}

async function openOne(
  start: ReachStart,
  look: Look,
  at: Pick<Target, 'label' | 'user' | 'address' | 'port'>,
  through: Session | undefined,
  learned: { at: { address: string; port: number }; key: Uint8Array }[],
  refuse: ReachStart['refuse'] | null,
): Promise<Session> {
  const { world, limits, signal, trust } = start;
  const { address, port, user } = at;
  const socket = (stop: AbortSignal): Promise<Duplex> => (through ? through.forward(address, port) : world.dial(address, port, stop));
  return await openSession({
    address,
    port,
    user,
    credentials: await credentialsFor(start, at, refuse === null),
    ask: start.ask(at.label),
    socket,
    knownTypes: look.algorithms(at),
    judge(key) {
      const shown = fingerprintOf(key);
      const twin = refuse?.(shown);
      if (twin) return twin;
      if (shown === start.accept) trust.accept(at, shown);
      const why = look.judge(at, key);
      if (!why) learned.push({ at: { address, port }, key: Uint8Array.from(key) });
      return why;
    },
    clock: world.clock,
    limits,
    signal,
  });
}

async function credentialsFor(start: ReachStart, at: { label: string; user: string; address: string }, hop: boolean): Promise<Credentials> {
  const { target, world, secrets } = start;
  const { auth } = target;
  switch (auth.by) {
    case 'agent':
      return { by: 'agent', agent: await openAgent(world.desktop, at) };
    case 'key': {
      const passphrase = async () => secrets.passphrase ?? (await start.secret('passphrase'));
      return { by: 'key', key: await openKeyFile(world.desktop, auth.path, passphrase) };
    }
    case 'password': {
      // the password is the target's own: a host on the way asks for itself
      if (hop) return { by: 'interactive', ask: start.ask(at.label) };
      const password = secrets.password ?? (await start.secret('password'));
      return password === null ? fail('auth.secretNeeded', { what: 'password' }) : { by: 'password', password };
    }
    case 'interactive':
      return { by: 'interactive', ask: start.ask(at.label) };
  }
}

/** root is root; else sudo without a password; else sudo with one: the one given for it, else the login's. */
async function findRoot(start: ReachStart, session: Session): Promise<{ root: Root; rights: Problem | null }> {
  const { user } = start.target;
  if (user === 'root') return { root: { by: 'direct' }, rights: null };
  const free = await tryRoot(start, session, { by: 'sudo' });
  if (free === null) return { root: { by: 'sudo' }, rights: null };
  if (free.code !== 'host.sudoPassword') return { root: { by: 'direct' }, rights: free };
  const login = start.target.auth.by === 'password' ? start.secrets.password : undefined;
  const password = start.secrets.sudo ?? login ?? (await start.secret('sudo'));
  if (password === null) return { root: { by: 'direct' }, rights: free };
  const root: Root = { by: 'sudoPassword', password };
  const why = await tryRoot(start, session, root);
  if (why === null) return { root, rights: null };
  // the login's password was only a guess of ours: what is missing is sudo's
  if (why.code === 'host.sudoWrongPassword' && start.secrets.sudo === undefined) {
    return { root: { by: 'direct' }, rights: problem('host.sudoPassword', { user }) };
  }
  return { root: { by: 'direct' }, rights: why };
}

/** null: it lets us through. */
async function tryRoot(start: ReachStart, session: Session, root: Root): Promise<Problem | null> {
  const { world, target, signal } = start;
  try {
    const options = { random: world.random, user: target.user, address: target.address, signal };
    const channel = await openAsRoot(session, root, { is: 'words', argv: ['true'] }, options);
    channel.stream.end();
    channel.stream.resume();
    channel.stderr.resume();
    await channel.ended;
    return null;
  } catch (thrown) {
    if (thrown instanceof ProblemError && thrown.problem.code.startsWith('host.')) return thrown.problem;
    throw thrown;
  }
}
