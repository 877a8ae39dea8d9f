import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { pageHeaders, pagePolicy } from './policy.ts';

/** One answer of the page's own files. */
export interface PageAnswer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** The word the built page has where the nonce belongs (`html.cspNonce` of the build). */
const NONCE_WORD = '__CSP_NONCE__';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.txt': 'text/plain; charset=utf-8',
};

/** Answers a path from the folder of the built page, with a fresh nonce each time. Nothing outside the folder is reached. */
export async function pageAnswer(folder: string, path: string, connect: readonly string[]): Promise<PageAnswer> {
  const nonce = randomBytes(18).toString('base64');
  const headers = pageHeaders(pagePolicy(nonce, connect));
  const file = fileOf(folder, path);
  const type = file ? types[extname(file)] : undefined;
  if (!file || !type) return { status: 404, headers, body: new Uint8Array() };
  let body: Uint8Array;
  try {
    body = await readFile(file);
  } catch {
    return { status: 404, headers, body: new Uint8Array() };
  }
  if (type.startsWith('text/html')) body = Buffer.from(Buffer.from(body).toString('utf8').replaceAll(NONCE_WORD, nonce));
  return { status: 200, headers: { ...headers, 'content-type': type }, body };
}

function fileOf(folder: string, path: string): string | null {
  let plain: string;
  try {
    plain = decodeURIComponent(path);
  } catch {
    return null;
  }
  if (plain.includes('\0') || plain.includes('\\')) return null;
  const file = normalize(join(folder, plain === '/' ? 'index.html' : plain));
  return file.startsWith(normalize(folder + sep)) ? file : null;
}
