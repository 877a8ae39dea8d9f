import { expect, test } from 'vitest';
import type { Guest } from './guest.ts';
import type { Host } from './host.ts';
import { mayForceOff, mayMigrate, mayMoveStopped, mayRemove, mayStart, memoryNeededMiB } from './rules.ts';
import { guest, host } from './ruleTest.ts';

const shape = (more: Partial<NonNullable<Guest['live']>>) => ({ live: { ...(guest().live as NonNullable<Guest['live']>), ...more } });
const why = (...args: Parameters<typeof mayMigrate>) => {
  const verdict = mayMigrate(...args);
  return verdict.may ? 'may' : verdict.because.code;
};

test('a running PVH guest may move to a host that has what it needs', () => {
  expect(mayMigrate(guest(), host('a'), host('b'), [])).toEqual({ may: true });
});

test.each<[string, Guest, Host, Host, Guest[]]>([
  ['move.sameHost', guest(), host('a'), host('a'), []],
  ['host.notOpen', guest(), host('a'), host('b', { link: { is: 'closed' } }), []],
  ['host.readOnly', guest(), host('a'), host('b', {}, { toolstack: 'xapi' }), []],
  ['host.noXen', guest(), host('a'), host('b', {}, { toolstack: 'none' }), []],
  ['guest.busy', guest({ doing: { taskId: 't', kind: 'guest.start' } }), host('a'), host('b'), []],
  ['guest.leftover', guest({ leftover: 'incoming' }), host('a'), host('b'), []],
  ['move.paused', guest({ state: 'paused' }), host('a'), host('b'), []],
  ['guest.wrongState', guest({ state: 'crashed' }), host('a'), host('b'), []],
  ['guest.noConfig', guest({ state: 'halted', live: null }), host('a'), host('b'), []],
  ['name.taken', guest(), host('a'), host('b'), [guest({ guestId: 'other' })]],
  ['name.taken', guest(), host('a'), host('b'), [guest({ name: 'renamed' })]],
  ['mac.taken', guest(), host('a'), host('b'), [guest({ guestId: 'other', name: 'twin' })]],
  ['move.typeMissing', guest(), host('a'), host('b', {}, { types: ['pv'] }), []],
  ['move.pvNoShadow', guest({ type: 'pv' }), host('a'), host('b'), []],
  ['move.passthrough', guest(shape({ passthrough: true })), host('a'), host('b'), []],
  [
    'move.diskBackend',
    guest(
      shape({ disks: [{ target: '/dev/vg/a', vdev: 'xvda', format: 'raw', access: 'rw', cdrom: false, script: null, backend: 'nas' }] }),
    ),
    host('a'),
    host('b'),
    [],
  ],
  ['move.noMigrate', guest(shape({ noMigrate: true })), host('a'), host('b'), []],
  ['move.versionDown', guest(), host('a', {}, { xenVersion: '4.18.0' }), host('b'), []],
  ['move.vendor', guest(), host('a'), host('b', {}, { cpuVendor: 'AuthenticAMD' }), []],
  ['memory.short', guest(), host('a'), host('b', { freeMemoryMiB: 1000 }), []],
  ['bridge.missing', guest(), host('a'), host('b', {}, { bridges: [] }), []],
])('%s', (code, ...args) => {
  expect(why(...args)).toBe(code);
});

test('a PV guest may move where Xen has shadow paging', () => {
  expect(why(guest({ type: 'pv' }), host('a', {}, { shadow: true }), host('b'), [])).toBe('may');
});

const stored = (more: Partial<NonNullable<Guest['config']>> = {}, wanted: Partial<NonNullable<Guest['live']>> = {}) => ({
  file: '/etc/xen/mail.cfg',
  version: 'v',
  autostart: false,
  hasUuid: true,
  shape: { ...(guest().live as NonNullable<Guest['live']>), ...wanted },
  unreadable: null,
  ...more,
});
const runs = (more: Partial<Guest> = {}) => guest({ config: stored(), ...more });
const whyStopped = (...args: Parameters<typeof mayMoveStopped>) => {
  const verdict = mayMoveStopped(...args);
  return verdict.may ? 'may' : verdict.because.code;
};

