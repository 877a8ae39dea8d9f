import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answers, type MadeUpHost, madeUpHost, replay, shells } from '../remote/programTest.ts';
import { createCheck, parseAnswer } from './answer.ts';

describe.each(shells.map((shell) => ({ name: shell.join(' '), shell })))('create-check under $name', ({ shell }) => {
  let host: MadeUpHost;
  beforeEach(() => {
    host = madeUpHost();
  });
  afterEach(() => host.remove());

  const xl = (create: string, domid = 'exit 1') => answers({ info: replay('xl-info'), 'domid\\ *': domid, 'create\\ -n\\ *': create });
  const run = (args: string[], more: { xl?: string; files?: Record<string, string>; standIns?: Record<string, string> } = {}) =>
    host.run(shell, createCheck, {
      args,
      stdin: 'name = "web"\n',
      files: { '/tmp/keep': '', '/srv/golden.qcow2': '', ...more.files },
      standIns: { xl: more.xl ?? xl('exit 0'), df: "echo head; echo '/dev/sda 100 10 2097152 5% /'", ...more.standIns },
    });
  const inRoot = (path: string) => `${host.root}${path}`;

  it('finds nothing against a guest that can be made, and leaves no file', async () => {
    const ran = await run(['web', inRoot('/etc/xen/web.cfg'), '', '', 'raw', inRoot('/srv/web.img'), '', inRoot('/tmp/keep')], {
      standIns: { 'qemu-img': 'exit 0' },
    });
    expect(parseAnswer(ran.stdout)).toEqual({
      memoryMiB: 1320,
      taken: new Set(),
      bridgeMissing: false,
      spaceMiB: 2048,
      from: null,
      readable: new Set([inRoot('/tmp/keep')]),
      toolMissing: false,
      dryRun: { exit: 0, said: '' },
    });
    expect((await host.run(shell, { name: 'ls', text: `ls ${host.root}/tmp` })).stdout).toBe('keep\n');
  });

  it('says what is taken, missing, and what the dry run objects to', async () => {
    const ran = await run(
      [
        'web',
        inRoot('/srv/golden.qcow2'),
        inRoot('/tmp/keep'),
        'br9',
        'qcow2',
        inRoot('/srv/golden.qcow2'),
        inRoot('/none'),
        inRoot('/gone'),
      ],
      { xl: xl(replay('xl-create-syntax-error'), 'echo 5') },
    );
    const answer = parseAnswer(ran.stdout);
    expect([...answer.taken].sort()).toEqual(['auto', 'config', 'disk', 'name']);
    expect(answer).toMatchObject({ bridgeMissing: true, toolMissing: true, from: { format: null }, readable: new Set() });
    expect(answer.dryRun).toMatchObject({ exit: 1, said: expect.stringContaining('lexical error') });
  });

  it('knows a qcow2 image by its head, and its size', async () => {
    const head = '\\121\\106\\111\\373\\0\\0\\0\\3\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\20\\0\\0\\0\\0\\100\\0\\0\\0';
    await host.run(shell, { name: 'image', text: `mkdir -p ${host.root}/srv; printf '${head}' >${host.root}/srv/golden` });
    const ran = await run(['web', '/none', '', '', 'none', '', inRoot('/srv/golden')]);
    expect(parseAnswer(ran.stdout).from).toMatchObject({ format: 'qcow2', bytes: 1024 * 1024 * 1024 });
  });

  it('measures a volume group', async () => {
    const vgs = "echo '  4028.00'";
    const ran = await run(['web', '/none', '', '', 'volume', 'vg0/web', ''], { standIns: { vgs, lvs: 'exit 5' } });
    expect(parseAnswer(ran.stdout)).toMatchObject({ spaceMiB: 4028, taken: new Set() });
  });
});

it('an answer that breaks off is no answer', () => {
  for (const text of ['', 'memory 12\n', 'memory 12\nbegin xl\nend xl 0\n', 'garbage\nbegin xl\nend xl 0\nok\n']) {
    expect(() => parseAnswer(text)).toThrow('output.unreadable');
  }
});
