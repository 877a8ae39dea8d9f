// 200 simulated hosts with 25 guests each, in a process of their own, watched by the real server shell and its page.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';
import { root, say } from '../ready.mjs';
import { openCalls } from './calls.mjs';
import { dragFrames } from './drag.mjs';

const hosts = Number(process.env.BENCH_HOSTS ?? 200);
const guests = Number(process.env.BENCH_GUESTS ?? 25);
const ticksPerSecond = 100;

export async function measure(tell) {
  const data = mkdtempSync(join(tmpdir(), 'xenferry-bench-'));
  const simulated = await start(process.execPath, [await simulator(), String(hosts), String(guests)], data);
  const server = await start(process.execPath, [join(root, 'out/main/server.js'), '--data', data, '--token', 'bench-token'], data);
  try {
    await measureThese(tell, simulated.said, server);
  } finally {
    server.child.kill();
    simulated.child.kill();
    rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function measureThese(tell, simulated, server) {
  const calls = await openCalls(server.said.address);
  const seen = watch(calls);
  await calls.call('app.visible', { visible: true });
  say(`many: reaching ${hosts} hosts with ${guests} guests each`);
  await addAll(calls, simulated);
  await until(() => seen.guests.size >= hosts * guests, 300);

  say('many: all links closed and opened again');
  for (const id of seen.links.keys()) await calls.call('host.disconnect', { hostId: id });
  await until(() => [...seen.links.values()].every((link) => link !== 'open'), 60);
  const closed = Date.now();
  for (const id of seen.links.keys()) calls.call('host.connect', { hostId: id }).catch(() => {});
  await until(() => [...seen.links.values()].every((link) => link === 'open'), 300);
  const open = performance.now();
  // Seen: the list of guests was read anew and is in the mirror.
  await until(() => [...seen.readAt.values()].every((at) => at > closed), 120);
  tell('rack complete after the links are open, 200 hosts', (performance.now() - open) / 1000, 's', 3);

  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const before = ticks(server.child.pid);
  const from = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  const spent = (ticks(server.child.pid) - before) / ticksPerSecond / ((performance.now() - from) / 1000);
  tell('engine, share of one core, 200 hosts, figures every 2 s', spent * 100, '%', 20);
  tell('engine, resident memory, 200 hosts', residentMB(server.child.pid), 'MB', 350);
  calls.close();
  await dragFrames(tell, server.said.address);
}

/** The simulator's own entry, built for this. */
async function simulator() {
  const outDir = join(root, 'node_modules/.cache/bench');
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: {
      ssr: join(root, 'electron/demo/main.ts'),
      outDir,
      target: 'node20',
      rollupOptions: {
        external: [/\.node$/, 'cpu-features'],
        output: { entryFileNames: 'hosts.mjs', banner: `const __dirname = ${JSON.stringify(outDir)};` },
      },
    },
    ssr: { noExternal: true },
  });
  return join(outDir, 'hosts.mjs');
}

/** A program that says one JSON line when it is ready. Its home is empty: nothing of the operator's is read or written. */
function start(command, words, home) {
  const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, HOME: home, SSH_AUTH_SOCK: '' } });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${words[0]} ended with ${code}`)));
    createInterface({ input: child.stdout }).once('line', (line) => resolve({ child, said: JSON.parse(line) }));
  });
}

function watch(calls) {
  const seen = { links: new Map(), readAt: new Map(), guests: new Set() };
  const host = (one) => {
    seen.links.set(one.id, one.link.is);
    seen.readAt.set(one.id, one.seenAt ?? 0);
  };
  calls.feed('host.watch', {}, (change) => {
    if (change.is === 'all') for (const one of change.items) host(one);
    else if (change.is === 'put') host(change.item);
  });
  const guest = (one) => seen.guests.add(one.key);
  calls.feed('guest.watch', {}, (change) => {
    if (change.is === 'all') for (const one of change.items) guest(one);
    else if (change.is === 'put') guest(change.item);
  });
  calls.feed('figures.watch', {}, () => {});
  return seen;
}

async function addAll(calls, { hosts: all, ports }) {
  const left = [...all];
  const one = async () => {
    for (let next = left.pop(); next; next = left.pop()) {
      await calls.call('host.add', {
        host: {
          label: next.label,
          address: '127.0.0.1',
          port: ports[next.address],
          user: next.user,
          auth: { by: 'password', password: next.password },
          tags: next.tags,
          remember: false,
        },
        accept: next.hostKeyFingerprint,
      });
    }
  };
  await Promise.all(Array.from({ length: 8 }, one));
}

async function until(holds, seconds) {
  const end = performance.now() + seconds * 1000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function ticks(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function residentMB(pid) {
  return (Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024) / 1e6;
}
