import type { AuthInput, Host, HostInput, HostSuggestion } from '../../../../electron/contract/host.ts';
import type { Problem } from '../../../../electron/contract/problem.ts';

/** What is typed into the form of a host. */
export interface HostDraft {
  label: string;
  address: string;
  port: number;
  user: string;
  by: AuthInput['by'];
  keyPath: string;
  passphrase: string;
  password: string;
  sudoPassword: string;
  tags: string;
  jump: string;
  remember: boolean;
}

export const emptyDraft: HostDraft = {
  label: '',
  address: '',
  port: 22,
  user: 'root',
  by: 'agent',
  keyPath: '',
  passphrase: '',
  password: '',
  sudoPassword: '',
  tags: '',
  jump: '',
  remember: true,
};

/** The form of a saved host; its secrets stay where they are. */
export function draftOf(host: Host): HostDraft {
  return {
    ...emptyDraft,
    label: host.label,
    address: host.address,
    port: host.port,
    user: host.user,
    by: host.authBy,
    keyPath: host.keyPath ?? '',
    tags: host.tags.join(', '),
    jump: host.jump ?? '',
    remember: host.remember,
  };
}

/** A suggestion taken over. */
export function withSuggestion(draft: HostDraft, one: HostSuggestion): HostDraft {
  return {
    ...draft,
    label: one.name,
    address: one.address,
    port: one.port,
    user: one.user ?? draft.user,
    by: one.keyPath ? 'key' : draft.by,
    keyPath: one.keyPath ?? draft.keyPath,
    jump: one.jump ?? '',
  };
}

/** What is sent. Empty secrets are left out: the engine keeps the stored ones. */
export function inputOf(draft: HostDraft): HostInput {
  return {
    label: draft.label.trim() || draft.address.trim(),
    address: draft.address,
    port: draft.port,
    user: draft.user,
    auth: authOf(draft),
    ...(draft.sudoPassword ? { sudoPassword: draft.sudoPassword } : {}),
    tags: draft.tags
      .split(/[,、，]/)
      .map((one) => one.trim())
      .filter(Boolean),
    jump: draft.jump.trim() || null,
    remember: draft.remember,
  };
}

function authOf(draft: HostDraft): AuthInput {
  switch (draft.by) {
    case 'agent':
      return { by: 'agent' };
    case 'key':
      return { by: 'key', path: draft.keyPath, ...(draft.passphrase ? { passphrase: draft.passphrase } : {}) };
    case 'password':
      return { by: 'password', ...(draft.password ? { password: draft.password } : {}) };
    case 'interactive':
      return { by: 'interactive' };
  }
}

/** Fields of the form that a problem can belong to. */
export type DraftField = 'address' | 'port' | 'user' | 'auth' | 'keyPath' | 'passphrase' | 'password' | 'sudoPassword' | 'jump';

/** The field a problem stands beside; null: it is about the whole form. */
export function fieldOf(why: Problem): DraftField | null {
  switch (why.code) {
    case 'ssh.unknownHost':
    case 'ssh.unreachable':
    case 'ssh.timedOut':
      return 'address';
    case 'ssh.refused':
    case 'ssh.notSsh':
      return 'port';
    case 'auth.wrongPassword':
      return 'password';
    case 'auth.keyUnreadable':
    case 'auth.keyUnsupported':
    case 'auth.keyRefused':
      return 'keyPath';
    case 'auth.passphraseNeeded':
    case 'auth.passphraseWrong':
      return 'passphrase';
    case 'auth.agentMissing':
    case 'auth.agentRefused':
    case 'auth.methodRefused':
      return 'auth';
    case 'auth.secretNeeded':
      return why.what === 'sudo' ? 'sudoPassword' : why.what;
    case 'host.sudoPassword':
    case 'host.sudoWrongPassword':
      return 'sudoPassword';
    case 'host.sudoNotAllowed':
    case 'host.noRights':
      return 'user';
    case 'jump.unsupported':
      return 'jump';
    case 'input.refused':
      return refusedField(why.path);
    default: // the other codes say nothing about a field
      return null;
  }
}

function refusedField(path: string): DraftField | null {
  const last = path.split('.').at(-1);
  if (last === 'path') return 'keyPath';
  return last === 'address' || last === 'port' || last === 'user' || last === 'jump' ? last : null;
}
