import { expect, test } from 'vitest';
import { createGate, type Knock } from './gate.ts';

const knock = (more: Partial<Knock>): Knock => ({
  method: 'GET',
  url: '/',
  host: '127.0.0.1:8000',
  origin: undefined,
  site: undefined,
  cookie: undefined,
  upgrade: false,
  ...more,
});
const pathOf = (address: string) => address.slice('http://127.0.0.1:8000'.length);

function entered() {
  const gate = createGate(8000, null);
  const decision = gate.decide(knock({ url: pathOf(gate.address()) }));
  if (decision.is !== 'exchange') throw new Error(decision.is);
  return { gate, header: decision.cookie, cookie: decision.cookie.split(';')[0] ?? '' };
}

test('a token is exchanged once for a cookie that scripts and other sites never get', () => {
  const gate = createGate(8000, null);
  const url = pathOf(gate.address());
  const first = gate.decide(knock({ url }));
  expect(first).toMatchObject({ is: 'exchange', cookie: expect.stringContaining('; HttpOnly; SameSite=Strict; Path=/') });
  expect(gate.decide(knock({ url }))).toEqual({ is: 'refuse', status: 403, why: 'token' });
});

test('a new address makes the one before worthless', () => {
  const gate = createGate(8000, null);
  const first = pathOf(gate.address());
  const second = pathOf(gate.address());
  expect(gate.decide(knock({ url: first })).is).toBe('refuse');
  expect(gate.decide(knock({ url: second })).is).toBe('exchange');
});

test('the token of a test lets in again and again', () => {
  const gate = createGate(8000, 'test-token-1');
  for (let i = 0; i < 3; i++) expect(gate.decide(knock({ url: pathOf(gate.address()) })).is).toBe('exchange');
});

test('with the cookie the page and its sockets come in', () => {
  const { gate, cookie } = entered();
  expect(gate.decide(knock({ cookie, url: '/assets/a.js?x' }))).toEqual({ is: 'enter', path: '/assets/a.js' });
  expect(gate.decide(knock({ cookie: `other=1; ${cookie}`, site: 'same-origin' })).is).toBe('enter');
  expect(gate.decide(knock({ cookie, upgrade: true, url: '/port/calls', origin: 'http://127.0.0.1:8000' }))).toEqual({
    is: 'enter',
    path: '/port/calls',
  });
});

test.each<[string, Partial<Knock>]>([
  ['without a cookie', { cookie: undefined }],
  ['with a wrong cookie', { cookie: 'xenferry_8000=nothing' }],
  ['under another name (DNS rebinding)', { host: 'evil.example:8000' }],
  ['at another port', { host: '127.0.0.1:8001' }],
  ['without Host', { host: undefined }],
  ['from a page of another origin', { origin: 'https://evil.example' }],
  ['from a file or a sandboxed frame', { origin: 'null' }],
  ['from another port of this machine', { origin: 'http://127.0.0.1:9000' }],
  ['as localhost from a page at 127.0.0.1', { host: 'localhost:8000', origin: 'http://127.0.0.1:8000' }],
  ['as a socket without Origin', { upgrade: true }],
  ['embedded by another site', { site: 'cross-site' }],
  ['with another method', { method: 'POST' }],
])('nobody comes in %s', (_how, more) => {
  const { gate, cookie } = entered();
  expect(gate.decide(knock({ cookie, ...more })).is).toBe('refuse');
});
