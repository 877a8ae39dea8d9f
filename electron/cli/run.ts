import { readFile } from 'node:fs/promises';
import type { Guest } from '../contract/guest.ts';
import { problemOf } from '../contract/problem.ts';
import { transport } from '../contract/transport.ts';
import { addHost } from './addHost.ts';
import { type Asked, choiceOf, numberOf, textOf, timeOf } from './arguments.ts';
import { callByName, feedByName } from './byName.ts';
import { type Desk, isSettled } from './desk.ts';
import { diskWishesOf } from './diskWishes.ts';
import { exits } from './exits.ts';
import { findGuest, findHost } from './find.ts';
import { follow, type Interrupts } from './follow.ts';
import { guestRows, historyRows, hostRows, tellChecks } from './lists.ts';
import { refuse } from './refusal.ts';
import { specOf } from './spec.ts';
import { hindranceOf, type Teller } from './teller.ts';
import type { Terminal } from './terminal.ts';

/** All that a command has to do with. */
export interface Sitting {
  desk: Desk;
  teller: Teller;
  terminal: Terminal;
  interrupts: Interrupts;
  /** How long hosts are waited for. */
  waitMs: number;
  /** Resolves when all saved hosts are known to the engine. */
  known(): Promise<void>;
  /** Somebody is being asked something, so that waiting goes on. */
  asking(): boolean;
}

/** Does what was asked; how to exit. */
export async function run(sitting: Sitting, asked: Asked & { command: Exclude<Asked['command'], 'help'> }): Promise<number> {
  switch (asked.command) {
    case 'hosts':
      return await listHosts(sitting);
    case 'add':
      return await addHost(sitting, asked);
    case 'list':
      return await listGuests(sitting);
    case 'start':
      return await start(sitting, asked);
    case 'shutdown':
    case 'reboot': {
      const name = `guest.${asked.command}` as const;
      return await onGuest(sitting, asked, (at) => sitting.desk.client.call(name, { ...at, acpi: asked.flags.has('acpi') }));
    }
    case 'pause':
      return await onGuest(sitting, asked, (at) => sitting.desk.client.call('guest.pause', at));
    case 'unpause':
      return await onGuest(sitting, asked, (at) => sitting.desk.client.call('guest.resume', at));
    case 'destroy':
      return await onGuest(sitting, asked, async (at, guest) =>
        sitting.desk.client.call('guest.forceOff', { ...at, typedName: await typedName(sitting, asked, guest) }),
      );
    case 'remove':
      return await onGuest(sitting, asked, async (at, guest) =>
        sitting.desk.client.call('guest.remove', {
          ...at,
          typedName: await typedName(sitting, asked, guest),
          disks: asked.flags.has('disks'),
        }),
      );
    case 'migrate':
      return await migrate(sitting, asked);
    case 'create':
      return await create(sitting, asked);
    case 'history':
      return await listHistory(sitting, asked);
    case 'call':
      return await callByName(sitting, asked, () => settle(sitting));
    case 'feed':
      return await feedByName(sitting, asked);
  }
}

/** Waits until it is known of each host what it has, or why not; says the latter. */
async function settle({ desk, teller, waitMs, known, asking }: Sitting): Promise<void> {
  await known();
  while (!(await desk.until(() => [...desk.hosts.values()].every(isSettled), waitMs)) && asking());
  for (const host of desk.hosts.values()) {
    const why = hindranceOf(host);
    if (why) teller.problem(why, host.label);
  }
}

async function listHosts(sitting: Sitting): Promise<number> {
  const { desk, teller } = sitting;
  await settle(sitting);
  const hosts = [...desk.hosts.values()].sort((a, b) => a.label.localeCompare(b.label));
  if (teller.json) teller.answer(hosts);
  else teller.table(hostRows(hosts, teller.words));
  return exits.done;
}

async function listGuests(sitting: Sitting): Promise<number> {
  const { desk, teller } = sitting;
  await settle(sitting);
  const labels = labelsOf(desk);
  const order = (one: Guest) => `${one.name}\n${labels(one.hostId)}`;
  const guests = [...desk.guests.values()].sort((a, b) => order(a).localeCompare(order(b)));
  if (teller.json) teller.answer(guests.map((one) => ({ ...one, hostLabel: labels(one.hostId) })));
  else teller.table(guestRows(guests, labels, teller.words));
  return exits.done;
}

async function listHistory(sitting: Sitting, asked: Asked): Promise<number> {
  const { desk, teller, known } = sitting;
  await known();
  const tasks = await desk.client.call('history.list', { limit: numberOf(asked, 'limit') });
  if (teller.json) teller.answer(tasks);
  else teller.table(historyRows(tasks, labelsOf(desk), teller.words));
  return exits.done;
}

const labelsOf = (desk: Desk) => (hostId: string | null) => desk.hosts.get(hostId ?? '')?.label ?? '?';

