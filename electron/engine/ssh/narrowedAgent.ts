import type { Duplex } from 'node:stream';
import type { BaseAgent } from 'ssh2';
import {
  type AgentMessage,
  agentTypes,
  createFrames,
  framed,
  type Identity,
  identitiesIn,
  identitiesOf,
  loginIn,
  signAskedIn,
} from './agentWire.ts';

/** The operator's agent as far as somebody else needs it to log in at one server. */

/** The agent as it is. */
export type OwnAgent = BaseAgent;

/** What may be had of it. */
export interface Narrowed {
  agent: OwnAgent;
  /** By which it may log in (SSH wire format). One that the agent does not hold says nothing: then any of its own. */
  key: Uint8Array | null;
  /** As whom. */
  user: string;
  /** Where: the keys by which that server is known (SSH wire format). */
  hostKeys: readonly Uint8Array[];
}

/** Answers the messages of one connection, one after the other; what is no message ends it. */
export function serveAgent(connection: Duplex, answer: (message: AgentMessage) => Promise<AgentMessage>): void {
  const frames = createFrames();
  const answerAll = async (messages: AgentMessage[]) => {
    for (const message of messages) {
      const said = await answer(message).catch(() => refusal);
      if (connection.destroyed) return;
      connection.write(framed(said));
    }
  };
  connection.on('error', () => {}); // its end says what counts
  connection.on('data', (piece: Buffer) => {
    const messages = frames.take(piece);
    if (!messages) return void connection.destroy();
    connection.pause();
    void answerAll(messages).then(() => connection.resume());
  });
  connection.on('end', () => connection.end());
}

const refusal: AgentMessage = Buffer.of(agentTypes.failure);

/** What is answered: the keys that may be used, and signatures for logins at that one target. To anything else: no. */
export function createAnswers(
  { agent, key, user, hostKeys }: Narrowed,
  count: { mayLogIn(): boolean; loggedIn(key: Uint8Array): void },
): (message: AgentMessage) => Promise<AgentMessage> {
  const offered = async (): Promise<Identity[]> => {
    const held = identitiesIn(await askAgent(agent, Buffer.of(agentTypes.identitiesAsked))) ?? [];
    const known = held.filter((one) => key !== null && one.key.equals(key));
    return (known.length > 0 ? known : held).map((one) => ({ key: one.key, comment: '' }));
  };
  return async (message) => {
    if (message.length === 1 && message[0] === agentTypes.identitiesAsked) return identitiesOf(await offered());
    const asked = signAskedIn(message);
    const login = asked && loginIn(asked.data);
    if (!asked || !login || !count.mayLogIn()) return refusal;
    const isOurs = login.user === user && login.key.equals(asked.key) && (await offered()).some((one) => one.key.equals(asked.key));
    const isThere = login.hostKey === null || hostKeys.some((one) => login.hostKey?.equals(one));
    if (!isOurs || !isThere || !count.mayLogIn()) return refusal;
    const said = await askAgent(agent, message);
    if (said[0] !== agentTypes.signature || !count.mayLogIn()) return refusal;
    count.loggedIn(asked.key);
    return said;
  };
}

/** One question to the operator's agent, over a connection of its own. */
function askAgent(agent: BaseAgent, message: AgentMessage): Promise<AgentMessage> {
  return new Promise((resolve, reject) => {
    if (!agent.getStream) return reject(new Error('this agent can’t be asked'));
    // it may call more than once: again when the connection has ended
    agent.getStream((thrown, stream) => {
      if (thrown || !stream) return reject(thrown ?? new Error('no connection to the agent'));
      const frames = createFrames();
      stream.on('error', reject);
      stream.on('close', () => reject(new Error('the agent has gone')));
      stream.on('data', (piece: Buffer) => {
        const messages = frames.take(piece);
        if (messages?.length === 0) return;
        stream.destroy();
        const [said] = messages ?? [];
        if (said) resolve(said);
        else reject(new Error('the agent said nothing that can be read'));
      });
      stream.write(framed(message));
    });
  });
}
