import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Change, Handlers } from '../../electron/contract/api.ts';
import type { Guest, HostSample } from '../../electron/contract/guest.ts';
import { ProblemError } from '../../electron/contract/problem.ts';
import type { Task } from '../../electron/contract/task.ts';
import { addDemoHosts } from '../../electron/demo/addDemoHosts.ts';
import { type Demo, startDemo } from '../../electron/demo/demo.ts';
import { demoWorld } from '../../electron/demo/demoWorld.ts';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import { limits } from '../../electron/engine/limits.ts';
import { nodeWorld } from '../../electron/world/nodeWorld.ts';

const { signal } = new AbortController();
let folder = '';
let demo: Demo;
let engine: Engine;
let handlers: Handlers;
const guests = new Map<string, Guest>();
const tasks = new Map<string, Task>();
const looks = new Set<() => void>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xenferry-guests-'));
  demo = await startDemo({ speed: 20 });
  engine = await createEngine(demoWorld(nodeWorld({ data: folder, version: '0', shell: 'server' }), demo), {
    ...limits,
    tickSeconds: 1,
    shutdownMs: 8_000,
  });
  handlers = engine.handlers;
  const keep =
    <T>(into: Map<string, T>, idOf: (item: T) => string) =>
    (change: Change<T>) => {
      if (change.is === 'all') for (const item of change.items) into.set(idOf(item), item);
      else if (change.is === 'put') into.set(idOf(change.item), change.item);
      else into.delete(change.id);
      for (const look of looks) look();
    };
  handlers['guest.watch'](
    {},
    keep(guests, (guest) => guest.key),
  );
  handlers['task.watch'](
    {},
    keep(tasks, (task) => task.id),
  );
  await addDemoHosts(engine, demo);
  await seen(() => new Set([...guests.values()].map((guest) => guest.hostId)).size === demo.hosts.length);
});
afterEach(async () => {
  engine.close();
  guests.clear();
  tasks.clear();
  await demo.close();
  await rm(folder, { recursive: true, force: true });
});

function seen<T>(what: () => T | null | undefined | false): Promise<T> {
  return new Promise((resolve) => {
    const look = () => {
      const found = what();
      if (!found) return;
      looks.delete(look);
      resolve(found);
    };
    looks.add(look);
    look();
  });
}
const named = (name: string): Guest => {
  const guest = [...guests.values()].find((one) => one.name === name);
  if (!guest) throw new Error(`no guest ${name} among ${[...guests.values()].map((one) => one.name).join(', ')}`);
  return guest;
};
const at = (name: string) => ({ hostId: named(name).hostId, guestId: named(name).guestId });
const ended = async (started: Promise<{ taskId: string }>): Promise<Task> => {
  const { taskId } = await started;
  return await seen(() => {
    const task = tasks.get(taskId);
    return task?.outcome ? task : null;
  });
};
const refusal = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'none';
  } catch (thrown) {
    return thrown instanceof ProblemError ? thrown.problem.code : String(thrown);
  }
};
const running = () => [...guests.values()].find((one) => one.state === 'running' && one.type !== 'hvm' && one.config) as Guest;