type Started = Promise<{ taskId: string }>;
type At = { hostId: string; guestId: string };

async function onGuest(sitting: Sitting, asked: Asked, start: (at: At, guest: Guest) => Started): Promise<number> {
  const guest = await guestOf(sitting, asked);
  const { taskId } = await start({ hostId: guest.hostId, guestId: guest.guestId }, guest);
  return await follow(sitting, taskId);
}

async function start(sitting: Sitting, asked: Asked): Promise<number> {
  const { hostId, guestId, name } = await guestOf(sitting, asked);
  return await guarded(sitting, asked, name, (typedName) => sitting.desk.client.call('guest.start', { hostId, guestId, typedName }));
}

/** What lets a guest run: where hosts could not be asked whether it does already, it is told which, and its name asked for. */
async function guarded(sitting: Sitting, asked: Asked, name: string, send: (typedName: string | null) => Started): Promise<number> {
  const started = await send(asked.yes).catch((thrown: unknown) => {
    const why = problemOf(thrown);
    if (why.code !== 'guard.notAsked') throw thrown;
    sitting.teller.problem(why, name);
    return null;
  });
  if (started) {
    const exit = await follow(sitting, started.taskId);
    const outcome = sitting.desk.tasks.get(started.taskId)?.outcome;
    if (outcome?.is !== 'failed' || outcome.problem.code !== 'guard.notAsked') return exit;
  }
  const typed = await typedName(sitting, asked, { name });
  return await follow(sitting, (await send(typed)).taskId);
}

/** The guest that is meant. All hosts are heard first: only so is it known that there is no other of this name. */
async function guestOf(sitting: Sitting, { words: [word = ''] }: Asked): Promise<Guest> {
  await settle(sitting);
  const { guests, hosts } = sitting.desk;
  return findGuest(word, [...guests.values()], [...hosts.values()]);
}

/** What the operator says its name is; whether it is, the engine says. */
async function typedName({ terminal, teller }: Sitting, asked: Asked, guest: Pick<Guest, 'name'>): Promise<string> {
  if (asked.yes !== null) return asked.yes;
  if (!terminal.asks) return refuse('nameNeeded', { name: guest.name });
  if (asked.command === 'destroy') teller.say('forceOff.text');
  if (asked.command === 'remove') teller.say('remove.text');
  return (await terminal.ask(`${teller.words.say('common.typeName', { name: guest.name })}: `, true)) ?? '';
}

async function migrate(sitting: Sitting, asked: Asked): Promise<number> {
  const { desk, teller } = sitting;
  const guest = await guestOf(sitting, asked);
  const { hostId, guestId, name } = guest;
  const targetHostId = findHost(asked.words[1] ?? '', [...desk.hosts.values()]).id;
  const via = choiceOf(asked, 'via', transport.options) ?? null;
  const save = asked.flags.has('save');
  const stop = save || asked.flags.has('stop');
  const at = timeOf(asked, 'at') ?? null;
  const wishes = diskWishesOf(asked, guest);
  if (asked.flags.has('check')) {
    const looked = await desk.client.call('migration.check', { hostId, guestId, targetHostId, transport: via, ...wishes });
    if (teller.json) teller.answer(looked);
    const way = (save ? looked.saved : stop ? looked.stopped : null) ?? looked;
    return tellChecks(way.checks, teller) ? exits.done : exits.failed;
  }
  const pingAddress = textOf(asked, 'ping') ?? null;
  return await guarded(sitting, asked, name, (typedName) =>
    desk.client.call('migration.start', {
      hostId,
      guestId,
      targetHostId,
      pingAddress,
      typedName,
      transport: via,
      stop,
      save,
      at,
      ...wishes,
    }),
  );
}

async function create(sitting: Sitting, asked: Asked): Promise<number> {
  const { desk, teller } = sitting;
  const spec = specOf(asked, await specGiven(sitting, textOf(asked, 'spec')));
  const named = textOf(asked, 'host') ?? refuse('optionMissing', { command: 'create', option: '--host' });
  await settle(sitting);
  const hostId = findHost(named, [...desk.hosts.values()]).id;
  if (asked.flags.has('check')) {
    const looked = await desk.client.call('creation.check', { hostId, spec });
    if (teller.json) teller.answer(looked);
    const good = tellChecks(looked.checks, teller);
    if (!teller.json) teller.text(`\n${looked.text}`);
    return good ? exits.done : exits.failed;
  }
  return await guarded(sitting, asked, spec.name, (typedName) => desk.client.call('creation.create', { hostId, spec, typedName }));
}

async function specGiven({ terminal }: Sitting, file: string | undefined): Promise<Record<string, unknown>> {
  if (file === undefined) return {};
  const text = file === '-' ? await terminal.readAll() : await readFile(file, 'utf8').catch(() => refuse('noFile', { file }));
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return { ...read };
  } catch {
    // said below
  }
  return refuse('notJson', { where: '--spec' });
}
