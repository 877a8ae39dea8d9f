import { afterAll, expect, test } from 'vitest';
import { answers, capture, madeUpHost, replay, shells } from './programTest.ts';

const host = madeUpHost();
afterAll(() => host.remove());

const text = 'xl list "$1"; echo "exit $?"; cat; cat /etc/xen/a.cfg; echo new >/etc/xen/b; command -v xenstore-ls || echo none\n';

test.each(shells)('%s runs a program among stand-ins and made-up files', async (...shell) => {
  const xl = answers({ '"list nobody"': replay('xl-list-nonexistent') });
  const ran = await host.run(
    shell as (typeof shells)[number],
    { name: 'p', text },
    {
      args: ['nobody'],
      stdin: 'document\n',
      standIns: { xl },
      files: { '/etc/xen/a.cfg': 'name="a"\n' },
    },
  );
  const said = capture('xl-list-nonexistent');
  expect(ran.stdout).toBe(`${said.stdout}exit ${said.exit}\ndocument\nname="a"\nnone\n`);
  expect(ran.stderr).toBe(said.stderr);
  expect(host.read('/etc/xen/b')).toBe('new\n');
});
