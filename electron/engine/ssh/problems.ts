import { type Problem, problem } from '../../contract/problem.ts';

const words = (thrown: unknown): { code: string; level: string; message: string } => {
  const first = thrown instanceof AggregateError && thrown.errors.length > 0 ? (thrown.errors[0] as unknown) : thrown;
  if (!(first instanceof Error)) return { code: '', level: '', message: String(first) };
  const { code, level } = first as { code?: unknown; level?: unknown };
  return { code: typeof code === 'string' ? code : '', level: typeof level === 'string' ? level : '', message: first.message };
};

/** What went wrong while connecting, from Node's `code` or ssh2's `level` and words. */
export function problemOfConnecting(thrown: unknown, to: { address: string; port: number }): Problem {
  const { address, port } = to;
  const { code, level, message } = words(thrown);
  const detail = message;
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NONAME':
    case 'EAI_NODATA':
    case 'EAI_FAIL':
    case 'EINVAL':
      return problem('ssh.unknownHost', { address }, { detail });
    case 'ECONNREFUSED':
      return problem('ssh.refused', { address, port }, { detail });
    case 'ETIMEDOUT':
      return problem('ssh.timedOut', { address, port }, { detail });
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
    case 'EACCES':
    case 'EPERM':
      return problem('ssh.unreachable', { address, port }, { detail });
  }
  // "Handshake failed: no matching key exchange algorithm"
  const none = /no matching (.+?)(?: algorithm)?$/.exec(message);
  if (none?.[1]) return problem('ssh.noCommonAlgorithm', { address, what: none[1] }, { detail });
  if (level === 'client-timeout') return problem('ssh.timedOut', { address, port }, { detail });
  if (/identification|ident string|Invalid header|Bad packet length|max greeting/i.test(message))
    return problem('ssh.notSsh', { address, port }, { detail });
  return problem('ssh.closed', { address }, { detail });
}
