// Figures that need real Xen hosts: moves through XenFerry beside plain `xl migrate` of the same guest, three pairs in turn.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { root, say } from '../ready.mjs';
import { openCalls } from './calls.mjs';

const run = promisify(execFile);
const guest = process.env.BENCH_GUEST ?? 'tiny1';
const pairs = Number(process.env.BENCH_PAIRS ?? 3);
const key = join(process.env.XENLAB_DIR ?? join(homedir(), '.cache/xenlab'), 'lab_key');
const addressOf = (host) => `10.77.0.${host}`;
const xenlab = (...words) => run(join(root, 'lab/xenlab'), words, { timeout: 900_000 });

export async function measure(tell) {
  await xenlab('up', '2');
  await xenlab('trust'); // plain xl needs it; ours does without
  const data = mkdtempSync(join(tmpdir(), 'xenferry-bench-'));
  const server = spawn(process.execPath, [join(root, 'out/main/server.js'), '--data', data, '--token', 'bench-token'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = await once(createInterface({ input: server.stdout }), 'line');
    const calls = await openCalls(JSON.parse(line).address);
    await inTurn(tell, calls);
    calls.close();
  } finally {
    server.kill();
    await xenlab('untrust').catch(() => {});
    for (const host of [1, 2]) await onHost(host, `xl destroy ${guest} 2>/dev/null; true`).catch(() => {});
    rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function inTurn(tell, calls) {
  const seen = watch(calls);
  const ids = { 1: await addHost(calls, 1), 2: await addHost(calls, 2) };
  for (const host of [1, 2]) await onHost(host, `xl destroy ${guest} 2>/dev/null; true`);
  await onHost(1, `xl create /etc/xen/${guest}.cfg`);
  await sleep(15_000);
  const plain = [];
  const ours = [];
  let at = 1;
  for (let turn = 0; turn < pairs * 2; turn++) {
    const to = at === 1 ? 2 : 1;
    // plain first in one pair, ours first in the next: neither always has the same direction
    const isPlain = turn % 4 === 0 || turn % 4 === 3;
    const figure = isPlain ? await plainMove(at, to) : await ourMove(calls, seen, ids, at, to);
    say(`lab: ${isPlain ? 'plain xl' : 'XenFerry'} ${at} to ${to}: ${figure.seconds.toFixed(1)} s, longest gap ${figure.gap.toFixed(1)} s`);
    (isPlain ? plain : ours).push(figure);
    at = to;
    await sleep(10_000);
  }
  const of = (list, what) => median(list.map((one) => one[what]));
  tell('migration, plain xl, median wall time', of(plain, 'seconds'), 's', null);
  tell('migration, XenFerry, median wall time', of(ours, 'seconds'), 's', null);
  tell('migration, XenFerry to plain xl', of(ours, 'seconds') / of(plain, 'seconds'), 'ratio', 1.1);
  tell('migration, plain xl, median longest ping gap', of(plain, 'gap'), 's', null);
  tell('migration, XenFerry, median longest ping gap', of(ours, 'gap'), 's', null);
  tell('migration, longest ping gap beyond plain xl', of(ours, 'gap') - of(plain, 'gap'), 's', 1);
}

/** Wall time of `xl migrate` itself, on the source's own clock. */
async function plainMove(from, to) {
  const pings = await startPings(from, to);
  const said = await onHost(
    from,
    `read a _ </proc/uptime; xl migrate ${guest} ${addressOf(to)} 2>&1 || echo FAILED; read b _ </proc/uptime; echo "times $a $b"`,
  );
  const times = /times ([\d.]+) ([\d.]+)/.exec(said);
  if (!times || said.includes('FAILED')) throw new Error(said);
  await followConfig(from, to);
  return { seconds: Number(times[2]) - Number(times[1]), gap: await pings.end() };
}

/** xl leaves the config behind; the next move through XenFerry would find two. */
async function followConfig(from, to) {
  const text = await onHost(from, `cat /etc/xen/${guest}.cfg`);
  await onHost(to, `cat >/etc/xen/${guest}.cfg.new && mv /etc/xen/${guest}.cfg.new /etc/xen/${guest}.cfg`, text);
}

async function ourMove(calls, seen, ids, from, to) {
  const found = await until(
    () =>
      [...seen.guests.values()].find((one) => one.hostId === ids[from] && one.name === guest && ['running', 'blocked'].includes(one.state)),
    120,
  );
  const pings = await startPings(from, to);
  const { taskId } = await calls.call('migration.start', { hostId: ids[from], guestId: found.guestId, targetHostId: ids[to] });
  const task = await until(() => seen.tasks.get(taskId)?.outcome && seen.tasks.get(taskId), 600);
  if (task.outcome.is !== 'done') throw new Error(JSON.stringify(task.outcome));
  return { seconds: task.migration.wallMs / 1000, gap: await pings.end() };
}

/** The same observer for both ways: the target, five echoes a second. */
async function startPings(_from, to) {
  const address = `10.77.0.${100 + Number(guest.at(-1))}`;
  const child = spawn('ssh', [...sshWords(to), `ping -n -D -i 0.2 ${address}`], { stdio: ['ignore', 'pipe', 'ignore'] });
  const replies = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const reply = /^\[([\d.]+)\] \d+ bytes from/.exec(line);
    if (reply) replies.push(Number(reply[1]));
  });
  await until(() => replies.length > 10, 60);
  return {
    async end() {
      const before = replies.length;
      await until(() => replies.length > before + 10, 60);
      child.kill();
      return Math.max(...replies.slice(1).map((at, nth) => at - replies[nth]));
    },
  };
}

export function watch(calls) {
  const guests = new Map();
  const tasks = new Map();
  const into = (map, idOf) => (change) => {
    if (change.is === 'all') for (const item of change.items) map.set(idOf(item), item);
    if (change.is === 'put') map.set(idOf(change.item), change.item);
    if (change.is === 'gone') map.delete(change.id);
  };
  calls.feed(
    'guest.watch',
    {},
    into(guests, (one) => one.key),
  );
  calls.feed(
    'task.watch',
    {},
    into(tasks, (one) => one.id),
  );
  return { guests, tasks };
}

export async function addHost(calls, host) {
  const input = { label: `xen${host}`, address: '127.0.0.1', port: 22_000 + host, user: 'root', auth: { by: 'key', path: key } };
  const why = await calls.call('host.add', { host: input }).then(
    () => ({}),
    (error) => error.problem ?? {},
  );
  return (await calls.call('host.add', { host: input, accept: why.fingerprint ?? null })).hostId;
}

export const sshWords = (host) => [
  '-i',
  key,
  '-p',
  String(22_000 + host),
  '-o',
  'StrictHostKeyChecking=no',
  '-o',
  'UserKnownHostsFile=/dev/null',
  '-o',
  'LogLevel=ERROR',
  '-o',
  'ConnectTimeout=60',
  'root@127.0.0.1',
];

export function onHost(host, text, stdin = '') {
  return new Promise((resolve, reject) => {
    const child = execFile('ssh', [...sshWords(host), text], { timeout: 600_000 }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
    child.stdin.end(stdin);
  });
}

export async function until(found, seconds) {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = found();
    if (answer) return answer;
    if (performance.now() > end) throw new Error(`not seen within ${seconds} s: ${found}`);
    await sleep(50);
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const once = (emitter, event) => new Promise((resolve) => emitter.once(event, (...all) => resolve(all)));
export const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? null;
