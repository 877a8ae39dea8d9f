import { resolve } from 'node:path';
import type { InputOf } from '../contract/api.ts';
import type { AuthInput } from '../contract/host.ts';
import { type Problem, ProblemError } from '../contract/problem.ts';
import { type Asked, choiceOf, numberOf, textOf } from './arguments.ts';
import { isSettled } from './desk.ts';
import { exits } from './exits.ts';
import { refuse } from './refusal.ts';
import type { Sitting } from './run.ts';

type HostInput = InputOf<'host.add'>['host'];
type Secrets = { password?: string; passphrase?: string; sudoPassword?: string };

/** Adds a server: connects first, and asks for what is missing on the way. */
export async function addHost(sitting: Sitting, asked: Asked): Promise<number> {
  const { desk, teller, waitMs } = sitting;
  const secrets = await askedSecrets(sitting, asked);
  const hostId = await tryToAdd(sitting, asked, secrets);
  await desk.until(() => {
    const host = desk.hosts.get(hostId);
    return host !== undefined && isSettled(host);
  }, waitMs);
  const host = desk.hosts.get(hostId);
  if (teller.json) teller.answer({ hostId, host: host ?? null });
  teller.say('cli.added', { label: host?.label ?? hostId });
  for (const finding of host?.findings ?? []) teller.problem(finding.problem, teller.words.say(`report.${finding.hinders}`));
  if (Object.keys(secrets).length > 0) teller.say('cli.secretNotKept');
  return exits.done;
}

async function tryToAdd({ desk, teller, terminal }: Sitting, asked: Asked, secrets: Secrets): Promise<string> {
  const { say } = teller.words;
  let accept = textOf(asked, 'accept') ?? null;
  for (;;) {
    try {
      return (await desk.client.call('host.add', { host: inputOf(asked, secrets), accept })).hostId;
    } catch (thrown) {
      const why: Problem | null = thrown instanceof ProblemError && terminal.asks ? thrown.problem : null;
      if (why?.code === 'hostKey.unknown' && accept === null) {
        teller.say('hostKey.text', { address: why.address, port: why.port });
        teller.say('cli.fingerprint', { type: why.type, fingerprint: why.fingerprint });
        if ((await terminal.ask(`${say('cli.trust')} `, true))?.trim().toLowerCase() !== 'yes') throw thrown;
        accept = why.fingerprint;
      } else if (why?.code === 'auth.passphraseNeeded' && secrets.passphrase === undefined) {
        secrets.passphrase = (await terminal.ask(`${say('host.passphrase')}: `, false)) ?? undefinedSecret();
      } else throw thrown;
    }
  }
}

const undefinedSecret = (): never => refuse('secretMissing', { what: '' });

function authOf(asked: Asked, { password, passphrase }: Secrets): AuthInput {
  const key = textOf(asked, 'key');
  const by = choiceOf(asked, 'auth', ['agent', 'key', 'password', 'interactive']) ?? (key === undefined ? 'agent' : 'key');
  switch (by) {
    case 'key':
      if (key === undefined) return refuse('optionMissing', { command: 'add --auth key', option: '--key' });
      return { by, path: resolve(key), ...(passphrase === undefined ? {} : { passphrase }) };
    case 'password':
      return { by, ...(password === undefined ? {} : { password }) };
    case 'agent':
    case 'interactive':
      return { by };
  }
}

function inputOf(asked: Asked, secrets: Secrets): HostInput {
  const port = numberOf(asked, 'port');
  const user = textOf(asked, 'user');
  return {
    address: asked.words[0] ?? '',
    label: textOf(asked, 'label') ?? '',
    auth: authOf(asked, secrets),
    tags: asked.values.get('tag') ?? [],
    jump: textOf(asked, 'jump') ?? null,
    ...(port === undefined ? {} : { port }),
    ...(user === undefined ? {} : { user }),
    ...(secrets.sudoPassword === undefined ? {} : { sudoPassword: secrets.sudoPassword }),
  };
}

/** Secrets the options speak of: typed unseen, or a line each of standard input, in this order. */
async function askedSecrets({ teller, terminal }: Sitting, asked: Asked): Promise<Secrets> {
  const secrets: Secrets = {};
  const { say } = teller.words;
  const read = async (what: string): Promise<string> => {
    const line = terminal.asks ? await terminal.ask(`${what}: `, false) : await terminal.readLine();
    return line ?? refuse('secretMissing', { what });
  };
  if (authOf(asked, secrets).by === 'password') secrets.password = await read(say('host.password'));
  if (asked.flags.has('passphrase')) secrets.passphrase = await read(say('host.passphrase'));
  if (asked.flags.has('sudo-password')) secrets.sudoPassword = await read(say('host.sudoPassword'));
  return secrets;
}
