import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Demo, startDemo } from '../../electron/demo/demo.ts';
import { newKeyPair } from '../../electron/demo/server/keyPair.ts';
import { openStore } from '../../electron/world/store.ts';

// The built command line as processes of their own, over simulated hosts in this process: they stay from one command to the next.
const cli = resolve(import.meta.dirname, '../../out/main/cli.js');
const kernel = '/var/lib/xen/boot/vmlinuz-6.1.0-56-amd64';
let demo: Demo;
let folder = '';
let data = '';
let key = '';
const running = new Set<ChildProcess>();

interface Ended {
  code: number | null;
  out: string;
  err: string;
}
interface Started {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** Resolves when standard error says this. */
  says(text: string): Promise<void>;
}

function begin(words: string[], how: { stdin?: string; lang?: string } = {}): Started {
  const env = { ...process.env, HOME: folder, SSH_AUTH_SOCK: '', LC_ALL: '', LC_MESSAGES: '', LANG: how.lang ?? 'en_US.UTF-8' };
  // a session of its own has no terminal to ask at
  const child = spawn(process.execPath, [cli, ...words, '--data', data], { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  running.add(child);
  let out = '';
  let err = '';
  const waiting = new Set<() => void>();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    for (const look of waiting) look();
  });
  child.stdin?.end(how.stdin ?? '');
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child);
    for (const look of waiting) look();
    return { code: code as number | null, out, err };
  });
  const says = (text: string) =>
    new Promise<void>((said, failed) => {
      const look = () => {
        if (err.includes(text)) said();
        else if (!running.has(child)) failed(new Error(`ended without “${text}”: ${err}`));
      };
      waiting.add(look);
      look();
    });
  return { child, ended, says };
}
const run = (words: string[], how?: Parameters<typeof begin>[1]) => begin(words, how).ended;
const json = async (words: string[], how?: Parameters<typeof begin>[1]) => {
  const { code, out, err } = await run([...words, '--json'], how);
  const lines = (text: string) => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));
  return { code, out: lines(out), err: lines(err) };
};
const host = (label: string) => {
  const at = demo.hosts.findIndex((one) => one.label === label);
  const [about, server, model] = [demo.hosts[at], demo.servers[at], demo.office.hosts[at]];
  if (!about || !server || !model) throw new Error(`no host ${label}`);
  return { about, server, model };
};
const runsOn = (label: string, name: string) => Boolean(host(label).model.domain(name));
const add = (label: string, ...more: string[]) => {
  const { about, server } = host(label);
  return run(['add', '127.0.0.1', '--port', String(server.port), '--label', label, '--accept', about.hostKeyFingerprint, ...more]);
};

beforeAll(async () => {
  demo = await startDemo({ speed: 10 });
  folder = await mkdtemp(join(tmpdir(), 'xenferry-cli-'));
  data = join(folder, 'data');
  key = join(folder, 'key');
  const pair = newKeyPair();
  await writeFile(key, pair.private, { mode: 0o600 });
  for (const server of demo.servers) server.host.authorized.push(pair.public);
  for (const label of ['東京', '大阪']) expect(await add(label, '--key', key)).toMatchObject({ code: 0 });
});
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
});
afterAll(async () => {
  await demo?.close();
  await rm(folder, { recursive: true, force: true });
});

test('a host is known by its key first; a password comes by standard input and is never stored', async () => {
  const { about, server } = host('名古屋');
  const words = ['add', '127.0.0.1', '--port', String(server.port), '--auth', 'password', '--label', '名古屋'];
  const unknown = await json(words, { stdin: 'xenferry\n' });
  expect(unknown.code).toBe(1);
  expect(unknown.err).toMatchObject([{ problem: { code: 'hostKey.unknown', fingerprint: about.hostKeyFingerprint } }]);
  const wrong = await json([...words, '--accept', 'SHA256:wrong'], { stdin: 'xenferry\n' });
  expect(wrong.err).toMatchObject([{ problem: { code: 'hostKey.unknown' } }]);
  const none = await json([...words, '--accept', about.hostKeyFingerprint]);
  expect([none.code, none.err]).toMatchObject([2, [{ refused: { code: 'secretMissing' } }]]);
  const added = await json([...words, '--accept', about.hostKeyFingerprint], { stdin: 'xenferry\n' });
  expect(added.code).toBe(0);
  const hostId = String(added.out[0]?.hostId);
  // a saved one without its secret is said, and the others are shown all the same
  const listed = await json(['list']);
  expect(listed.err).toMatchObject([{ about: '名古屋', problem: { code: 'auth.secretNeeded' } }]);
  expect(listed.out[0]).toContainEqual(expect.objectContaining({ name: 'web', hostLabel: '東京' }));
  const given = await run(['hosts', '--secrets-stdin'], { stdin: '{"名古屋":"xenferry"}' });
  expect(given.err).toBe('');
  expect(given.out).toMatch(/名古屋 .*Connected .*4\.18/);
  expect(await run(['call', 'host.remove', JSON.stringify({ hostId })])).toMatchObject({ code: 0, out: 'null\n' });
});

