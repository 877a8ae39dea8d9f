// npm test: installs what is missing, a browser included; then types, lint, unit, contract and browser tests, and real Electron's.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { needBuild, needNode, needPackages, root, say } from './ready.mjs';
import { finish, inCi, newCount, step, tests } from './steps.mjs';

needNode();
needPackages();
const { browserProgram } = await import('./browser.mjs');
const { electronProgram, hasDisplay } = await import('./electron.mjs');
const count = newCount();

await step(count, 'types', [join(root, 'node_modules/@typescript/native/bin/tsc'), '-b']);
await step(count, 'lint', [join(root, 'build/lint.mjs')]);
await tests(count, 'unit and page', ['unit', 'page']);
await tests(count, 'contract, simulated hosts', ['contract']);

needBuild();
const browser = await browserProgram({ fetch: true });
if (browser === null) say('no browser can be had here: the tests that need one are skipped');
if (electronProgram({ fetch: inCi }) === null) say("Electron's program is not here: the tests that need it are skipped");
const xvfb = !hasDisplay() && spawnSync('xvfb-run', ['--help'], { stdio: 'ignore' }).status === 0;
await tests(count, 'browser and Electron', ['e2e'], {
  env: browser ? { XENFERRY_BROWSER: browser } : {},
  wrap: xvfb ? ['xvfb-run', '-a', '-s', '-screen 0 1600x1000x24'] : [],
});
finish(count);
