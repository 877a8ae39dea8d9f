import ssh2, {
  type AnyAuthMethod,
  type AuthenticationType,
  type BaseAgent,
  type NextAuthHandler,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';
import { type Problem, problem } from '../../contract/problem.ts';

/** A question of the server, to be answered by a person. null: they would not. */
export type Ask = (question: { instructions: string; fields: { label: string; echo: boolean }[] }) => Promise<string[] | null>;

/** How we prove who we are. Secrets are in here: never logged, never sent to the page. */
export type Credentials =
  | { by: 'agent'; agent: BaseAgent }
  | { by: 'key'; key: ParsedKey }
  | { by: 'password'; password: string }
  | { by: 'interactive'; ask: Ask };

/** One attempt at authentication: hands ssh2 one method after the other, and knows afterwards what failed. */
export interface Authentication {
  next(left: readonly AuthenticationType[] | null, partly: boolean, next: NextAuthHandler): void;
  /** The problem, if it is authentication that failed. */
  problem(thrown: unknown): Problem | null;
  /** A person is being asked just now. */
  asking(): boolean;
  /** The public half of the key that was signed with last (SSH wire format): once we are in, the one that let us in. */
  key(): Uint8Array | null;
}

type AnyKey = Parameters<BaseAgent['sign']>[0];

/** An agent that remembers which of its keys it signed with: ssh2 asks it only for one that the server takes. */
class HeardAgent extends ssh2.BaseAgent {
  private readonly agent: BaseAgent;
  private readonly heard: (key: ParsedKey) => void;
  constructor(agent: BaseAgent, heard: (key: ParsedKey) => void) {
    super();
    this.agent = agent;
    this.heard = heard;
  }
  override getIdentities(...args: Parameters<BaseAgent['getIdentities']>): void {
    this.agent.getIdentities(...args);
  }
  override sign(key: AnyKey, data: Buffer, options: SigningRequestOptions | SignCallback, signed?: SignCallback): void {
    if (typeof key === 'object' && 'getPublicSSH' in key) this.heard(key);
    if (typeof options === 'function') this.agent.sign(key, data, options);
    else this.agent.sign(key, data, options, signed);
  }
}

type Method = 'none' | 'publickey' | 'password' | 'keyboard-interactive';

/** The methods each kind of credentials may use, in order. Servers with PAM often offer passwords as keyboard-interactive only. */
const methods: Record<Credentials['by'], Method[]> = {
  agent: ['publickey'],
  key: ['publickey'],
  password: ['password', 'keyboard-interactive'],
  interactive: ['keyboard-interactive', 'password'],
};

/** `ask` answers what the credentials can't: a second factor, an expired password. */
export function createAuthentication(start: { user: string; address: string; credentials: Credentials; ask?: Ask }): Authentication {
  const { user, address, credentials } = start;
  let offered: readonly string[] = [];
  let asking = false;
  let cancelled = false;
  const tried = new Set<Method>();
  let began = false;
  let signedWith: ParsedKey | null = null;

  const ask = async (ask: Ask, question: Parameters<Ask>[0]): Promise<string[]> => {
    asking = true;
    try {
      const answers = await ask(question);
      if (!answers) cancelled = true;
      return answers ?? question.fields.map(() => '');
    } finally {
      asking = false;
    }
  };

  const interactive = (person: Ask): AnyAuthMethod => ({
    type: 'keyboard-interactive',
    username: user,
    prompt: (_name, instructions, _lang, prompts, finish) => {
      if (prompts.length === 0) return finish([]);
      const fields = prompts.map((one) => ({ label: one.prompt, echo: one.echo ?? false }));
      void ask(person, { instructions, fields }).then(finish);
    },
  });
  const withPassword = (method: Method, password: string): AnyAuthMethod => {
    if (method === 'password') return { type: 'password', username: user, password };
    const others = start.ask ? interactive(start.ask) : null;
    let given = false;
    return {
      type: 'keyboard-interactive',
      username: user,
      // Only the first single hidden question is the password; anything else is not ours to guess.
      prompt(name, instructions, lang, prompts, finish) {
        if (prompts.length === 0) return finish([]);
        const first = !given && prompts.length === 1 && !prompts[0]?.echo;
        given = true;
        if (first) return finish([password]);
        if (others?.type === 'keyboard-interactive') others.prompt(name, instructions, lang, prompts, finish);
        else finish([]);
      },
    };
  };
  const make = async (method: Method): Promise<AnyAuthMethod> => {
    if (method === 'none') return { type: 'none', username: user };
    switch (credentials.by) {
      case 'key':
        signedWith = credentials.key;
        return { type: 'publickey', username: user, key: credentials.key };
      case 'agent':
        return { type: 'agent', username: user, agent: new HeardAgent(credentials.agent, (key) => (signedWith = key)) };
      case 'password':
        return withPassword(method, credentials.password);
      case 'interactive': {
        if (method !== 'password') return interactive(credentials.ask);
        const question = { instructions: '', fields: [{ label: 'Password:', echo: false }] };
        return withPassword(method, (await ask(credentials.ask, question))[0] ?? '');
      }
    }
  };
  const hand = (method: Method, next: NextAuthHandler): void => {
    tried.add(method);
    void make(method).then(next);
  };

  return {
    next(left, partly, next) {
      if (left) offered = left;
      // `none` first: only its refusal tells which methods the server takes
      if (!began) {
        began = true;
        return hand('none', next);
      }
      const isOpen = (method: Method) => !tried.has(method) && (offered as readonly string[]).includes(method);
      const one = methods[credentials.by].find(isOpen);
      if (cancelled) return next(false as never); // ssh2 takes false for "no more"; its types forgot
      if (one) return hand(one, next);
      // what we gave was right, and the server wants a second factor
      if (!partly || !start.ask || !isOpen('keyboard-interactive')) return next(false as never); // as above
      tried.add('keyboard-interactive');
      next(interactive(start.ask));
    },
    problem(thrown) {
      const level = thrown instanceof Error ? (thrown as { level?: unknown }).level : undefined;
      // sshd counts each key an agent offers, and hangs up after six
      const many = thrown instanceof Error && /authentication failures/i.test(thrown.message);
      if (level !== 'client-authentication' && level !== 'agent' && !many) return began && cancelled ? noSecret(credentials) : null;
      if (cancelled) return noSecret(credentials);
      const used = methods[credentials.by].some((method) => tried.has(method));
      if (!used) return problem('auth.methodRefused', { user, address, offered: [...offered] });
      switch (credentials.by) {
        case 'agent':
          return problem('auth.agentRefused', { user, address });
        case 'key':
          return problem('auth.keyRefused', { user, address });
        case 'password':
        case 'interactive':
          return problem('auth.wrongPassword', { user, address });
      }
    },
    asking: () => asking,
    key: () => signedWith?.getPublicSSH() ?? null,
  };
}

const noSecret = (credentials: Credentials): Problem =>
  problem('auth.secretNeeded', { what: credentials.by === 'key' ? 'passphrase' : 'password' });
