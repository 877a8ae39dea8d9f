// npm run lint: style and mistakes (biome), who imports whom (dependency-cruiser), and what nobody uses (knip).
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './ready.mjs';

const node = (words, more = {}) => spawnSync(process.execPath, words, { cwd: root, stdio: 'inherit', ...more });
const bin = (path) => join(root, 'node_modules', path);

const outcomes = [
  node([bin('@biomejs/biome/bin/biome'), 'check', '.']).status === 0,
  cruise(),
  node([bin('knip/bin/knip.js'), '--config', 'build/knip.json']).status === 0,
];
process.exit(outcomes.every(Boolean) ? 0 : 1);

/** With a TypeScript it can't use, dependency-cruiser finds no modules and no violations: so the modules are counted too. */
function cruise() {
  const words = ['--config', 'build/depcruise.cjs', '--output-type', 'json', 'electron', 'renderer/src'];
  const ran = node([bin('dependency-cruiser/bin/dependency-cruise.mjs'), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 28,
  });
  if (!ran.stdout?.length) return false;
  const { summary } = JSON.parse(ran.stdout.toString());
  for (const one of summary.violations) process.stdout.write(`${one.rule.name}: ${one.from} -> ${one.to}\n`);
  process.stdout.write(`dependency-cruiser: ${summary.totalCruised} modules, ${summary.violations.length} violations\n`);
  return summary.violations.length === 0 && summary.totalCruised > 50;
}
