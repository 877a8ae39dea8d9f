import { ProblemError, problem } from '../../contract/problem.ts';
import checkText from '../remote/programs/create-check.sh?raw';
import type { Program, Remote } from '../remote/remote.ts';
import type { Plan } from './plan.ts';

/** The program that looks whether a guest could be made. */
export const createCheck: Program = { name: 'create-check', text: checkText };

/** What a host answers of a plan. */
export interface HostAnswer {
  /** null: xl info didn't say. */
  memoryMiB: number | null;
  taken: ReadonlySet<string>;
  bridgeMissing: boolean;
  /** null: no disk to be made; -1: there is no such place. */
  spaceMiB: number | null;
  from: { format: 'raw' | 'qcow2' | null; bytes: number; allocatedBytes: number } | null;
  readable: ReadonlySet<string>;
  toolMissing: boolean;
  dryRun: { exit: number; said: string };
}

/** Asks the host; changes nothing there. Problem: `output.unreadable`. */
export async function askHost(remote: Remote, plan: Plan, configText: string, signal?: AbortSignal): Promise<HostAnswer> {
  const { disk } = plan;
  const source = plan.spec.source.is === 'existing' ? plan.spec.source.disk : plan.copyOf;
  const words = [
    plan.spec.name,
    plan.configFile,
    plan.autoLink ?? '',
    plan.spec.bridge ?? '',
    ...diskWords(disk),
    source ?? '',
    ...plan.needed,
  ];
  const ran = await remote.program(createCheck, words, { stdin: configText, ...(signal ? { signal } : {}) });
  return parseAnswer(ran.stdout);
}

/** KIND and DISK as the programs take them. */
export function diskWords(disk: Plan['disk']): [kind: string, disk: string] {
  if (disk.is === 'none') return ['none', ''];
  return disk.is === 'file' ? [disk.format, disk.path] : ['volume', `${disk.group}/${disk.volume}`];
}

/** Reads what create-check said. */
export function parseAnswer(text: string): HostAnswer {
  const unreadable = (sample: string) =>
    new ProblemError(problem('output.unreadable', { what: 'create-check', sample: sample.slice(0, 400) }));
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.pop() !== 'ok') throw unreadable(text.slice(-400));
  const taken = new Set<string>();
  const readable = new Set<string>();
  const said: string[] = [];
  let memoryMiB: number | null = null;
  let spaceMiB: number | null = null;
  let from: HostAnswer['from'] = null;
  let bridgeMissing = false;
  let toolMissing = false;
  let exit: number | null = null;
  for (const line of lines) {
    const [word = '', first = '', second = '', third = ''] = line.split(' ');
    if (line.startsWith('|')) said.push(line.slice(1));
    else if (word === 'memory' && isNumber(first)) memoryMiB = Number(first);
    else if (word === 'taken' && first !== '') taken.add(first);
    else if (word === 'bridge') bridgeMissing = true;
    else if (word === 'tool') toolMissing = true;
    else if (word === 'space' && isNumber(first)) spaceMiB = Number(first);
    else if (word === 'from' && isNumber(second) && isNumber(third)) {
      const format = first === 'raw' || first === 'qcow2' ? first : null;
      from = { format, bytes: Number(second), allocatedBytes: Number(third) };
    } else if (word === 'file' && first === 'yes') readable.add(line.slice('file yes '.length));
    else if (word === 'end' && isNumber(second)) exit = Number(second);
    else if (!(word === 'file' && first === 'no') && word !== 'begin') throw unreadable(line);
  }
  if (exit === null) throw unreadable(text);
  const dryRun = {
    exit,
    said: said
      .filter((line) => !line.startsWith('Parsing config from'))
      .map(withoutFolder)
      .join('\n'),
  };
  return { memoryMiB, taken, bridgeMissing, spaceMiB, from, readable, toolMissing, dryRun };
}

/** The dry run reads a file of our own in /tmp: its name tells nobody anything. */
const withoutFolder = (line: string): string => line.replace(/\/tmp\/xenferry\.\w+\//g, '');
const isNumber = (word: string): boolean => /^-?\d+$/.test(word);
