// Figures of watching a real Xen host: how soon a change made by someone else is in the mirror, and what watching costs.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root, say } from '../ready.mjs';
import { openCalls } from './calls.mjs';
import { addHost, median, once, onHost, sleep, sshWords, until } from './lab.mjs';

const host = 2;
const changes = Number(process.env.BENCH_CHANGES ?? 50);
const seconds = Number(process.env.BENCH_SECONDS ?? 120);
const names = [1, 2, 3, 4].map((number) => `bench${number}`);

export async function measure(tell) {
  spawnSync(join(root, 'lab/xenlab'), ['up', '2'], { stdio: ['ignore', 2, 2] });
  const data = mkdtempSync(join(tmpdir(), 'xenferry-bench-'));
  const words = [join(root, 'out/main/server.js'), '--data', data, '--token', 'bench-token'];
  const env = { ...process.env, HOME: data, SSH_AUTH_SOCK: '' };
  const server = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'], env });
  try {
    for (const name of names) await onHost(host, `cat >/etc/xen/${name}.cfg`, config(name));
    const [line] = await once(createInterface({ input: server.stdout }), 'line');
    const { address } = JSON.parse(line);
    await latency(tell, address);
    await cost(tell, address, server.pid);
  } finally {
    server.kill();
    await onHost(host, `for g in ${names.join(' ')}; do xl destroy $g; rm -f /etc/xen/$g.cfg; done 2>/dev/null; true`).catch(() => {});
    rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** Without a disk: nothing shared is touched. */
const config = (name) =>
  [
    `name = "${name}"`,
    'type = "pvh"',
    'kernel = "/var/lib/xen/boot/vmlinuz-tiny"',
    'ramdisk = "/var/lib/xen/boot/initrd-tiny"',
    `extra = "console=hvc0 quiet heartbeat=0 name=${name}"`,
    'memory = 80',
    '',
  ].join('\n');

/**
 * Someone else starts and stops a guest. A stop counts from the event that xenstore fires, heard by an observer of our own on the same
 * host; a start, which makes many events, from the end of `xl create`. Negative: in the mirror before the command came back.
 */
async function latency(tell, address) {
  const calls = await openCalls(address);
  const hostId = await addHost(calls, host);
  const seen = { running: null, halted: null };
  calls.feed('guest.watch', {}, (change) => {
    for (const one of change.is === 'all' ? change.items : change.is === 'put' ? [change.item] : []) {
      if (one.hostId !== hostId || one.name !== names[0]) continue;
      seen[one.state === 'halted' ? 'halted' : 'running'] = performance.now();
    }
  });
  await until(() => seen.halted, 120);
  const list = Number(
    await onHost(
      host,
      `read a _ </proc/uptime; for i in 1 2 3 4 5; do xl list >/dev/null; done; read b _ </proc/uptime; echo "$a $b" | awk '{print ($2-$1)/5*1000}'`,
    ),
  );
  const observer = spawn('ssh', ['-tt', ...sshWords(host), 'xenstore-watch @releaseDomain'], { stdio: ['pipe', 'pipe', 'ignore'] });
  let released = 0;
  observer.stdout.on('data', () => {
    released = performance.now();
  });
  const shell = spawn('ssh', [...sshWords(host), 'sh'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: shell.stdout });
  const run = async (command) => {
    shell.stdin.write(`${command} >/dev/null 2>&1; echo done\n`);
    await once(lines, 'line');
    return performance.now();
  };
  const beyond = [];
  for (let nth = 0; nth < changes / 2; nth++) {
    seen.running = null;
    const started = await run(`xl create /etc/xen/${names[0]}.cfg`);
    await until(() => seen.running, 60);
    beyond.push(seen.running - started - list);
    await sleep(3_000);
    seen.halted = null;
    await run(`xl destroy ${names[0]}`);
    await until(() => seen.halted, 60);
    beyond.push(seen.halted - released - list);
    await sleep(3_000);
  }
  observer.kill();
  shell.kill();
  calls.close();
  beyond.sort((a, b) => a - b);
  say(`watching: xl list takes ${Math.round(list)} ms there; beyond it, median ${Math.round(median(beyond))} ms`);
  tell('change in the mirror beyond one xl list, p95', beyond[Math.ceil(beyond.length * 0.95) - 1], 'ms', 300);
}

/** Four guests running. What runs over SSH on the host is counted by its sshd's control group: nobody else may use the lab meanwhile. */
async function cost(tell, address, pid) {
  await onHost(host, `for g in ${names.join(' ')}; do xl create /etc/xen/$g.cfg >/dev/null 2>&1; done; true`);
  const calls = await openCalls(address);
  calls.feed('figures.watch', {}, () => {});
  const hosts = await new Promise((told) => calls.feed('host.watch', {}, (change) => change.is === 'all' && told(change.items)));
  const idle = async (set) => {
    await set();
    await sleep(30_000);
    const [cpu, wire] = [await usage(), bytes(pid)];
    await sleep(seconds * 1000);
    return { cpu: (await usage()) - cpu, wire: (bytes(pid) - wire) / seconds / 1000 };
  };
  const shown = await idle(() => calls.call('app.visible', { visible: true }));
  const hidden = await idle(() => calls.call('app.visible', { visible: false }));
  for (const { id } of hosts) await calls.call('host.disconnect', { hostId: id });
  const nothing = await idle(async () => {});
  let bare = null;
  const xentop = await idle(async () => {
    bare = spawn('ssh', [...sshWords(host), 'xentop -b -d 2 >/dev/null'], { stdio: 'ignore' });
  });
  bare?.kill();
  await onHost(host, 'pkill -x xentop; true');
  calls.close();
  const top = xentop.cpu - nothing.cpu;
  tell('idle host, on the wire', shown.wire, 'kB/s', 2);
  tell('idle host, CPU time beside bare xentop', (shown.cpu - nothing.cpu) / top, 'ratio', 2);
  tell('idle host, CPU time while nobody looks beside while shown', (hidden.cpu - nothing.cpu) / (shown.cpu - nothing.cpu), 'ratio', 0.2);
}

/** Microseconds of CPU that everything under this host's sshd has had. */
async function usage() {
  return Number(/usage_usec (\d+)/.exec(await onHost(host, 'cat /sys/fs/cgroup/system.slice/ssh.service/cpu.stat'))?.[1]);
}

/** Bytes over all of a process's own connections, both ways. */
function bytes(pid) {
  const said = spawnSync('ss', ['-tinpH'], { encoding: 'utf8' }).stdout;
  let sum = 0;
  const lines = said.split('\n');
  for (const [nth, line] of lines.entries()) {
    if (!line.includes(`pid=${pid},`) || !/:22\d{3}\b/.test(line)) continue;
    for (const found of (lines[nth + 1] ?? '').matchAll(/bytes_(?:sent|received):(\d+)/g)) sum += Number(found[1]);
  }
  return sum;
}
