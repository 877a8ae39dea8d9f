// npm run bench [-- --lab]: one JSON line a figure: {"figure","value","unit","goal","met"}. --lab: those that need real Xen hosts.
import { needBuild, needNode, needPackages, say } from './ready.mjs';

needNode();
needPackages();
needBuild();
const lab = process.argv.includes('--lab');
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const parts = lab ? ['lab', 'watching', 'moving'] : ['size', 'window', 'many'];
let missed = 0;

for (const part of parts) {
  if (wanted.length > 0 && !wanted.includes(part)) continue;
  const { measure } = await import(`./bench/${part}.mjs`);
  try {
    await measure(tell);
  } catch (error) {
    say(`${part}: ${error instanceof Error ? error.stack : error}`);
    missed += 1;
  }
}
process.exit(missed === 0 ? 0 : 1);

/** One figure. A goal is the most that is allowed; null: told, not judged. */
function tell(figure, value, unit, goal) {
  const met = goal === null ? null : value !== null && value <= goal;
  if (met === false) missed += 1;
  process.stdout.write(`${JSON.stringify({ figure, value: value === null ? null : Math.round(value * 1000) / 1000, unit, goal, met })}\n`);
}
