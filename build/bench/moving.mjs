// Figures of moving guests without shared storage, and of emptying a host, on real Xen: what a move waits for, and how busy the line is.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root, say } from '../ready.mjs';
import { openCalls } from './calls.mjs';
import { addHost, median, once, onHost, sleep, sshWords, until, watch } from './lab.mjs';
import { lineShares } from './line.mjs';

const moves = Number(process.env.BENCH_MOVES ?? 2);
const guests = Number(process.env.BENCH_GUESTS ?? 8);
const MIB = 1024 * 1024;
const DISK_MIB = Number(process.env.BENCH_DISK_MIB ?? 32);
const MEMORY_MIB = Number(process.env.BENCH_MEMORY_MIB ?? 80);
/** Of the bridge between the hosts. */
const port = 'eth1';
const names = Array.from({ length: guests }, (_, nth) => `bench${nth + 1}`);

export async function measure(tell) {
  spawnSync(join(root, 'lab/xenlab'), ['up', '2'], { stdio: ['ignore', 2, 2] });
  const data = mkdtempSync(join(tmpdir(), 'xenferry-bench-'));
  const words = [join(root, 'out/main/server.js'), '--data', data, '--token', 'bench-token'];
  const env = { ...process.env, HOME: data, SSH_AUTH_SOCK: '' };
  const server = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'], env });
  try {
    await tidy();
    const [line] = await once(createInterface({ input: server.stdout }), 'line');
    const calls = await openCalls(JSON.parse(line).address);
    const seen = watch(calls);
    const ids = { 1: await addHost(calls, 1), 2: await addHost(calls, 2) };
    if (moves > 0) await disks(tell, { calls, seen, ids });
    if (guests > 0) await emptying(tell, { calls, seen, ids });
    calls.close();
  } finally {
    server.kill();
    await tidy().catch(() => {});
    rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

const config = (name, more) =>
  [
    `name = "${name}"`,
    'type = "pvh"',
    'kernel = "/var/lib/xen/boot/vmlinuz-tiny"',
    'ramdisk = "/var/lib/xen/boot/initrd-tiny"',
    `memory = ${MEMORY_MIB}`,
    ...more,
    '',
  ].join('\n');
const withDisk = (name, disk, last) =>
  config(name, [
    `extra = "console=hvc0 quiet name=${name} ip=10.77.0.${last}/24"`,
    `disk = [ 'phy:${disk},xvda,w' ]`,
    `vif = [ 'mac=00:16:3e:77:03:${last % 100},bridge=xenbr0' ]`,
  ]);

async function tidy() {
  for (const host of [1, 2])
    await onHost(
      host,
      `for g in ${names.join(' ')} bench-own bench-shared; do xl destroy $g; rm -f /etc/xen/$g.cfg; done 2>/dev/null
      lvs --noheadings -o lv_name vg0 | while read -r v; do case $v in *bench-own*) lvremove -f -y vg0/$v ;; esac; done >/dev/null 2>&1
      for bin in /var/lib/xenferry/trash/*; do grep -q bench-own "$bin/manifest" 2>/dev/null && rm -rf "$bin"; done
      lvchange -an vgshared/bench-shared 2>/dev/null; true`,
    );
  await onHost(1, 'lvremove -f -y vgshared/bench-shared >/dev/null 2>&1; true');
}

async function move({ calls, seen, ids }, name, from, to) {
  const isIt = (one) => one.hostId === ids[from] && one.name === name && one.state === 'running';
  const found = await until(() => [...seen.guests.values()].find(isIt), 120);
  await sleep(10_000);
  const begun = performance.now();
  const { taskId } = await calls.call('migration.start', { hostId: ids[from], guestId: found.guestId, targetHostId: ids[to] });
  let phase = '';
  const task = await until(() => {
    const now = seen.tasks.get(taskId);
    const disks = now?.migration?.disks;
    const stands = now && [now.phase, disks && `round ${disks.rounds.length}`, disks?.comparing && 'comparing'].filter(Boolean).join(' ');
    if (now && stands !== phase) say(`moving: ${name} ${((performance.now() - begun) / 1000).toFixed(1)} s: ${stands}`);
    phase = stands ?? phase;
    return now?.outcome && now;
  }, 900);
  if (task.outcome.is !== 'done') throw new Error(JSON.stringify(task.outcome));
  const { wallMs, downtimeMs } = task.migration;
  say(`moving: ${name} ${from} to ${to}: ${wallMs / 1000} s, stood still ${downtimeMs} ms`);
  return { seconds: wallMs / 1000, pause: downtimeMs === null ? null : downtimeMs / 1000 };
}

/** A guest with a volume that both hosts see, and one whose volume is copied, in turn. */
async function disks(tell, desk) {
  const speed = await linkSpeed();
  tell('link between the hosts, by ssh', speed / MIB, 'MiB/s', null);
  await onHost(
    1,
    `for v in vg0/bench-own vgshared/bench-shared; do lvcreate -y -Wy -Zy -L ${DISK_MIB}m -n \${v#*/} \${v%/*} >/dev/null </dev/null; done
    dd if=/dev/urandom of=/dev/vg0/bench-own bs=1M seek=${DISK_MIB / 2} count=${DISK_MIB / 2} conv=notrunc,fsync 2>/dev/null`,
  );
  await onHost(1, 'cat >/etc/xen/bench-own.cfg', withDisk('bench-own', '/dev/vg0/bench-own', 131));
  await onHost(1, 'cat >/etc/xen/bench-shared.cfg', withDisk('bench-shared', '/dev/vgshared/bench-shared', 132));
  await onHost(1, 'for g in own shared; do xl create /etc/xen/bench-$g.cfg >/dev/null; done');
  await sleep(60_000); // hosts that were just added are still being looked at
  const figures = { own: [], shared: [] };
  let at = 1;
  for (let nth = 0; nth < moves; nth++) {
    const to = at === 1 ? 2 : 1;
    for (const which of ['shared', 'own']) figures[which].push(await move(desk, `bench-${which}`, at, to));
    at = to;
    // what was set aside would be the beginning of the way back: nothing would have to be copied
    for (const host of [1, 2])
      await onHost(
        host,
        `for bin in /var/lib/xenferry/trash/*; do grep -q bench-own "$bin/manifest" 2>/dev/null && rm -rf "$bin"; done
        lvs --noheadings -o lv_name vg0 | while read -r v; do case $v in *.xenferry* | *xenferry*bench-own*) lvremove -f -y vg0/$v ;; esac; done >/dev/null 2>&1; true`,
      );
  }
  for (const host of [1, 2]) await onHost(host, 'for g in own shared; do xl destroy bench-$g; done 2>/dev/null; true');
  const of = (which, what) => median(figures[which].map((one) => one[what]).filter((one) => one !== null));
  const pause = { shared: of('shared', 'pause'), own: of('own', 'pause') };
  tell('pause, shared disk', pause.shared, 's', null);
  tell('pause, disk copied', pause.own, 's', null);
  // of a guest that did not answer at its target within 20 s nobody knows the pause
  const known = pause.own !== null && pause.shared !== null;
  tell('pause, disk copied to shared', known ? pause.own / pause.shared : null, 'ratio', 2);
  tell('whole move, disk copied', of('own', 'seconds'), 's', null);
  tell(
    'whole move, to (disk + memory) by the speed of the link',
    (of('own', 'seconds') * speed) / ((DISK_MIB + MEMORY_MIB) * MIB),
    'ratio',
    1.3,
  );
}

/** Bytes a second that one ssh gets through, on a line that nobody else uses. */
async function linkSpeed() {
  spawnSync(join(root, 'lab/xenlab'), ['trust'], { stdio: ['ignore', 2, 2] });
  try {
    const took = [];
    for (let nth = 0; nth < 3; nth++)
      took.push(
        Number(
          await onHost(
            1,
            `read a _ </proc/uptime; head -c ${24 * MIB} /dev/urandom >/run/bench; read a _ </proc/uptime; ssh 10.77.0.2 'cat >/dev/null' </run/bench; read b _ </proc/uptime; rm /run/bench; echo "$a $b" | awk '{ print $2 - $1 }'`,
          ),
        ),
      );
    return (24 * MIB) / median(took);
  } finally {
    spawnSync(join(root, 'lab/xenlab'), ['untrust'], { stdio: ['ignore', 2, 2] });
  }
}

/** How much of the time in which a host is emptied the line to the other carries something, and how much of it on the whole. */
async function emptying(tell, { calls, seen, ids }) {
  for (const name of names) {
    // eight that count every second would leave the emulated host no time for anything else: these have nothing to do
    await onHost(1, `cat >/etc/xen/${name}.cfg`, config(name, ['extra = "console=hvc0 quiet rdinit=/bin/busybox -- sleep 1000000"']));
    await onHost(1, `xl create /etc/xen/${name}.cfg >/dev/null`);
    await until(() => [...seen.guests.values()].some((one) => one.name === name && one.state === 'running'), 180);
  }
  await sleep(30_000); // the last ones boot
  const plans = new Map();
  calls.feed('plan.watch', {}, (change) => {
    for (const one of change.is === 'all' ? change.items : change.is === 'put' ? [change.item] : []) plans.set(one.id, one);
  });
  const { planId } = await calls.call('plan.empty', { hostId: ids[1] });
  const plan = await until(() => plans.get(planId), 30);
  if (plan.steps.length !== guests) throw new Error(`${plan.steps.length} steps, ${JSON.stringify(plan.left)}`);
  const speed = await linkSpeed();
  const meter = spawnMeter();
  const began = performance.now();
  await calls.call('plan.run', { planId });
  await until(() => plans.get(planId).state === 'ended', guests * 300);
  const seconds = (performance.now() - began) / 1000;
  const sent = meter.end();
  const failed = plans.get(planId).steps.filter((step) => step.state.is !== 'done');
  if (failed.length > 0) throw new Error(JSON.stringify(failed));
  const { idle, mean } = lineShares(sent, speed);
  tell(`emptying a host of ${guests} guests`, seconds, 's', null);
  tell('emptying a host, share of the time in which the line is idle', idle, 'ratio', 0.15);
  tell('emptying a host, mean share of the speed of the line', mean, 'ratio', null);
}

/** What host 1 sends to the other, each second. */
function spawnMeter() {
  const sent = [];
  let last = null;
  const look = 'while sleep 1; do read up _ </proc/uptime; read tx </sys/class/net/PORT/statistics/tx_bytes; echo "$up $tx"; done';
  const child = spawn('ssh', [...sshWords(1), look.replace('PORT', port)], { stdio: ['ignore', 'pipe', 'ignore'] });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [up, bytes] = line.split(' ').map(Number);
    const before = last;
    last = { up, bytes };
    // a look that came late stands for as many seconds as it is late
    if (before) for (let nth = 0; nth < Math.round(up - before.up); nth++) sent.push((bytes - before.bytes) / (up - before.up));
  });
  return {
    end() {
      child.kill();
      return sent;
    },
  };
}
