import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** The parts of a request that decide whether it may come in. */
export interface Knock {
  method: string;
  url: string;
  host: string | undefined;
  origin: string | undefined;
  /** Sec-Fetch-Site, where the browser says it. */
  site: string | undefined;
  cookie: string | undefined;
  upgrade: boolean;
}

/** What is to be done with a request. */
export type Decision =
  | { is: 'enter'; path: string }
  | { is: 'exchange'; cookie: string }
  | { is: 'refuse'; status: 400 | 403 | 405; why: string };

export interface Gate {
  decide(knock: Knock): Decision;
  /** The address to open. A token lets in once, except one that was given by hand. */
  address(): string;
  /** Origins the page itself has. */
  origins: readonly string[];
}

/**
 * Who may talk to the server shell: loopback is open to every user and every web page of this machine, so each request needs the
 * cookie, our own Host (against DNS rebinding) and, where there is one, our own Origin.
 */
export function createGate(port: number, given: string | null): Gate {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const origins = hosts.map((host) => `http://${host}`);
  const session = word();
  // Cookies don't keep ports apart: two servers must not overwrite each other's.
  const name = `xenferry_${port}`;
  let tokens = new Set(given ? [given] : []);
  const refuse = (status: 400 | 403 | 405, why: string): Decision => ({ is: 'refuse', status, why });
  return {
    origins,
    address() {
      if (given) return `${origins[0]}/?token=${given}`;
      const token = word();
      tokens = new Set([token]);
      return `${origins[0]}/?token=${token}`;
    },
    decide(knock) {
      if (!knock.host || !hosts.includes(knock.host)) return refuse(403, 'host');
      if (knock.method !== 'GET') return refuse(405, 'method');
      if (!URL.canParse(knock.url, origins[0])) return refuse(400, 'url');
      const url = new URL(knock.url, origins[0]);
      const sameOrigin = knock.origin === `http://${knock.host}`;
      // A browser always says where a socket comes from; so does every request of a page that is not a navigation.
      if (knock.origin !== undefined || knock.upgrade) if (!sameOrigin) return refuse(403, 'origin');
      const asked = url.searchParams.get('token');
      if (asked !== null && !knock.upgrade && url.pathname === '/') {
        const token = [...tokens].find((one) => same(one, asked));
        if (token === undefined) return hasCookie(knock.cookie, name, session) ? { is: 'enter', path: '/' } : refuse(403, 'token');
        if (token !== given) tokens.delete(token);
        return { is: 'exchange', cookie: `${name}=${session}; HttpOnly; SameSite=Strict; Path=/` };
      }
      if (!hasCookie(knock.cookie, name, session)) return refuse(403, 'cookie');
      if (knock.site !== undefined && knock.site !== 'same-origin' && knock.site !== 'none') return refuse(403, 'site');
      return { is: 'enter', path: url.pathname };
    },
  };
}

function word(): string {
  return randomBytes(32).toString('base64url');
}

function hasCookie(header: string | undefined, name: string, value: string): boolean {
  return (header ?? '').split(';').some((one) => {
    const [key, held] = one.trim().split('=');
    return key === name && held !== undefined && same(held, value);
  });
}

/** Compares in a time that tells nothing. */
function same(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