test('guests of all hosts stand in a table, in the language of LANG', async () => {
  const { code, out, err } = await run(['list'], { lang: 'ja_JP.UTF-8' });
  expect([code, err]).toEqual([0, '']);
  expect(out.split('\n')[0]).toMatch(/^名前 +ホスト +状態/);
  expect(out).toMatch(/^web +東京 +稼働中 +2 GiB/m);
});

test('a guest is checked, made, moved and removed by commands', async () => {
  const spec = { type: 'pvh', source: { is: 'kernel', kernel, ramdisk: null, cmdline: 'console=hvc0' }, memoryMiB: 256, bridge: 'xenbr0' };
  const words = ['create', 'by-command', '--host', '東京', '--disk-group', 'vgsan', '--disk-size', '1G'];
  const checked = await run([...words, '--spec', '-', '--memory', '512', '--check'], { stdin: JSON.stringify(spec) });
  expect(checked.code).toBe(0);
  expect(checked.out).toMatch(/^memory *= *512$/m);
  expect(runsOn('東京', 'by-command')).toBe(false);
  const made = await run([
    ...words,
    '--type',
    'pvh',
    '--kernel',
    kernel,
    '--cmdline',
    'console=hvc0',
    '--memory',
    '512',
    '--bridge',
    'xenbr0',
  ]);
  expect([made.code, made.out]).toEqual([0, '']);
  expect(made.err).toMatch(/^by-command: Create · checking$/m);
  expect(made.err).toMatch(/^by-command: Create · done$/m);
  expect(runsOn('東京', 'by-command')).toBe(true);

  const again = await json([...words, '--spec', '-', '--check'], { stdin: JSON.stringify(spec) });
  expect(again.code).toBe(1);
  expect(again.out[0]?.checks).toContainEqual(expect.objectContaining({ what: 'name', verdict: 'bad' }));

  const moved = await json(['migrate', '東京/by-command', '大阪']);
  expect([moved.code, moved.out[0]]).toMatchObject([0, { kind: 'guest.migrate', outcome: { is: 'done' } }]);
  expect(moved.err.map((one) => (one.task as { phase: string }).phase)).toContain('copyingMemory');
  expect([runsOn('東京', 'by-command'), runsOn('大阪', 'by-command')]).toEqual([false, true]);

  expect(await json(['destroy', 'by-command'])).toMatchObject({ code: 2, err: [{ refused: { code: 'nameNeeded' } }] });
  expect(await json(['destroy', 'by-command', '--yes-by'])).toMatchObject({ code: 1, err: [{ problem: { code: 'guest.nameMismatch' } }] });
  expect(runsOn('大阪', 'by-command')).toBe(true);
  expect(await run(['destroy', 'by-command', '--yes-by-command'])).toMatchObject({ code: 0 });
  expect(await run(['remove', 'by-command', '--disks', '--yes-by-command'])).toMatchObject({ code: 0 });
  expect(await json(['start', 'by-command'])).toMatchObject({ code: 2, err: [{ refused: { code: 'noSuchGuest' } }] });

  const { out } = await json(['history', '--limit', '10']);
  const kinds = (out[0] as unknown as { kind: string; outcome: { is: string } }[]).map((one) => `${one.kind} ${one.outcome.is}`);
  expect(kinds.slice(0, 4)).toEqual(['guest.remove done', 'guest.forceOff done', 'guest.migrate done', 'guest.create done']);
});

