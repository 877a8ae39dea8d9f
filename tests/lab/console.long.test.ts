import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InputOf } from '../../electron/contract/api.ts';
import { byteStream } from '../../electron/contract/byteStream.ts';
import { nodeWorld } from '../../electron/world/nodeWorld.ts';
import { memorySecrets } from '../../electron/world/secrets.ts';
import { type Desk, openDesk, problemOf } from '../contract/desk.ts';
import { labFolder, labLimits, labPort, openLabRemote } from './labRemote.ts';

type Spec = InputOf<'creation.create'>['spec'];

/** Takes away all that a test made on both hosts, whatever became of it. */
const CLEAN = `for n in c-one c-two; do
  xl destroy "$n" 2>/dev/null; rm -f "/etc/xen/$n.cfg" "/etc/xen/auto/$n.cfg" "/var/lib/xen/images/$n.img"
  for v in vg0 vgshared; do lvremove -f -y "$v/$n" 2>/dev/null; done
done
for job in /var/lib/xenferry/jobs/*; do
  [ -e "$job/exit" ] && grep -q '"guestName":"c-' "$job/about" && rm -rf "$job"
done; true`;

describe('consoles of real guests', () => {
  let folder = '';
  let desk: Desk;
  const ids: string[] = [];
  beforeAll(async () => {
    await cleanBoth();
    folder = await mkdtemp(join(tmpdir(), 'xenferry-lab-'));
    const real = nodeWorld({ data: folder, version: '0', shell: 'server', secrets: memorySecrets() });
    // the operator's own ~/.ssh must not decide what this test sees
    desk = await openDesk({ ...real, desktop: { ...real.desktop, home: folder } }, labLimits);
    for (const host of [1, 2]) ids.push(await add(host));
  });
  afterAll(async () => {
    desk.close();
    await cleanBoth();
    await rm(folder, { recursive: true, force: true });
  });

  async function cleanBoth() {
    for (const host of [1, 2]) {
      const { remote, close } = await openLabRemote(host);
      await remote.program({ name: 'clean', text: CLEAN }, []);
      close();
    }
  }
  async function add(host: number): Promise<string> {
    const input = {
      label: `xen${host}`,
      address: '127.0.0.1',
      port: labPort(host),
      auth: { by: 'key', path: join(labFolder, 'lab_key') },
    } as const;
    const why = await problemOf(desk.client.call('host.add', { host: input }));
    if (why.code !== 'hostKey.unknown') throw new Error(why.code);
    const { hostId } = await desk.client.call('host.add', { host: input, accept: why.fingerprint });
    await desk.until(`guests of xen${host}`, () => desk.hosts.get(hostId)?.seenAt);
    return hostId;
  }
  const first = () => ids[0] ?? '';
  const second = () => ids[1] ?? '';
  const create = async (more: Partial<Spec> & { name: string }) => {
    const spec: Spec = {
      type: 'pvh',
      source: {
        is: 'kernel',
        kernel: '/var/lib/xen/boot/vmlinuz-tiny',
        ramdisk: '/var/lib/xen/boot/initrd-tiny',
        cmdline: `console=hvc0 quiet name=${more.name} ip=10.77.0.181/24`,
      },
      disk: { is: 'volume', group: 'vgshared', sizeMiB: 16 },
      memoryMiB: 80,
      vcpus: 1,
      bridge: 'xenbr0',
      autostart: false,
      ...more,
    };
    const { taskId } = await desk.client.call('creation.create', { hostId: first(), spec });
    const task = await desk.ended(taskId);
    expect(task.outcome).toEqual({ is: 'done' });
    return await desk.until('the guest', () => {
      const guest = desk.guest(first(), more.name);
      return guest?.live && guest.state !== 'paused' ? guest : null;
    });
  };
  const listen = async (guestId: string, kind: 'serial' | 'vnc') => {
    const { stream: name } = await desk.client.call('console.open', { hostId: first(), guestId, kind });
    const stream = byteStream(desk.join(name));
    const heard = { text: '', places: [] as string[], ended: undefined as string | null | undefined, stream };
    stream.onPlace((at, hostId) => heard.places.push(`${at} ${hostId === first() ? 1 : 2}`));
    stream.onEnd((why) => {
      heard.ended = why?.code ?? null;
    });
    stream.onBytes((bytes, taken) => {
      heard.text += Buffer.from(bytes).toString('latin1');
      taken();
    });
    return heard;
  };
  const seen = async (what: string, look: () => boolean, withinMs = 240_000) => {
    const until = Date.now() + withinMs;
    while (!look()) {
      if (Date.now() > until) throw new Error(`not seen: ${what}`);
      await new Promise((next) => setTimeout(next, 100));
    }
  };

  it('shows ticks, takes a line, and follows the guest through a reboot and a live migration', async () => {
    const guest = await create({ name: 'c-one' });
    const heard = await listen(guest.guestId, 'serial');
    await seen('ticks', () => /\[c-one\] tick \d+/.test(heard.text));
    heard.stream.send(Buffer.from('root\n'));
    await seen('the question for a password', () => heard.text.includes('assword'));

    heard.text = '';
    const reboot = await desk.client.call('guest.reboot', { hostId: first(), guestId: guest.guestId });
    expect((await desk.ended(reboot.taskId)).outcome).toEqual({ is: 'done' });
    await seen('ticks after the reboot', () => heard.places.slice(1).includes('joined 1') && /tick \d+/.test(heard.text));

    heard.text = '';
    const move = await desk.client.call('migration.start', { hostId: first(), guestId: guest.guestId, targetHostId: second() });
    expect((await desk.ended(move.taskId)).outcome).toEqual({ is: 'done' });
    await seen('the second host', () => heard.places.at(-1) === 'joined 2');
    heard.text = '';
    await seen('ticks from there', () => /tick \d+/.test(heard.text));
    expect(heard.ended).toBeUndefined();
    heard.stream.end(null);
    const { remote, close } = await openLabRemote(2);
    await remote.program({ name: 'clean', text: CLEAN }, []);
    close();
  });

  it('reaches the screen of an HVM guest', async () => {
    const guest = await create({
      name: 'c-two',
      type: 'hvm',
      memoryMiB: 160,
      disk: { is: 'file', directory: '/var/lib/xen/images', format: 'raw', sizeMiB: 16 },
    });
    const heard = await listen(guest.guestId, 'vnc');
    await seen('the handshake', () => heard.text.startsWith('RFB 003.0'));
    heard.stream.send(Buffer.from(heard.text.slice(0, 12)));
    await seen('its security types', () => heard.text.length > 12);
    const off = await desk.client.call('guest.forceOff', { hostId: first(), guestId: guest.guestId, typedName: 'c-two' });
    await desk.ended(off.taskId);
    await seen('the end', () => heard.ended !== undefined);
  });
});
