import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

// What types and lint can't say about the shape of the program.
const root = resolve(import.meta.dirname, '..');
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'electron', 'renderer', 'build', 'tests'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /\.(ts|tsx|mjs|cjs|sh|css)$/.test(file) && !file.startsWith('tests/transcripts/'));
const read = (file: string) => readFileSync(resolve(root, file), 'utf8');
const code = files.filter((file) => /\.tsx?$/.test(file));
const product = code.filter((file) => !/\.test\.tsx?$|^tests\//.test(file));

/** Modules that a file imports, types left out. */
function importsOf(file: string): string[] {
  return [...read(file).matchAll(/^import (?!type )[^;]*?from '([^']+)'|^import '([^']+)'|import\('([^']+)'\)/gm)].map(
    (found) => found[1] ?? found[2] ?? found[3] ?? '',
  );
}

test('there is something to look at', () => {
  expect(product.length).toBeGreaterThan(100);
});

test('a file has one subject: none over 400 lines, the median under 110', () => {
  const lengths = product.map((file) => ({ file, lines: read(file).split('\n').length }));
  expect(lengths.filter((one) => one.lines > 400)).toEqual([]);
  const sorted = lengths.map((one) => one.lines).sort((a, b) => a - b);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(110);
});

/** A component's markup counts as lines too, and says the same in more of them. */
const mostLines = (file: string) => (file.endsWith('.tsx') ? 90 : 60);

test('a function stays short', () => {
  const long: string[] = [];
  for (const file of product.filter((one) => !one.endsWith('.d.ts'))) {
    const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      if (ts.isFunctionLike(node)) {
        // What a function holds inside itself by name has its own length.
        const lines = (one: ts.Node) =>
          source.getLineAndCharacterOfPosition(one.end).line - source.getLineAndCharacterOfPosition(one.getStart()).line + 1;
        if (lines(node) - innerLines(node, lines) > mostLines(file))
          long.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  expect(long).toEqual([]);
});

function innerLines(node: ts.Node, lines: (node: ts.Node) => number): number {
  let sum = 0;
  const visit = (inner: ts.Node): void => {
    if (ts.isFunctionLike(inner)) sum += lines(inner) - 1;
    else ts.forEachChild(inner, visit);
  };
  ts.forEachChild(node, visit);
  return sum;
}

test('a file is named after what it knows', () => {
  expect(files.filter((file) => /(^|\/)(utils?|helpers?|common|misc|shared)(\/|\.|$)/i.test(file))).toEqual([]);
  expect(code.filter((file) => /^index\.tsx?$/.test(basename(file)))).toEqual([]);
});

test('electron is imported in its shell only, ssh2 where links and simulated servers are', () => {
  const importers = (name: RegExp, home: RegExp) =>
    product.filter((file) => !home.test(file) && importsOf(file).some((one) => name.test(one)));
  expect(importers(/^electron(\/|$)/, /^electron\/(main|preload)\//)).toEqual([]);
  expect(importers(/^ssh2(\/|$)/, /^electron\/(engine\/ssh|demo)\//)).toEqual([]);
  expect(importers(/^(node:|fs$|path$|child_process$)/, /^electron\/|^build\//)).toEqual([]);
});

test('the engine takes the outside world from `world` only', () => {
  const engine = product.filter((file) => file.startsWith('electron/engine/') && !/\/(test[A-Z]\w*|\w+Test)\.ts$/.test(file));
  expect(engine.filter((file) => importsOf(file).some((one) => /^node:(fs|net|child_process|os|timers)/.test(one)))).toEqual([]);
  expect(
    engine.filter((file) => /\b(setTimeout|setInterval|Date\.now|Math\.random)\b/.test(read(file).replace(/\/\/.*|\/\*[\s\S]*?\*\//g, ''))),
  ).toEqual([]);
});

test('the contract imports nobody, and the page of the program only the contract', () => {
  const leaving = product
    .filter((file) => file.startsWith('electron/contract/'))
    .flatMap((file) => importsOf(file).filter((one) => one !== 'zod' && !one.startsWith('./')));
  expect(leaving).toEqual([]);
  const reaching = product
    .filter((file) => file.startsWith('renderer/'))
    .flatMap((file) => importsOf(file).filter((one) => /electron\/(?!contract\/)/.test(one)));
  expect(reaching).toEqual([]);
});

test('user text reaches a shell through one function', () => {
  const quoting = product.filter((file) => file.startsWith('electron/engine/') && /'\\\\''|\\'\\\\\\'\\'/.test(read(file)));
  expect(quoting).toEqual(['electron/engine/ssh/quote.ts']);
});
