import { said } from './enTogether.ts';
import type { ProblemWords } from './shape.ts';

/** Moves for which the source logs in by the operator's own agent, in English. */
export const problemsAgentEn: Pick<
  ProblemWords,
  'move.byAgent' | 'move.agentDoor' | 'move.agentRefused' | 'move.agentSudo' | 'move.agentCut' | 'move.laterAgent'
> = {
  'move.byAgent': (p) => [
    `${p.from} logs in at ${p.to} with a key of your SSH agent; nothing is written to authorized_keys there. Until it has, whoever is root on ${p.from} could log in with that key, too.`,
    'Keep this computer on and connected until the guest’s memory, or its disks where it is stopped, begins to be sent. If it is cut off before that, the guest stays at the source.',
  ],
  'move.agentDoor': (p) => [
    `The SSH server of ${p.host} does not let your SSH agent answer there (AllowStreamLocalForwarding or DisableForwarding in its sshd_config).`,
    'Set “AllowStreamLocalForwarding yes” there, or choose another way.',
  ],
  'move.agentRefused': (p) => [
    `The source could not log in at ${p.host} with a key of your SSH agent. ${said(p.said)}`,
    `See that the agent holds a key that ${p.host} accepts and is not locked, or choose another way.`,
  ],
  'move.agentSudo': (p) => [
    `sudo asks for a password on ${p.host}, and no other server is told it.`,
    `Allow sudo there without a password, connect to ${p.host} as root, or choose another way.`,
  ],
  'move.agentCut': (p) => [
    `Your SSH agent did not answer when ${p.name} was to be sent: this computer was cut off, or the agent would not sign. It stays at the source.`,
    'Move it again while this computer is connected to the source and the agent holds the key.',
  ],
  'move.laterAgent': () => [
    'A move by your SSH agent can’t wait for a time: this computer would have to be there then.',
    'Move it now, or choose the way straight from the source.',
  ],
};
