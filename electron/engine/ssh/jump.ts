/** One host on the way to another. */
export interface Hop {
  user: string | null;
  address: string;
  port: number;
}

/** Reads ssh's ProxyJump: `[user@]host[:port]`, several with commas, `ssh://` before each allowed. null: not understood. */
export function readJump(text: string): Hop[] | null {
  const hops = text.split(',').map((one) => readHop(one.trim()));
  return hops.every((one) => one !== null) ? hops : null;
}

function readHop(text: string): Hop | null {
  const found = /^(?:ssh:\/\/)?(?:([^@\s/]+)@)?(?:\[([0-9A-Fa-f:.%\w]+)\]|([^:@\s/[\]]+))(?::(\d{1,5}))?$/.exec(text);
  if (!found) return null;
  const [, user, bracketed, plain, port] = found;
  const address = bracketed ?? plain ?? '';
  const number = port ? Number(port) : 22;
  if (address.startsWith('-') || number < 1 || number > 65535) return null;
  return { user: user ?? null, address, port: number };
}
