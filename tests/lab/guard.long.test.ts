import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, problemOf } from '../contract/desk.ts';
import { clean, make, sharedGuest } from './localDisks.ts';
import { closeAll, domidOf, ended, folder, openEyes, seen, sh, sitDown } from './twoHosts.ts';

/** One disk, one guest: two real hosts that see the same volume and the same file on NFS. Uses tiny3, whose image lies there. */

let desk: Desk;
let [one, two] = ['', ''];
const image = '/srv/shared/images/tiny3.img';
const lease = '/srv/shared/images/.tiny3.img.xenferry-lease';
const tidy = async () => {
  await Promise.all([clean(1), clean(2)]);
  for (const n of [1, 2] as const) await sh(n, 'xl destroy tiny3; xl destroy d-other; rm -f /etc/xen/d-other.cfg; true');
  await sh(1, 'rm -f "$1"', lease);
};
const start = async (hostId: string, name: string, typedName: string | null = null) => {
  const guest = await desk.until(`${name} there`, () => desk.guest(hostId, name));
  const { taskId } = await desk.client.call('guest.start', { hostId, guestId: guest.guestId, typedName });
  return (await ended(desk, taskId)).outcome;
};

beforeAll(async () => {
  await openEyes();
  await tidy();
  const sat = await sitDown(await folder());
  desk = sat.desk;
  [one, two] = sat.ids;
});
afterAll(() => closeAll(tidy));

test('a guest that runs on one host is started on no other, neither by its name nor by its volume', async () => {
  await make(sharedGuest);
  await seen(desk, one, sharedGuest.name);
  const text = await sh(1, 'base64 -w0 </etc/xen/d-shared.cfg');
  await sh(2, 'printf %s "$1" | base64 -d >/etc/xen/d-shared.cfg', text);
  await seen(desk, two, sharedGuest.name, ['halted']);
  expect(await start(two, sharedGuest.name)).toMatchObject({ is: 'failed', problem: { code: 'guest.elsewhere', effect: 'none' } });
  // another guest with another card, and the same volume by another of its paths
  await sh(
    2,
    'lvchange -ay vgshared/d-shared; printf %s "$1" | base64 -d | sed -e "s/d-shared\\"/d-other\\"/" -e "s/00:16:3e:77:02/00:16:3e:77:04/" -e "s/^uuid.*/uuid = \\"7e0d15c5-0000-4000-8000-0000000000aa\\"/" -e "s,phy:/dev/vgshared/d-shared,phy:/dev/mapper/vgshared-d--shared," >/etc/xen/d-other.cfg; rm /etc/xen/d-shared.cfg',
    text,
  );
  expect(await start(two, 'd-other')).toMatchObject({ is: 'failed', problem: { code: 'guest.diskInUse', name: sharedGuest.name } });
  expect(await domidOf(2, 'd-other')).toBe('');
});

test('a start leaves a lease on the share, and a second XenFerry that knows only the other host asks for the name', async () => {
  expect(await start(one, 'tiny3')).toEqual({ is: 'done' });
  await seen(desk, one, 'tiny3');
  const machine = await sh(1, 'cat /etc/machine-id');
  expect(await sh(2, 'cat "$1"', lease)).toContain(`machine ${machine}`);
  const before = await sh(1, 'sha256sum <"$1"', lease);
  const { desk: other, ids } = await sitDown(await folder());
  const away = ids[0];
  await other.client.call('host.remove', { hostId: away });
  await other.until('it knows one host', () => !other.hosts.has(away));
  const guest = await other.until('tiny3 there', () => other.guest(ids[1], 'tiny3'));
  const refused = async (typedName: string | null) => {
    const called = other.client.call('guest.start', { hostId: ids[1], guestId: guest.guestId, typedName });
    const answer = await called.catch(() => null);
    if (!answer) return (await problemOf(called)).code;
    const { outcome } = await ended(other, answer.taskId);
    return outcome && 'problem' in outcome ? outcome.problem.code : outcome?.is;
  };
  expect(await refused(null)).toBe('guard.notAsked');
  expect(await refused('tiny')).toBe('guest.nameMismatch');
  expect(await domidOf(2, 'tiny3')).toBe('');
  expect(await sh(1, 'sha256sum <"$1"', lease)).toBe(before);
  other.close();
});

test('what a careless xl create starts on the other host is noticed on both', async () => {
  expect(await domidOf(1, 'tiny3')).not.toBe('');
  await sh(2, 'ls "$1" >/dev/null; xl create /etc/xen/tiny3.cfg >/dev/null', image);
  const warned = await desk.until('the warning', () => desk.guest(two, 'tiny3')?.warning && desk.guest(one, 'tiny3')?.warning);
  expect(warned).toMatchObject({ code: 'guard.twice', name: 'tiny3' });
  await sh(2, 'xl destroy tiny3');
  await desk.until('no warning', () => desk.guest(one, 'tiny3')?.warning === null);
});
