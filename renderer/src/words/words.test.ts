import { createIntl } from 'react-intl';
import { describe, expect, test } from 'vitest';
import type { Problem, ProblemCode } from '../../../electron/contract/problem.ts';
import { en } from './en/all.ts';
import { createFormat } from './format.ts';
import { ja } from './ja/all.ts';
import { problemsEn } from './problems/en.ts';
import { problemsJa } from './problems/ja.ts';
import { tellProblem } from './problems/tell.ts';

const holes = (text: string) => [...text.matchAll(/\{(\w+)[,}]/g)].map((one) => one[1]).sort();
const ids = Object.keys(ja).filter((id): id is keyof typeof ja => id in ja);

describe.each([
  ['ja', ja],
  ['en', en],
] as const)('sentences in %s', (locale, messages) => {
  test('all can be spoken, with their holes filled', () => {
    const broken: string[] = [];
    const intl = createIntl({ locale, messages, onError: (why) => broken.push(why.message) });
    for (const id of ids) {
      const values = Object.fromEntries(holes(messages[id]).map((name) => [name ?? '', 3]));
      expect(intl.formatMessage({ id }, values)).not.toMatch(/[{}]/);
    }
    expect(broken).toEqual([]);
  });
});

test('both languages have the same holes in every sentence', () => {
  for (const id of ids) expect([id, ...new Set(holes(en[id]))]).toEqual([id, ...new Set(holes(ja[id]))]);
});

test('Japanese is Japanese and English is English', () => {
  const kana = /[\u3040-\u30ff\u4e00-\u9fff]/;
  for (const id of ids) expect([id, kana.test(en[id])]).toEqual([id, false]);
});

/** Every parameter any code has, so that each sentence can be told. */
const everything = {
  address: 'xen1', port: 22, user: 'root', path: '/k', format: 'PPK', offered: ['publickey'], what: 'password', type: 'pv', fingerprint: 'SHA256:x',
  known: ['SHA256:a'], shown: 'SHA256:b', where: 'b', label: 'a', hostId: 'h', toolstack: 'xapi', directive: 'Match exec', sample: '??', command: 'xl list',
  exit: 1, said: 'no', seconds: 5, text: 'x', name: 'web', state: 'paused', disk: '/d', taskId: 't', shortMiB: 512, file: '/f', line: 3, why: 'slash',
  check: 'memory', step: 'disk', undone: ['a'], left: ['b'], place: 'vg0', bridge: 'br1', mac: '00:16:3e:00:00:01', host: 'b', from: '4.17', to: '4.16',
  differenceMs: 4000, tried: ['10.0.0.1'], hosts: ['c'], backend: 'basic_text', kind: 'vnc', version: 2, message: 'm', tool: 'flock', neededMiB: 9, guest: 'g', shell: 'electron', pid: 7,
  types: ['pv'], features: ['avx2'], grave: true, keymap: 'ja', guests: ['web'], group: 'vg0', volume: 'web', sizeMiB: 9, source: 's:/x', thing: 'br1', unfit: 'address',
  paths: ['/d'], domain: 'nas', vdevs: ['xvda'], vdev: 'xvda', lacks: ['nbd'], does: 'write',
  lastSeen: 'c', disks: ['/dev/sdb'], other: 'web', at: 1_778_000_000_000, minutes: 12,
}; // biome-ignore format: a table

/** Where a parameter means something else than in the other codes. */
const own: Partial<Record<ProblemCode, object>> = { 'move.drbd': { lacks: 'secondary' } };
const allOf = (code: ProblemCode) => ({ ...everything, ...own[code] });

describe.each(['ja', 'en'] as const)('problems in %s', (language) => {
  const words = { language, format: createFormat(language) };
  const codes = Object.keys(language === 'ja' ? problemsJa : problemsEn).filter((code): code is ProblemCode => code in problemsJa);
  test.each(codes)('%s says what happened and what to do', (code) => {
    const told = tellProblem({ code, effect: 'none', ...allOf(code) } as unknown as Problem, words); // has every parameter of every code
    expect(told.what.length).toBeGreaterThan(3);
    expect(told.next.length).toBeGreaterThan(2);
    expect(`${told.what}${told.next}`).not.toMatch(/undefined|NaN|\[object/);
  });
  test.each([
    ['bridge.missing', { there: 'down' }, /br1/],
    ['bridge.missing', { there: 'noUplink' }, /br1/],
    ['guard.notAsked', { copyOf: '/srv/golden.img' }, /golden\.img/],
    ['twin.disksUnknown', { disks: [] }, /web/],
    ['move.drbd', { lacks: 'apart' }, /\/d/],
    ['move.drbd', { lacks: 'stale' }, /\/d/],
    ['move.disksFailed', { said: '/srv/img: 120 MiB short' }, /\/srv\/img .*120 MiB/],
    ['move.disksFailed', { said: '.: 120 MiB short ' }, /\/var\/lib\/xenferry .*120 MiB/],
  ] as const)('%s with %j is another sentence', (code, more, names) => {
    const tell = (params: object) => tellProblem({ code, effect: 'none', ...params } as unknown as Problem, words);
    const told = tell({ ...allOf(code), ...more });
    expect(told.what).toMatch(names);
    expect([told.what, told.next]).not.toEqual([tell(allOf(code)).what, tell(allOf(code)).next]);
    expect(`${told.what}${told.next}`).not.toMatch(/undefined|NaN|\[object/);
  });
});

test('memory and time are read in a language’s own form', () => {
  expect(createFormat('ja').memory(1536)).toBe('1.5 GiB');
  expect(createFormat('en').memory(768)).toBe('768 MiB');
  expect(createFormat('ja').duration(1400)).toBe('1.4 秒');
  expect(createFormat('ja').ago(3000)).toBe('3 秒前');
});