test('pause and unpause; what may not be is refused with the page’s words', async () => {
  expect(await run(['pause', 'test-tokyo'])).toMatchObject({ code: 0 });
  const refused = await run(['migrate', 'test-tokyo', '大阪'], { lang: 'ja_JP.UTF-8' });
  expect(refused.code).toBe(1);
  expect(refused.err).toBe('test-tokyo は一時停止中なので、移行できません。\n  何も変更していません。再開してから移行してください。\n');
  expect(await run(['unpause', 'test-tokyo'])).toMatchObject({ code: 0 });
});

test('Ctrl-C cancels a move: the guest stays where it is, and it ends with 130', async () => {
  const moving = begin(['migrate', 'files', '大阪']);
  await moving.says('copying memory');
  moving.child.kill('SIGINT');
  const { code, err } = await moving.ended;
  expect(err).toMatch(/Cancelling/);
  expect(err).toMatch(/files: .*cancelled/);
  expect(code).toBe(130);
  expect([runsOn('東京', 'files'), runsOn('大阪', 'files')]).toEqual([true, false]);
});

test('Ctrl-C on what can’t be cancelled says why; the second stops looking, and says that the host goes on', async () => {
  const starting = begin(['start', 'old-intranet']);
  await starting.says('· starting');
  starting.child.kill('SIGINT');
  await starting.says('This can’t be cancelled now');
  expect(await starting.ended).toMatchObject({ code: 0 });
  expect(runsOn('東京', 'old-intranet')).toBe(true);

  const { about } = host('東京');
  const stuck = begin(['reboot', 'test-tokyo']);
  await stuck.says('Reboot · ');
  demo.fault(about.address, { is: 'freeze', on: true });
  stuck.child.kill('SIGINT');
  await stuck.says('Ctrl-C once more');
  await new Promise((later) => setTimeout(later, 400)); // nearer presses are one: npm passes on what its terminal sent to both
  stuck.child.kill('SIGINT');
  expect(await stuck.ended).toMatchObject({ code: 130, err: expect.stringContaining('goes on there: look') });
  demo.fault(about.address, { is: 'freeze', on: false });
});

test('a name that two have is refused with both', async () => {
  const copy = host('東京').model.files.read('/etc/xen/mail.cfg');
  host('大阪').model.files.write('/etc/xen/mail.cfg', String(copy));
  const refused = await json(['shutdown', 'mail']);
  expect(refused.code).toBe(2);
  expect(refused.err).toMatchObject([{ refused: { code: 'manyGuests', candidates: expect.arrayContaining(['大阪/mail (halted)']) } }]);
  host('大阪').model.files.remove('/etc/xen/mail.cfg');
});

test('everything of the table can be called and listened to by name', async () => {
  const info = await run(['call', 'app.info']);
  expect(JSON.parse(info.out)).toMatchObject({ shell: 'cli', demo: false, secrets: 'memory' });
  const heard = await run(['feed', 'guest.watch', '--count', '2']);
  expect(heard.code).toBe(0);
  expect(
    heard.out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { is: string }).is),
  ).toEqual(['all', 'put']);
  const listening = begin(['feed', 'task.watch']);
  await once(listening.child.stdout ?? listening.child, 'data');
  listening.child.kill('SIGINT');
  expect(await listening.ended).toMatchObject({ code: 130 });
  expect(await json(['call', 'guest.fly'])).toMatchObject({ code: 2, err: [{ refused: { code: 'unknownCall' } }] });
  expect(await json(['call', 'host.watch'])).toMatchObject({ code: 2, err: [{ refused: { code: 'unknownCall' } }] });
  expect(await json(['call', 'history.list', '{"limit":0}'])).toMatchObject({
    code: 1,
    err: [{ problem: { code: 'input.refused', path: 'limit' } }],
  });
  expect(await json(['call', 'history.list', '[]'])).toMatchObject({ code: 2, err: [{ refused: { code: 'notJson' } }] });
  const secret = '{"host":{"address":"x","auth":{"by":"password","password":"p"}}}';
  expect(await json(['call', 'host.add', secret])).toMatchObject({ code: 2, err: [{ refused: { code: 'secretInWords' } }] });
});