describe('guests of the simulated hosts', () => {
  it('shows running and halted guests once each, with figures', async () => {
    const states = new Set([...guests.values()].map((one) => one.state));
    expect(states.has('running') && states.has('halted')).toBe(true);
    expect(new Set([...guests.values()].map((one) => one.key)).size).toBe(guests.size);
    for (const guest of guests.values()) {
      if (guest.state === 'halted') expect([guest.domid, guest.live]).toEqual([null, null]);
      else expect(guest.live).not.toBeNull();
    }
    const sample = await new Promise<HostSample>((resolve) => {
      const undo = handlers['figures.watch']({}, (one) => {
        undo();
        resolve(one);
      });
    });
    expect(sample.dom0?.memoryMiB).toBeGreaterThan(0);
    expect(await handlers['figures.history']({ hostId: sample.hostId }, signal)).toContainEqual(sample);
  });

  it('shuts down, starts, reboots, pauses, resumes and forces off', async () => {
    const { name } = running();
    expect((await ended(handlers['guest.shutdown']({ ...at(name), acpi: false }, signal))).outcome).toEqual({ is: 'done' });
    expect(named(name).state).toBe('halted');
    expect(await refusal(handlers['guest.pause'](at(name), signal))).toBe('guest.wrongState');
    const started = handlers['guest.start'](at(name), signal);
    await started;
    expect(await refusal(handlers['guest.start'](at(name), signal))).toMatch(/guest\.(busy|wrongState)/);
    expect((await ended(started)).outcome).toEqual({ is: 'done' });
    const { domid } = named(name);
    expect(domid).not.toBeNull();
    await seen(() => named(name).state === 'running');
    expect((await ended(handlers['guest.reboot']({ ...at(name), acpi: false }, signal))).outcome).toEqual({ is: 'done' });
    expect(named(name).domid).not.toBe(domid);
    await seen(() => named(name).state === 'running');
    expect((await ended(handlers['guest.pause'](at(name), signal))).outcome).toEqual({ is: 'done' });
    expect(named(name).state).toBe('paused');
    expect((await ended(handlers['guest.resume'](at(name), signal))).outcome).toEqual({ is: 'done' });
    expect(named(name).state).toBe('running');
    expect(await refusal(handlers['guest.forceOff']({ ...at(name), typedName: 'other' }, signal))).toBe('guest.nameMismatch');
    expect((await ended(handlers['guest.forceOff']({ ...at(name), typedName: name }, signal))).outcome).toEqual({ is: 'done' });
    expect(named(name).state).toBe('halted');
  });

  it('sees what someone else does there, a pause too', async () => {
    const { name, hostId } = running();
    const address = demo.hosts.find((one) => one.label === engineLabel(hostId))?.address ?? '';
    demo.fault(address, { is: 'pauseGuest', name });
    await seen(() => named(name).state === 'paused');
    demo.fault(address, { is: 'destroyGuest', name });
    await seen(() => named(name).state === 'halted');
  });

  it('takes a guest to the trash and back, and writes its config', async () => {
    const { name } = running();
    await ended(handlers['guest.shutdown']({ ...at(name), acpi: false }, signal));
    const { hostId } = at(name);
    const { text, version } = await handlers['guest.readConfig'](at(name), signal);
    const wanted = !named(name).config?.autostart;
    await handlers['guest.setAutostart']({ ...at(name), autostart: wanted }, signal);
    expect(named(name).config?.autostart).toBe(wanted);
    await handlers['guest.writeConfig']({ ...at(name), text: `${text}# more\n`, version }, signal);
    expect(await refusal(handlers['guest.writeConfig']({ ...at(name), text, version }, signal))).toBe('config.changed');
    expect(await refusal(handlers['guest.writeConfig']({ ...at(name), text: 'x', version }, signal))).toBe('config.unreadable');
    const removed = await ended(handlers['guest.remove']({ ...at(name), typedName: name, disks: true }, signal));
    expect(removed.outcome).toEqual({ is: 'done' });
    expect([...guests.values()].filter((one) => one.hostId === hostId && one.name === name)).toEqual([]);
    const [entry] = await handlers['trash.list']({ hostId }, signal);
    expect(entry?.name).toBe(name);
    const back = await ended(handlers['trash.putBack']({ hostId, trashId: entry?.trashId ?? '' }, signal));
    expect(back.outcome).toEqual({ is: 'done' });
    expect((await handlers['guest.readConfig'](at(name), signal)).text).toBe(`${text}# more\n`);
    expect(named(name).config?.autostart).toBe(wanted);
  });
});

function engineLabel(hostId: string): string {
  let label = '';
  handlers['host.watch']({}, (change) => {
    if (change.is === 'all') label = change.items.find((one) => one.id === hostId)?.label ?? '';
  })();
  return label;
}
