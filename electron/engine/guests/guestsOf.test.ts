import { describe, expect, it } from 'vitest';
import { capture } from '../remote/programTest.ts';
import { type Domain, type LiveDomain, readDomains, readLiveDomains } from '../xen/domains.ts';
import { readGuestConfig } from '../xen/guestConfig.ts';
import { differences, guestsOf } from './guestsOf.ts';
import type { Picture, SeenConfig } from './picture.ts';

const uuid = '9fa81fca-1354-45df-a606-d2d339d04e22';
const domain = (more: Partial<Domain>): Domain => ({
  domid: 4,
  name: 'web',
  uuid,
  memoryMiB: 80,
  vcpus: 1,
  state: 'running',
  cpuSeconds: 1,
  ...more,
});
const seen = (file: string, text: string, autostart = false): [string, SeenConfig] => [
  file,
  { file, version: 'v', autostart, config: readGuestConfig(text, file), unreadable: null },
];
const picture = (domains: Domain[], configs: [string, SeenConfig][] = [], more: Partial<Picture> = {}): Picture => ({
  domains,
  live: new Map(),
  configs: new Map(configs),
  names: new Map(),
  ...more,
});
const of = (what: Picture) => guestsOf('h', what, () => null);

describe('guests of a host', () => {
  it('joins the recorded lists; dom0 is no guest', () => {
    const { domains } = readDomains(capture('xl-list-v').stdout);
    const live = new Map((readLiveDomains(capture('xl-list-l').stdout) ?? []).map((one): [number, LiveDomain] => [one.domid, one]));
    const guests = of(picture(domains, [seen('/etc/xen/tiny1.cfg', 'name="tiny1"\ntype="pvh"')], { live }));
    expect(guests.map((one) => one.name).sort()).toEqual(['hvm1', 'local2', 'pv1', 'tiny1']);
    expect(guests.find((one) => one.name === 'tiny1')).toMatchObject({
      guestId: 'h:/etc/xen/tiny1.cfg',
      uuid,
      type: 'pvh',
      config: { hasUuid: false },
    });
    expect(guests.find((one) => one.name === 'pv1')).toMatchObject({ guestId: '14b46dd8-50e5-4c93-8168-774b7d636693', config: null });
  });

  it('keeps the identity of a guest whether it runs or not', () => {
    const named = seen('/etc/xen/web.cfg', 'name="web"');
    const owned = seen('/etc/xen/web.cfg', `name="web"\nuuid="${uuid.toUpperCase()}"`, true);
    for (const config of [named, owned]) {
      const [running] = of(picture([domain({})], [config]));
      const [halted] = of(picture([], [config]));
      expect(running?.guestId).toBe(halted?.guestId);
      expect([running?.state, halted?.state]).toEqual(['running', 'halted']);
    }
    expect(of(picture([], [owned]))[0]).toMatchObject({ guestId: uuid, uuid, config: { autostart: true, hasUuid: true } });
  });

  it('knows by UUID, not by name, a config that has one', () => {
    const guests = of(
      picture(
        [domain({})],
        [seen('/a', 'name="web"\nuuid="11111111-1111-4111-8111-111111111111"'), seen('/b', `name="renamed"\nuuid="${uuid}"`)],
      ),
    );
    expect(guests.map((one) => [one.name, one.state, one.config?.file])).toEqual([
      ['web', 'running', '/b'],
      ['web', 'halted', '/a'],
    ]);
  });

  it('shows a rebooting guest once, and a dying one by the name it had', () => {
    const dying = domain({ domid: 4, name: '(null)', state: 'dying' });
    expect(of(picture([dying, domain({ domid: 5 })]))).toMatchObject([{ domid: 5, name: 'web' }]);
    expect(of(picture([dying], [], { names: new Map([[uuid, 'web']]) }))).toMatchObject([{ domid: 4, name: 'web', state: 'dying' }]);
  });

  it('tells halves of a migration, with the config of the whole', () => {
    const guests = of(picture([domain({ name: 'web--migratedaway', state: 'paused' })], [seen('/a', 'name="web"')]));
    expect(guests).toMatchObject([{ leftover: 'migratedaway', config: { file: '/a' }, needsRestart: [] }]);
  });

  it('gives every guest a key of its own', () => {
    const same = `name="web"\nuuid="${uuid}"`;
    const guests = of(
      picture([domain({ domid: 4 }), domain({ domid: 9, name: 'twin' })], [seen('/a', same), seen('/b', same), seen('/c', same)]),
    );
    expect(new Set(guests.map((one) => one.key)).size).toBe(3);
  });

  it('shows a config it can not read, by its file', () => {
    const broken: SeenConfig = {
      file: '/etc/xen/x.cfg',
      version: 'v',
      autostart: false,
      config: null,
      unreadable: { line: 3, sample: '?' },
    };
    expect(of(picture([], [['/etc/xen/x.cfg', broken]]))).toMatchObject([
      { name: 'x', state: 'halted', config: { shape: null, unreadable: { line: 3 } } },
    ]);
  });
});

describe('what waits for a restart', () => {
  const config = readGuestConfig(
    'type="pvh"\nmemory=80\nkernel="/k"\nextra="q"\ndisk=["phy:/dev/a,xvda,w"]\nvif=["mac=00:16:3e:00:00:01","bridge=xenbr0"]',
    'f',
  ).shape;

  it('is nothing for a guest as it was started, where xl filled in what the config left open', () => {
    const [first, second] = config.nics;
    if (!first || !second) throw new Error('two cards');
    const live = {
      ...config,
      nics: [
        { ...first, bridge: 'xenbr0' },
        { ...second, mac: '00:16:3e:12:34:56' },
      ],
    };
    expect(differences(config, live)).toEqual([]);
  });

  it('names what differs', () => {
    expect(differences({ ...config, memoryMiB: 96 }, config)).toEqual(['memoryMiB']);
    expect(differences({ ...config, disks: [] }, config)).toEqual(['disks']);
    expect(differences({ ...config, nics: config.nics.slice(1) }, config)).toEqual(['nics']);
    expect(differences({ ...config, kernel: '/other', cmdline: null }, config)).toEqual(['kernel', 'cmdline']);
    expect(differences({ ...config, kernel: null, cmdline: null }, config)).toEqual([]); // a bootloader finds them
  });
});
