import { tellProblem } from '../../renderer/src/words/problems/tell.ts';
import type { Words } from '../../renderer/src/words/words.ts';
import type { Check } from '../contract/creation.ts';
import type { Guest } from '../contract/guest.ts';
import type { Host } from '../contract/host.ts';
import type { Task } from '../contract/task.ts';
import type { Teller } from './teller.ts';

// What is shown as a table, each with its head.

type Rows = string[][];
type Labels = (hostId: string | null) => string;

export function hostRows(hosts: readonly Host[], { say, format }: Words): Rows {
  const head = [say('host.label'), say('host.address'), say('guests.state'), say('facts.xen'), say('facts.memory')];
  const rows = hosts.map(({ label, address, port, link, facts, freeMemoryMiB }) => {
    const free = freeMemoryMiB ?? facts?.freeMemoryMiB;
    return [
      label,
      port === 22 ? address : `${address}:${port}`,
      say(`link.${link.is}`),
      facts?.xenVersion ?? '',
      facts && free !== undefined ? `${say('rack.free', { free: format.memory(free) })} / ${format.memory(facts.totalMemoryMiB)}` : '',
    ];
  });
  return [head, ...rows];
}

/** In the order of `xl list`: by name, and then by host. */
export function guestRows(guests: readonly Guest[], labels: Labels, { say, format }: Words): Rows {
  const head = ['name', 'host', 'state', 'memory', 'vcpus', 'type'] as const;
  const rows = guests.map((one) => [
    one.name,
    labels(one.hostId),
    say(`state.${one.leftover ?? one.state}`),
    format.memory(one.memoryMiB),
    String(one.vcpus),
    one.type ? say(`type.${one.type}`) : '',
    one.domid === null ? '' : String(one.domid),
    one.uuid ?? '',
  ]);
  return [[...head.map((id) => say(`guests.${id}`)), say('inspect.domid'), say('inspect.uuid')], ...rows];
}

export function historyRows(tasks: readonly Task[], labels: Labels, words: Words): Rows {
  const { say, format } = words;
  const head = ['when', 'what', 'guest', 'where', 'outcome', 'took'] as const;
  const rows = tasks.map((task) => {
    const where = task.targetHostId
      ? say('tasks.fromTo', { from: labels(task.hostId), to: labels(task.targetHostId) })
      : labels(task.hostId);
    const why = task.outcome && 'problem' in task.outcome ? ` (${tellProblem(task.outcome.problem, words).what})` : '';
    return [
      format.dateTime(task.startedAt),
      say(`task.${task.kind}`),
      task.guestName,
      where,
      `${task.outcome ? say(`outcome.${task.outcome.is}`) : ''}${why}`,
      task.endedAt === null ? '' : format.duration(task.endedAt - task.startedAt),
    ];
  });
  return [head.map((id) => say(`history.${id}`)), ...rows];
}

/** Tells checks made before anything is written; whether nothing is against it. */
export function tellChecks(checks: readonly Check[], teller: Teller): boolean {
  if (!teller.json) teller.table(checks.map(teller.checkRow));
  return checks.every((one) => one.verdict !== 'bad');
}
