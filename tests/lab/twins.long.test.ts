import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Fix } from '../../electron/contract/twin.ts';
import type { Desk } from '../contract/desk.ts';
import { problemOf } from '../contract/desk.ts';
import { closeAll, folder, openEyes, sh, sitDown } from './twoHosts.ts';

/** Two real hosts as partners, and making what one of them lacks. */

let desk: Desk;
let [one, two] = ['', ''];
const tidy = () =>
  sh(
    2,
    'ip link del xfbr9 2>/dev/null; rm -f /etc/network/interfaces.d/xenferry-xfbr9 /etc/systemd/network/*xenferry-xfbr9*; rmdir "/srv/xf twin" 2>/dev/null; lvremove -f -y vg0/xf-twin >/dev/null 2>&1; true',
  );
const preview = (hostId: string, fix: Fix) => desk.client.call('fix.preview', { hostId, fix });
const make = async (fix: Fix) => {
  const shown = await preview(two, fix);
  expect(shown.refusal).toBeNull();
  await desk.client.call('fix.make', { hostId: two, fix, shown: shown.shown });
  return shown;
};

beforeAll(async () => {
  await openEyes();
  await tidy();
  const sat = await sitDown(await folder());
  desk = sat.desk;
  [one, two] = sat.ids;
});
afterAll(() => closeAll(async () => void (await tidy())));

test('two hosts alike: nothing is bad, each subject has its line, and xen-cpuid was read', async () => {
  const report = await desk.client.call('twin.check', { hostId: one, otherHostId: two });
  process.stdout.write(
    `twins: ${report.findings.map((found) => `${found.what} ${found.verdict} ${found.problem?.code ?? ''}`).join(', ')}\n`,
  );
  expect(report.findings.filter((found) => found.verdict === 'bad')).toEqual([]);
  expect(new Set(report.findings.map((found) => found.what)).size).toBe(8);
  for (const side of report.sides) expect(side.features ?? 0).toBeGreaterThan(10);
});

test('a bridge that only the other host has is named, made as shown, and there', async () => {
  await sh(1, 'ip link add name xfbr9 type bridge; ip link set dev xfbr9 up');
  try {
    await desk.client.call('host.examine', { hostId: one });
    const before = await desk.client.call('twin.check', { hostId: one, otherHostId: two });
    const missing = before.findings.find(
      (found) => found.what === 'bridge' && found.to === two && found.problem?.code === 'bridge.missing',
    );
    expect(missing?.problem).toMatchObject({ bridge: 'xfbr9' });
    const shown = await make({ is: 'bridge', name: 'xfbr9', port: null });
    expect(shown.commands).toContain('ip link add name xfbr9 type bridge');
    expect(await sh(2, 'ip -d -o link show xfbr9 | grep -c " bridge "')).toBe('1');
    for (const file of shown.files) expect(await sh(2, 'cat "$1"', file.path)).toBe(file.text.trim());
    expect((await preview(two, { is: 'bridge', name: 'xfbr9', port: null })).refusal).toMatchObject({ code: 'fix.exists' });
    const after = await desk.client.call('twin.check', { hostId: one, otherHostId: two });
    expect(after.findings.filter((found) => found.what === 'bridge' && found.verdict === 'bad')).toEqual([]);
  } finally {
    await sh(1, 'ip link del xfbr9');
  }
});

test('a folder and a volume are made, once', async () => {
  const folderFix: Fix = { is: 'folder', path: '/srv/xf twin' };
  await make(folderFix);
  expect(await sh(2, 'stat -c %F "/srv/xf twin"')).toBe('directory');
  expect((await preview(two, folderFix)).refusal).toMatchObject({ code: 'fix.exists' });
  const volume: Fix = { is: 'volume', group: 'vg0', name: 'xf-twin', sizeMiB: 12 };
  const shown = await make(volume);
  expect(shown.commands.join('\n')).toContain('lvcreate');
  expect(await sh(2, 'blockdev --getsize64 /dev/vg0/xf-twin')).toBe(String(12 * 1024 * 1024));
  // made from what was shown: something else under that name is not touched
  const stale = desk.client.call('fix.make', { hostId: two, fix: volume, shown: shown.shown });
  expect(['fix.exists', 'fix.changed']).toContain((await problemOf(stale)).code);
});
