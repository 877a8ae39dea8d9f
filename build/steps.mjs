// Runs the steps of a test run one after the other, and counts what passed, failed and was skipped.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { root } from './ready.mjs';

/** In CI nothing may be skipped. */
export const inCi = process.env.CI === 'true' || process.env.CI === '1';

/** A count of outcomes; `skips` are the sentences of what was left out, `faults` name what failed. */
export function newCount() {
  return { passed: 0, failed: 0, skips: [], faults: [] };
}

/** Runs a Node program as one step: it passes or it fails. */
export async function step(count, name, words, more = {}) {
  process.stdout.write(`\n== ${name}\n`);
  const code = await run(process.execPath, words, more);
  if (code === 0) count.passed += 1;
  else {
    count.failed += 1;
    count.faults.push(name);
  }
  return code === 0;
}

/** Runs projects of vitest, and counts their tests one by one. */
export async function tests(count, name, projects, more = {}) {
  process.stdout.write(`\n== ${name}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'xenferry-tests-'));
  const report = join(folder, 'report.json');
  const words = [
    ...[join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...projects.flatMap((project) => ['--project', project])],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...(more.words ?? [])],
  ];
  const wrap = more.wrap ?? [];
  const code = await run(wrap[0] ?? process.execPath, [...wrap.slice(1), ...(wrap.length > 0 ? [process.execPath] : []), ...words], more);
  try {
    const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
    const faults = [];
    for (const file of testResults) {
      const path = relative(root, file.name);
      if (file.status === 'failed' && file.assertionResults.every((one) => one.status !== 'failed'))
        faults.push(`${path}: ${file.message.split('\n')[0]}`);
      for (const one of file.assertionResults) {
        const title = one.fullName.trim();
        if (one.status === 'passed') count.passed += 1;
        else if (one.status === 'failed') faults.push(`${path}: ${title}\n    ${(one.failureMessages[0] ?? '').split('\n')[0]}`);
        else count.skips.push(`${name}: ${title}`);
      }
    }
    // A fault outside of any test (an unhandled rejection) fails the run too.
    if (faults.length === 0 && code !== 0) faults.push(`${name}: outside of any test`);
    count.failed += faults.length;
    count.faults.push(...faults);
  } catch {
    count.failed += 1;
    count.faults.push(`${name}: no report`);
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Says what was skipped and what failed, and ends with the last line that CI reads. */
export function finish(count) {
  if (count.skips.length > 0) {
    process.stdout.write(`\nskipped${inCi ? ', which fails in CI' : ''}:\n${count.skips.map((line) => `  ${line}\n`).join('')}`);
    if (inCi) count.failed += count.skips.length;
  }
  if (count.faults.length > 0) process.stdout.write(`\nfailed:\n${count.faults.map((line) => `  ${line}\n`).join('')}`);
  process.stdout.write(`\n${count.passed} passed, ${count.failed} failed\n`);
  process.exit(count.failed === 0 && count.passed > 0 ? 0 : 1);
}

function run(command, words, more) {
  return new Promise((resolve) => {
    const child = spawn(command, words, { cwd: root, stdio: 'inherit', env: { ...process.env, ...more.env } });
    child.on('error', (error) => {
      process.stdout.write(`${command}: ${error.message}\n`);
      resolve(1);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