test.each<[string, Guest, Host, Host]>([
  ['a PV guest without shadow paging', runs({ type: 'pv' }), host('a'), host('b')],
  ['to an older Xen', runs(), host('a', {}, { xenVersion: '4.18.0' }), host('b')],
  ['to another maker', runs(), host('a'), host('b', {}, { cpuVendor: 'AuthenticAMD' })],
  ['nomigrate', runs(shape({ noMigrate: true })), host('a'), host('b')],
  ['a device that its config does not name', runs(shape({ passthrough: true })), host('a'), host('b')],
  [
    'one that is halted already, wherever there is no memory',
    runs({ state: 'halted', live: null }),
    host('a'),
    host('b', { freeMemoryMiB: 1 }),
  ],
])('with a stop may move: %s', (_what, ...args) => {
  expect(whyStopped(...args, [])).toBe('may');
});

test.each<[string, Guest, Host, Host, Guest[]]>([
  ['guest.noConfig', guest(), host('a'), host('b'), []],
  ['config.unreadable', runs({ config: stored({ shape: null, unreadable: { line: 3, sample: '?' } }) }), host('a'), host('b'), []],
  ['move.passthrough', runs({ config: stored({}, { passthrough: true }) }), host('a'), host('b'), []],
  ['move.paused', runs({ state: 'paused' }), host('a'), host('b'), []],
  ['guest.wrongState', runs({ state: 'crashed' }), host('a'), host('b'), []],
  ['guest.busy', runs({ doing: { taskId: 't', kind: 'guest.start' } }), host('a'), host('b'), []],
  ['move.typeMissing', runs(), host('a'), host('b', {}, { types: ['pv'] }), []],
  ['memory.short', runs(), host('a'), host('b', { freeMemoryMiB: 1000 }), []],
  ['bridge.missing', runs(), host('a'), host('b', {}, { bridges: [] }), []],
  ['name.taken', runs(), host('a'), host('b'), [guest({ guestId: 'other' })]],
])('with a stop: %s', (code, ...args) => {
  expect(whyStopped(...args)).toBe(code);
});

test('two minor versions up and clocks apart are warnings, not refusals', () => {
  const verdict = mayMigrate(guest(), host('a'), host('b', {}, { xenVersion: '4.19.1', clockOffsetMs: 5000 }), []);
  expect(verdict).toMatchObject({ may: true, warnings: [{ code: 'move.versionStep' }, { code: 'move.clock' }] });
});

test.each([
  ['the same uplink', { name: 'xenbr0', up: true, ports: ['eno2'] }, null],
  ['down', { name: 'xenbr0', up: false, ports: ['eth0'] }, 'down'],
  ['without an uplink', { name: 'xenbr0', up: true, ports: [] }, 'noUplink'],
] as const)('a bridge of the same name at the target: %s', (_what, { name, up, ports }, there) => {
  const verdict = mayMigrate(guest(), host('a'), host('b', {}, { bridges: [{ name, up, ports: [...ports] }] }), []);
  const warnings = [{ code: 'bridge.missing', effect: 'none', bridge: 'xenbr0', where: 'b', there }];
  expect(verdict).toEqual(there ? { may: true, warnings } : { may: true });
  // from an inner bridge to an inner one nothing is lost
  const inner = { bridges: [{ name, up: false, ports: [] }] };
  expect(mayMigrate(guest(), host('a', {}, inner), host('b', {}, inner), [])).toEqual({ may: true });
});

test('the need of memory is the larger of now and most, and a little more', () => {
  expect(memoryNeededMiB(guest({ memoryMiB: 512 }))).toBeGreaterThan(1024);
});

test('start, force off and remove know their states', () => {
  const halted = guest({
    state: 'halted',
    live: null,
    domid: null,
    config: { file: '/etc/xen/mail.cfg', version: 'v', autostart: false, hasUuid: true, shape: null, unreadable: null },
  });
  expect(mayStart(halted, host('a')).may).toBe(true);
  expect(mayStart(halted, host('a', { freeMemoryMiB: 100 }))).toMatchObject({
    may: false,
    because: { code: 'memory.short', shortMiB: 924 },
  });
  expect(mayStart(guest(), host('a')).may).toBe(false);
  expect(mayRemove(halted, host('a')).may).toBe(true);
  expect(mayRemove(guest(), host('a')).may).toBe(false);
  expect(mayForceOff(guest({ state: 'crashed' }), host('a')).may).toBe(true);
  expect(mayForceOff(halted, host('a')).may).toBe(false);
  expect(mayForceOff(guest({ leftover: 'incoming' }), host('a')).may).toBe(false);
});
