import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GuestSpec, guestSpec } from '../../electron/contract/creation.ts';
import { askHost } from '../../electron/engine/creation/answer.ts';
import { newMac, newUuid } from '../../electron/engine/creation/identity.ts';
import { creationJob, creationProblem, emptyTally, parseCreate, recoverCreation, tallied } from '../../electron/engine/creation/making.ts';
import { planOf } from '../../electron/engine/creation/plan.ts';
import { cancelJob, followJob, removeJobs, startJob } from '../../electron/engine/remote/jobs.ts';
import type { Remote } from '../../electron/engine/remote/remote.ts';
import { writeGuestConfig } from '../../electron/engine/xen/guestConfig.ts';
import { openLabRemote } from './labRemote.ts';

const clock = {
  now: () => Date.now(),
  after: (ms: number, then: () => void) => {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
  every: (ms: number, then: () => void) => {
    const timer = setInterval(then, ms);
    return () => clearInterval(timer);
  },
};
const random = { bytes: (count: number) => new Uint8Array(randomBytes(count)) };

const tiny = (name: string, more: Partial<GuestSpec> = {}): GuestSpec =>
  guestSpec.parse({
    name,
    type: 'pvh',
    source: {
      is: 'kernel',
      kernel: '/var/lib/xen/boot/vmlinuz-tiny',
      ramdisk: '/var/lib/xen/boot/initrd-tiny',
      cmdline: `console=hvc0 quiet name=${name.replace(/\W/g, '')} ip=10.77.0.180/24`,
    },
    disk: { is: 'volume', group: 'vg0', sizeMiB: 32 },
    memoryMiB: 80,
    vcpus: 1,
    bridge: 'xenbr0',
    autostart: true,
    ...more,
  });

describe('creating on a real host', () => {
  let remote: Remote;
  let close = () => {};
  beforeAll(async () => {
    ({ remote, close } = await openLabRemote(1));
  });
  afterAll(() => close());

  const planned = (spec: GuestSpec) =>
    planOf(spec, { uuid: newUuid(random), mac: newMac(random, new Set()) }, { autoFolder: '/etc/xen/auto' }, 'raw');
  const newId = () => `c-${randomBytes(6).toString('hex')}`;
  const start = async (spec: GuestSpec, id = newId()) => {
    const plan = planned(spec);
    const text = writeGuestConfig(plan.entries);
    const answer = await askHost(remote, plan, text);
    const more = { text, format: answer.from?.format ?? 'raw', sourceBytes: answer.from?.bytes ?? 0, startedAt: 0, leases: [] };
    await startJob(remote, creationJob(id, plan, more), spec.name);
    return { plan, id, answer };
  };
  const follow = async (id: string) => {
    let tally = emptyTally();
    const lines: string[] = [];
    const said = (what: { is: string; text?: string }) => {
      if (what.is !== 'line') return;
      lines.push(what.text ?? '');
      tally = tallied(tally, parseCreate(what.text ?? ''));
    };
    const end = await followJob(remote, id, { skipLines: 0, clock, said });
    return { end, lines, problem: end?.exit === null ? null : creationProblem(tally, end?.exit ?? null) };
  };
  const sh = async (text: string, ...args: string[]) => (await remote.program({ name: 'lab', text }, args)).stdout;

  it('makes a guest with a volume under an awkward name, and starts it; its files are as planned', async () => {
    const name = "c-o'n e$(id);日本";
    const { plan, id, answer } = await start(tiny(name));
    expect(answer.dryRun).toEqual({ exit: 0, said: '' });
    expect([...answer.taken]).toEqual([]);
    const { problem, lines } = await follow(id);
    try {
      expect(problem).toBeNull();
      expect(lines.at(-1)).toBe('ok');
      expect(await sh('xl domid "$1" && cat "$2" && readlink "$3"', name, plan.configFile, plan.autoLink ?? '')).toContain(plan.uuid);
      expect(await sh('lvs --noheadings -o lv_tags "$1"', plan.disk.is === 'volume' ? plan.disk.path : '')).not.toContain('xenferry');
      const again = await askHost(remote, plan, writeGuestConfig(plan.entries));
      expect([...again.taken].sort()).toEqual(['auto', 'config', 'disk', 'name']);
    } finally {
      await sh(
        'xl destroy "$1"; rm -f "$2" "$3"; lvremove -f -y "$4"',
        name,
        plan.configFile,
        plan.autoLink ?? '',
        plan.disk.is === 'volume' ? plan.disk.path : '',
      );
      await removeJobs(remote, [id]);
    }
  });

  it('undoes everything when xl refuses', async () => {
    const { plan, id } = await start(
      tiny('c-two', { memoryMiB: 16_000, disk: { is: 'file', directory: '/var/lib/xen/images', format: 'qcow2', sizeMiB: 16 } }),
    );
    const { problem } = await follow(id);
    await removeJobs(remote, [id]);
    expect(problem).toMatchObject({ code: 'create.stepFailed', step: 'start', left: [], effect: 'none' });
    expect(await sh('ls -a /etc/xen /etc/xen/auto /var/lib/xen/images; xl list', plan.configFile)).not.toMatch(/c-two|\.part/);
  });

  it('undoes what a kill -9 left, once somebody looks', async () => {
    const kernel = '/var/lib/xen/boot/vmlinuz-tiny';
    const copy = { is: 'copy', from: '/var/lib/xen/images/local2.img', kernel, ramdisk: null, cmdline: '' } as const;
    const id = newId();
    const killed = sh(
      'cd /var/lib/xenferry/jobs || exit; until grep -q . "$1"/made; do sleep 0.1; done 2>/dev/null; read -r pid _ <"$1"/pid; kill -9 -"$pid"',
      id,
    );
    await start(tiny('c-three', { source: copy, disk: { is: 'volume', group: 'vg0', sizeMiB: 64 } }), id);
    await killed;
    expect((await follow(id)).end?.exit).toBeNull();
    expect(await recoverCreation(remote, id)).toBe('recovered');
    const { problem, end } = await follow(id);
    await removeJobs(remote, [id]);
    expect(end?.exit).toBe(1);
    expect(problem).toMatchObject({ code: 'create.stepFailed', left: [] });
    expect(await sh('ls -a /etc/xen /etc/xen/auto; lvs vg0; ls /var/lib/xenferry/jobs')).not.toMatch(/c-three|\.part/);
  });

  it('cancels while the image is copied', async () => {
    const copy = { is: 'copy', from: '/dev/vg0/local1', kernel: '/var/lib/xen/boot/vmlinuz-tiny', ramdisk: null, cmdline: '' } as const;
    const { id } = await start(
      tiny('c-four', { source: copy, disk: { is: 'file', directory: '/var/lib/xen/images', format: 'raw', sizeMiB: 64 } }),
    );
    expect(await cancelJob(remote, id)).toBe('cancelled');
    const { lines, end } = await follow(id);
    await removeJobs(remote, [id]);
    expect(end?.exit).toBe(9);
    expect(lines.at(-1)).toBe('cancelled');
    expect(await sh('ls -a /etc/xen /var/lib/xen/images')).not.toMatch(/c-four|\.part/);
  });
});