test('while the window has the saved data, a command reads it and refuses to write', async () => {
  const window = await openStore(data, 'electron');
  try {
    const { about, server } = host('名古屋');
    const words = ['add', '127.0.0.1', '--port', String(server.port), '--key', key, '--accept', about.hostKeyFingerprint];
    const refused = await json(words);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatchObject([{ problem: { code: 'store.inUse', shell: 'electron', pid: process.pid } }]);
    expect(await run(['pause', 'web'])).toMatchObject({ code: 0 });
    expect(await run(['unpause', 'web'])).toMatchObject({ code: 0 });
  } finally {
    await window.close();
  }
  expect((await json(['hosts'])).out[0]).toHaveLength(2);
});

test('--demo needs nothing and leaves nothing', async () => {
  const { code, out } = await json(['hosts', '--demo']);
  expect(code).toBe(0);
  expect(out[0]).toHaveLength(3);
  expect((await json(['hosts'])).out[0]).toHaveLength(2);
});

test('where disks go, and as what, is said of each; what the guest does not have is refused', async () => {
  const check = (...words: string[]) => json(['migrate', '東京/wiki', '大阪', '--check', ...words]);
  const looked = await check('--place', 'xvda=/var/lib/xen/images', '--format', 'xvda=qcow2', '--place=xvdb=vg0');
  expect(looked.code).toBe(0);
  expect(looked.out[0]?.disks).toMatchObject([
    { to: '/var/lib/xen/images/wiki-xvda.qcow2', as: 'qcow2' },
    { to: '/dev/vg0/wiki-xvdb', as: 'volume' },
  ]);
  expect(await check('--format', 'xvdc=raw')).toMatchObject({ code: 2, err: [{ refused: { code: 'notOneOf' } }] });
  const volume = await check('--place', 'xvda=vg0', '--format', 'xvda=qcow2');
  expect(volume.code).toBe(1);
  expect(volume.out[0]?.checks).toContainEqual(
    expect.objectContaining({ problem: expect.objectContaining({ code: 'move.volumeFormat' }) }),
  );
});

test('what can’t move live is saved and restored with --save', async () => {
  const live = await run(['migrate', 'fax-gateway', '大阪', '--check']);
  expect(live.code).not.toBe(0);
  expect(live.out).toContain('shadow');
  expect((await run(['migrate', 'fax-gateway', '大阪', '--save', '--check'])).code).toBe(0);
  const moved = await json(['migrate', 'fax-gateway', '大阪', '--save']);
  expect([moved.code, moved.out[0]]).toMatchObject([0, { kind: 'guest.moveStopped', outcome: { is: 'done' } }]);
});

test('help is there in both languages', async () => {
  expect((await run(['help'])).out).toMatch(/migrate GUEST HOST/);
  expect((await run([], { lang: 'ja_JP.UTF-8' })).out).toMatch(/使い方/);
});

test('where a host can’t be asked, a start names it and needs the name', async () => {
  if (runsOn('東京', 'old-intranet')) await run(['destroy', 'old-intranet', '--yes-old-intranet']);
  const { address } = demo.hosts.find((one) => one.label === '大阪') ?? { address: '' };
  demo.fault(address, { is: 'power', on: false });
  try {
    const words = ['start', 'old-intranet', '--wait', '4'];
    const asked = await json(words);
    expect(asked).toMatchObject({ code: 2 });
    expect(asked.err).toContainEqual(
      expect.objectContaining({ problem: expect.objectContaining({ code: 'guard.notAsked', hosts: ['大阪'] }) }),
    );
    expect(asked.err.at(-1)).toMatchObject({ refused: { code: 'nameNeeded' } });
    const wrong = await json([...words, '--yes-old']);
    expect([wrong.code, wrong.err.at(-1)]).toMatchObject([1, { problem: { code: 'guest.nameMismatch' } }]);
    expect(runsOn('東京', 'old-intranet')).toBe(false);
    expect(await run([...words, '--yes-old-intranet'])).toMatchObject({ code: 0 });
    expect(runsOn('東京', 'old-intranet')).toBe(true);
  } finally {
    demo.fault(address, { is: 'power', on: true });
  }
});
