import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pageAnswer } from './files.ts';

let above = '';
beforeAll(async () => {
  above = await mkdtemp(join(tmpdir(), 'xenferry-page-'));
  await mkdir(join(above, 'page', 'assets'), { recursive: true });
  await writeFile(join(above, 'secret.txt'), 'SECRET');
  await writeFile(join(above, 'page', 'index.html'), '<script nonce="__CSP_NONCE__"></script><meta nonce="__CSP_NONCE__">');
  await writeFile(join(above, 'page', 'assets', 'a.js'), 'export {}');
  await writeFile(join(above, 'page', 'assets', 'a.exe'), 'x');
});
afterAll(() => rm(above, { recursive: true }));
const page = () => join(above, 'page');
const text = (body: Uint8Array) => Buffer.from(body).toString();

test('the page comes with a fresh nonce in text and policy', async () => {
  const one = await pageAnswer(page(), '/', []);
  const two = await pageAnswer(page(), '/', []);
  const nonce = /nonce="([^"]+)"/.exec(text(one.body))?.[1] ?? '';
  expect(nonce.length).toBeGreaterThan(20);
  expect(text(one.body)).not.toContain('__CSP_NONCE__');
  expect(one.headers['content-security-policy']).toContain(`'nonce-${nonce}'`);
  expect(text(two.body)).not.toBe(text(one.body));
});

test('the policy starts from nothing and allows neither inline code nor eval', async () => {
  const policy = (await pageAnswer(page(), '/', [])).headers['content-security-policy'] ?? '';
  expect(policy.startsWith("default-src 'none'; ")).toBe(true);
  expect(policy).not.toContain('unsafe');
  expect(policy).not.toContain('*');
  for (const name of ['script-src', 'style-src', 'connect-src', 'frame-ancestors', 'base-uri', 'form-action', 'object-src', 'worker-src'])
    expect(policy).toContain(`; ${name} `);
});

test('files are answered by kind, unknown kinds and missing files are not', async () => {
  expect((await pageAnswer(page(), '/assets/a.js', [])).headers['content-type']).toContain('javascript');
  for (const path of ['/assets/a.exe', '/assets', '/nothing.js', '/%', '/a\0.js'])
    expect((await pageAnswer(page(), path, [])).status).toBe(404);
});

test('no path leaves the folder', async () => {
  const step = fc.constantFrom('..', '.', '%2e%2e', '/', '%2f', '\\', '%5c', 'assets', 'secret.txt', '');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      expect(text((await pageAnswer(page(), `/${steps.join('/')}`, [])).body)).not.toContain('SECRET');
      expect(text((await pageAnswer(page(), steps.join(''), [])).body)).not.toContain('SECRET');
    }),
  );
});
