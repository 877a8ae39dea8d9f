import { refuseName } from '../../../../electron/contract/guestName.ts';
import type { Host } from '../../../../electron/contract/host.ts';
import { type Problem, problem } from '../../../../electron/contract/problem.ts';
import { hostRefusal, type Values } from './values.ts';

/** The pages, in order. */
export const steps = ['what', 'where', 'howMuch', 'summary', 'check', 'making'] as const;
export type StepName = (typeof steps)[number];

/** What keeps a page from being left; null: nothing. Said beside Next, which is never greyed without it. */
export type Missing = { is: 'name' | 'image' | 'iso' | 'kernel' | 'disk' | 'host' | 'place' } | { is: 'problem'; problem: Problem } | null;

/** Whether this page is answered. */
export function missingOn(step: StepName, values: Values, hosts: readonly Host[]): Missing {
  switch (step) {
    case 'what':
      return missingWhat(values);
    case 'where': {
      const host = hosts.find((one) => one.id === values.hostId);
      if (!host) return { is: 'host' };
      const refusal = hostRefusal(values, host, hosts);
      if (refusal) return { is: 'problem', problem: refusal };
      return values.place === '' && values.beginning !== 'existing' ? { is: 'place' } : null;
    }
    case 'howMuch':
    case 'summary':
    case 'check':
    case 'making':
      return null;
  }
}

function missingWhat(values: Values): Missing {
  if (values.name.trim() === '') return { is: 'name' };
  const unsafe = refuseName(values.name);
  if (unsafe) return { is: 'problem', problem: unsafe };
  const path = { iso: values.iso, copy: values.image, network: values.kernel, existing: values.disk }[values.beginning];
  if (path === '') return { is: ({ iso: 'iso', copy: 'image', network: 'kernel', existing: 'disk' } as const)[values.beginning] };
  if (values.beginning === 'iso' && values.type !== 'hvm') return { is: 'problem', problem: problem('create.isoNeedsHvm', {}) };
  return null;
}

/** The first page that isn't answered; null: all are. */
export const firstMissing = (values: Values, hosts: readonly Host[]): StepName | null =>
  steps.find((step) => missingOn(step, values, hosts) !== null) ?? null;

/** Keys of the config that a page decides: shown in the help pane. */
export const keysOf: Record<StepName, readonly string[] | null> = {
  what: ['name', 'uuid', 'type', 'kernel', 'ramdisk', 'cmdline', 'bootloader', 'boot'],
  where: ['disk', 'vif'],
  howMuch: ['memory', 'vcpus', 'disk'],
  summary: null,
  check: null,
  making: null,
};

/** The lines of a config that set these keys; null: all. */
export function configLines(text: string, keys: readonly string[] | null): string {
  if (keys === null) return text.trimEnd();
  return text
    .split('\n')
    .filter((line) => keys.includes(line.split('=')[0]?.trim() ?? ''))
    .join('\n');
}
