import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Plan } from '../../electron/contract/plan.ts';
import type { Desk } from '../contract/desk.ts';
import { clean } from './localDisks.ts';
import { closeAll, domidOf, folder, MOVE_MS, openEyes, seen, sh, sitDown } from './twoHosts.ts';

/** A real host is emptied of three guests and filled again, with the program started anew on the way. Guests of this file's own. */

let desk: Desk;
let data = '';
let [one, two] = ['', ''];
const names = ['d-plan1', 'd-plan2', 'd-plan3'] as const;
const sit = async () => {
  const sat = await sitDown(data);
  desk = sat.desk;
  [one, two] = sat.ids;
};
const tidy = () =>
  Promise.all(
    ([1, 2] as const).map(async (n) => {
      await sh(n, 'for g; do xl destroy "$g" 2>/dev/null; rm -f "/etc/xen/$g.cfg"; done; true', ...names);
      await clean(n);
    }),
  );
const planOf = (planId: string): Plan => desk.plans.get(planId) as Plan;
const stateOf = (planId: string, name: string) => planOf(planId).steps.find((step) => step.name === name)?.state;
const runsAt = async (n: 1 | 2) => (await Promise.all(names.map(async (name) => ((await domidOf(n, name)) === '' ? [] : [name])))).flat();
const over = (planId: string) => desk.until('the end of the plan', () => planOf(planId)?.state === 'ended', names.length * MOVE_MS);

beforeAll(async () => {
  await openEyes();
  await tidy();
  // other guests of the lab would move as well
  await sh(1, 'xl list | awk \'NR > 2 { print $1 }\' | while read -r g; do xl destroy "$g"; done');
  for (const [nth, name] of names.entries())
    await sh(
      1,
      `cat >/etc/xen/$1.cfg <<END
name = "$1"
uuid = "7e0d15c5-0000-4000-8000-0000000001$2"
type = "pvh"
kernel = "/var/lib/xen/boot/vmlinuz-tiny"
ramdisk = "/var/lib/xen/boot/initrd-tiny"
extra = "console=hvc0 quiet heartbeat=0 name=$1"
memory = 80
END
      xl create /etc/xen/$1.cfg >/dev/null`,
      name,
      `0${nth}`,
    );
  data = await folder();
  await sit();
  for (const name of names) await seen(desk, one, name);
});
afterAll(() => closeAll(async () => void (await tidy())));

let emptied = '';
test('a host is emptied one by one; the program ends in the middle, and goes on with the plan when it is told to', async () => {
  emptied = (await desk.client.call('plan.empty', { hostId: one })).planId;
  expect(planOf(emptied).left).toEqual([]);
  expect(
    planOf(emptied)
      .steps.map((step) => [step.name, step.targetHostId])
      .sort(),
  ).toEqual(names.map((name) => [name, two]));
  const order = planOf(emptied).steps.map((step) => step.name);
  await desk.client.call('plan.run', { planId: emptied });
  // before its job has begun, the end of the program would be the end of the move
  const second = () => {
    const state = stateOf(emptied, order[1] ?? '');
    return state?.is === 'moving' && desk.tasks.get(state.taskId);
  };
  await desk.until('the second copies memory', () => (second() || null)?.phase === 'copyingMemory', 2 * MOVE_MS);
  // the first one runs there; it may still be tidied up after
  expect([await domidOf(1, order[0] ?? ''), (await domidOf(2, order[0] ?? '')) !== '']).toEqual(['', true]);
  expect(['waiting', 'checking']).toContain(stateOf(emptied, order[2] ?? '')?.is); // it may be looked at meanwhile
  desk.close();
  await sit();
  expect(planOf(emptied)).toMatchObject({ state: 'paused', pausedBy: 'restart' });
  const arrived = () => order.slice(0, 2).every((name) => stateOf(emptied, name)?.is === 'done');
  await desk.until('both have moved', arrived, MOVE_MS);
  expect(stateOf(emptied, order[2] ?? '')?.is).toBe('waiting');
  expect((await runsAt(1)).length).toBe(1);
  await desk.client.call('plan.run', { planId: emptied });
  await over(emptied);
  expect([await runsAt(1), await runsAt(2)]).toEqual([[], [...names]]);
  expect(await sh(1, 'ls /etc/xen/d-plan*.cfg 2>/dev/null')).toBe('');
});

test('and brought back: all run where they came from, their configs there', async () => {
  const { planId } = await desk.client.call('plan.back', { planId: emptied });
  expect(planOf(planId).left).toEqual([]);
  await desk.client.call('plan.run', { planId });
  await over(planId);
  expect([await runsAt(1), await runsAt(2)]).toEqual([[...names], []]);
  expect((await sh(1, 'ls /etc/xen/d-plan*.cfg')).split('\n')).toHaveLength(3);
});
