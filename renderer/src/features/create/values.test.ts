import { describe, expect, it } from 'vitest';
import { guestSpec } from '../../../../electron/contract/creation.ts';
import { facts, guest, host, office, shape } from '../../testing/model.ts';
import { configLines, firstMissing, keysOf, missingOn } from './steps.ts';
import { type Chosen, hostRefusal, type Known, placesOf, specOf, valuesOf } from './values.ts';
import { firstWizard, isClear, wizardAfter } from './wizard.ts';

const known = (more: Partial<Known> = {}): Known => ({ ...office(), asked: null, ...more });
const iso = { path: '/srv/iso/debian.iso', sizeMiB: 600 };

describe('what the wizard recommends', () => {
  it('is a spec the contract takes, from the first moment', () => {
    const hosts = [host('a', { facts: facts({ isos: [iso] }) })];
    const values = valuesOf({}, known({ hosts, guests: [] }));
    expect(guestSpec.parse(specOf(values))).toMatchObject({ name: 'vm-1', type: 'hvm', source: { is: 'iso', iso: iso.path } });
    expect(firstMissing(values, hosts)).toBeNull();
  });

  it('is a name that is free, and the host with most memory, or the one it was asked for on', () => {
    const { hosts, guests } = office();
    const taken = [...guests, guest('tokyo', 'vm-1', 'halted', 512)];
    expect(valuesOf({}, { hosts, guests: taken, asked: null })).toMatchObject({ name: 'vm-2', hostId: 'tokyo' });
    expect(valuesOf({}, { hosts, guests: taken, asked: 'osaka' })).toMatchObject({ hostId: 'osaka' });
    // nagoya's link is lost
    expect(valuesOf({}, { hosts, guests: taken, asked: 'nagoya' })).toMatchObject({ hostId: 'tokyo' });
  });

  it('is a place that other hosts see too, before a larger one of its own', () => {
    const own = { is: 'volumeGroup', name: 'vg0', freeMiB: 900_000, totalMiB: 900_000, uuid: 'own', extentMiB: 4 } as const;
    const san = { is: 'volumeGroup', name: 'san', freeMiB: 1000, totalMiB: 900_000, uuid: 'san', extentMiB: 4 } as const;
    const hosts = [host('a', { facts: facts({ places: [own, san] }) }), host('b', { facts: facts({ places: [san] }) })];
    expect(placesOf(hosts[0] ?? host('a'), hosts).map((one) => one.id)).toEqual(['vg:san', 'vg:vg0']);
    expect(valuesOf({ hostId: 'a' }, known({ hosts })).place).toBe('vg:san');
  });

  it('is an image nobody uses', () => {
    const images = [
      { path: '/dev/vg0/disk', sizeMiB: 10, format: 'raw' as const },
      { path: '/srv/golden.qcow2', sizeMiB: 10, format: 'qcow2' as const },
    ];
    const hosts = [host('a', { facts: facts({ images }) })];
    const guests = [guest('a', 'user', 'running', 512, { live: shape('pvh', 512) })];
    expect(valuesOf({}, { hosts, guests, asked: null })).toMatchObject({ image: '/srv/golden.qcow2', format: 'qcow2', beginning: 'copy' });
  });

  it('fits a small host', () => {
    const values = valuesOf({}, known({ hosts: [host('a', { freeMemoryMiB: 600 })], guests: [] }));
    expect(values.size).toBe('own');
    expect(hostRefusal(values, host('a', { freeMemoryMiB: 600 }), [])).toBeNull();
  });
});

describe('what a host refuses', () => {
  const hosts = [
    host('big', { facts: facts({ isos: [iso] }) }),
    host('small', { freeMemoryMiB: 100 }),
    host('old', { facts: facts({ types: ['pv'] }) }),
    host('far', { link: { is: 'closed' } }),
  ];
  const codes = (chosen: Chosen) => {
    const values = valuesOf(chosen, known({ hosts, guests: [] }));
    return hosts.map((one) => hostRefusal(values, one, hosts)?.code ?? null);
  };
  it('is said by the first reason', () => {
    expect(codes({ beginning: 'iso', memoryMiB: 1024 })).toEqual([null, 'memory.short', 'create.typeMissing', 'host.notOpen']);
    expect(codes({ beginning: 'iso', memoryMiB: 50 })).toEqual([null, 'create.imageUnreadable', 'create.typeMissing', 'host.notOpen']);
  });
});

describe('the steps', () => {
  it('say what is missing, and are otherwise open', () => {
    const empty = valuesOf({ name: ' ' }, known());
    expect(missingOn('what', empty, [])).toEqual({ is: 'name' });
    expect(missingOn('what', { ...empty, name: 'x'.repeat(300) }, [])).toMatchObject({ problem: { code: 'config.unsafeName' } });
    expect(missingOn('what', { ...empty, name: 'web', beginning: 'existing' }, [])).toEqual({ is: 'disk' });
    expect(missingOn('what', { ...empty, name: 'web', beginning: 'iso', iso: '/x.iso', type: 'pvh' }, [])).toMatchObject({
      problem: { code: 'create.isoNeedsHvm' },
    });
    expect(missingOn('where', { ...empty, hostId: null }, [])).toEqual({ is: 'host' });
  });

  it('show the lines of the config they decide', () => {
    const text = 'name    = "web"\nmemory  = 512\ndisk    = [ "a=b" ]\n';
    expect(configLines(text, keysOf.howMuch)).toBe('memory  = 512\ndisk    = [ "a=b" ]');
    expect(configLines(text, null)).toBe(text.trimEnd());
  });

  it('make an earlier check worthless when anything changes, and keep all values after a failure', () => {
    const values = valuesOf({ name: 'web' }, known());
    let wizard = wizardAfter({ ...firstWizard, chosen: { name: 'web' } }, { is: 'check', values });
    wizard = wizardAfter(wizard, { is: 'said', checks: [{ what: 'name', verdict: 'warning', problem: null }], text: '' });
    expect([wizard.frozen, isClear(wizard.checked)]).toEqual([values, true]);
    expect(isClear(wizardAfter(wizard, { is: 'choose', chosen: { vcpus: 2 } }).checked)).toBe(false);
    wizard = wizardAfter(wizardAfter(wizard, { is: 'started', taskId: 't' }), { is: 'go', to: 'summary' });
    expect(wizard).toMatchObject({ step: 'summary', chosen: { name: 'web' }, taskId: null, frozen: null });
  });
});
