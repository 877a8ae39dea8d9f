import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { fail, problem } from '../../electron/contract/problem.ts';
import { guest, host, looked, office as model } from './testing/model.ts';
import { openPage } from './testing/open.tsx';

afterEach(() => {
  cleanup();
  for (const left of document.querySelectorAll('[data-announcer]')) left.textContent = '';
});

const said = () => document.querySelector('[data-announcer]')?.textContent ?? '';

test('first start: two equal choices, nothing else to do', async () => {
  openPage();
  expect(await screen.findByRole('button', { name: /Explore with demo servers/ })).toBeTruthy();
  expect(screen.getAllByRole('button', { name: /Add a server/ }).length).toBeGreaterThan(0);
  expect(screen.queryByRole('button', { name: /New machine/ })).toBeNull();
});

test('a host is added: its key is shown once with a question, and trusted by its fingerprint', async () => {
  const { office, user } = openPage({ hosts: [host('tokyo')] });
  office.answer('host.add', async ({ host: input, accept }) => {
    if (accept !== 'SHA256:abc')
      fail('hostKey.unknown', { address: input.address, port: input.port, type: 'ssh-ed25519', fingerprint: 'SHA256:abc' });
    return { hostId: 'new' };
  });
  await user.click(await screen.findByRole('button', { name: 'Add a server' }));
  await user.type(screen.getByLabelText('Address'), 'xen2');
  await user.click(screen.getByRole('button', { name: 'Add' }));
  expect(await screen.findByText('SHA256:abc')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: /trust it/ }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  const added = office.asked.filter((one) => one.name === 'host.add').map((one) => one.input);
  expect(added).toMatchObject([{ accept: null, host: { address: 'xen2', port: 22 } }, { accept: 'SHA256:abc' }]);
});

test('a wrong password is told beside its field, and nowhere else', async () => {
  const { office, user } = openPage({ hosts: [host('tokyo')] });
  office.answer('host.add', async () => fail('auth.wrongPassword', { user: 'root', address: 'xen2' }));
  await user.click(await screen.findByRole('button', { name: 'Add a server' }));
  await user.type(screen.getByLabelText('Address'), 'xen2');
  await user.click(screen.getByRole('radio', { name: 'Password' }));
  await user.type(await screen.findByLabelText('Password', { selector: 'input[type=password]' }), 'nope');
  await user.click(screen.getByRole('button', { name: 'Add' }));
  const field = await screen.findByLabelText('Password', { selector: 'input[type=password]' });
  await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'));
  expect(screen.getAllByText(/The password of root@xen2 is wrong/)).toHaveLength(1);
  expect(screen.queryByRole('alert')).toBeNull();
});

test('an empty address is told beside its field, and what was typed into the others is kept', async () => {
  const { office, user } = openPage({ hosts: [host('tokyo')] });
  office.answer('host.add', async () => ({ hostId: 'new' }));
  await user.click(await screen.findByRole('button', { name: 'Add a server' }));
  await user.clear(screen.getByLabelText('Port'));
  await user.type(screen.getByLabelText('Port'), '2222');
  await user.click(screen.getByRole('radio', { name: 'Private key file' }));
  await user.type(await screen.findByRole('textbox', { name: 'Key file' }), '/k');
  await user.click(screen.getByRole('button', { name: 'Add' }));
  await waitFor(() => expect(screen.getByLabelText('Address').getAttribute('aria-invalid')).toBe('true'));
  expect(screen.getByText(/can’t be left empty/)).toBeTruthy();
  await user.type(screen.getByLabelText('Address'), 'xen2');
  await user.click(screen.getByRole('button', { name: 'Add' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(office.asked.find((one) => one.name === 'host.add')?.input).toMatchObject({
    host: { port: 2222, auth: { by: 'key', path: '/k' } },
  });
});

test('a block is moved by the keyboard, each host speaking its verdict', async () => {
  const { office, user } = openPage({ ...model(), settings: { language: 'en' } });
  office.answer('migration.check', async () => ({
    ...looked,
    reachAddress: '10.0.0.2',
    expectedSeconds: 30,
    pingAddress: '10.0.0.9',
  }));
  office.answer('migration.start', async () => ({ taskId: 't' }));
  const block = await screen.findByRole('button', { name: /^web-1, running/ });
  block.focus();
  await user.keyboard(' ');
  expect(said()).toMatch(/Lifted web-1/);
  await user.keyboard('{ArrowDown}');
  expect(said()).toMatch(/nagoya: nagoya is not connected/);
  await user.keyboard('{ArrowDown}');
  expect(said()).toBe('osaka: fits');
  await user.keyboard('{Enter}');
  const sheet = await screen.findByRole('dialog', { name: 'Migrate web-1' });
  expect(office.asked.some((one) => one.name === 'migration.start')).toBe(false);
  expect(await within(sheet).findByText(/about 30 sec/)).toBeTruthy();
  await user.click(within(sheet).getByRole('button', { name: 'Start migration' }));
  await waitFor(() =>
    expect(office.asked.find((one) => one.name === 'migration.start')?.input).toMatchObject({
      targetHostId: 'osaka',
      pingAddress: '10.0.0.9',
    }),
  );
});

test('Escape puts a lifted block back', async () => {
  const { user } = openPage(model());
  const block = await screen.findByRole('button', { name: /^mail, running/ });
  block.focus();
  await user.keyboard(' {ArrowDown}{Escape}');
  expect(said()).toBe('Put mail back.');
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('a move that a host refuses can not be started, and the button says why', async () => {
  const { office, user } = openPage(model());
  const why = problem('move.diskNotShared', { disk: '/srv/mail.img', host: 'osaka' });
  office.answer('migration.check', async () => ({
    ...looked,
    checks: [{ what: 'disks', verdict: 'bad', problem: why }],
  }));
  const block = await screen.findByRole('button', { name: /^mail, running/ });
  block.focus();
  await user.keyboard('m');
  await screen.findByRole('dialog', { name: 'Migrate mail' });
  expect(await screen.findByText(/\/srv\/mail\.img is not shared with osaka/)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Start migration' }));
  expect(office.asked.some((one) => one.name === 'migration.start')).toBe(false);
});

test('forcing off needs the name typed as it is', async () => {
  const { office, user } = openPage({ hosts: [host('tokyo')], guests: [guest('tokyo', 'mail', 'running', 1024)] });
  office.answer('guest.forceOff', async () => ({ taskId: 't' }));
  await user.pointer({ keys: '[MouseRight]', target: await screen.findByRole('button', { name: /^mail, running/ }) });
  await user.click(await screen.findByRole('menuitem', { name: 'Force off' }));
  const dialog = await screen.findByRole('dialog');
  await user.type(within(dialog).getByRole('textbox'), 'mai');
  await user.click(within(dialog).getByRole('button', { name: 'Force off' }));
  expect(office.asked.some((one) => one.name === 'guest.forceOff')).toBe(false);
  await user.type(within(dialog).getByRole('textbox'), 'l');
  await user.click(within(dialog).getByRole('button', { name: 'Force off' }));
  await waitFor(() => expect(office.asked.find((one) => one.name === 'guest.forceOff')?.input).toMatchObject({ typedName: 'mail' }));
});

test('the language changes at once', async () => {
  const { user } = openPage({ hosts: [host('tokyo')] });
  await user.click(await screen.findByRole('button', { name: 'Settings' }));
  await user.click(screen.getByText('日本語'));
  expect(await screen.findByRole('button', { name: '設定' })).toBeTruthy();
  expect(document.documentElement.lang).toBe('ja');
});

test('a lost link keeps what was seen and shows its age', async () => {
  const { office } = openPage({ hosts: [host('tokyo')], guests: [guest('tokyo', 'mail', 'running', 1024)] });
  await screen.findByRole('button', { name: /^mail, running/ });
  const why = problem('ssh.timedOut', { address: 'tokyo.example', port: 22 });
  office.hosts.put(host('tokyo', { link: { is: 'lost', since: Date.now(), retryAt: null, problem: why }, seenAt: Date.now() - 5000 }));
  expect(await screen.findByText('Connection lost')).toBeTruthy();
  expect(screen.getByText(/as of [56] sec/)).toBeTruthy();
  expect(screen.getByRole('button', { name: /^mail, running/ })).toBeTruthy();
});

test('a config changed meanwhile is not overwritten: the reason stands there, the text stays', async () => {
  const { office, user } = openPage({ hosts: [host('tokyo')], guests: [guest('tokyo', 'mail', 'halted', 1024)] });
  office.answer('guest.readConfig', async () => ({ file: '/etc/xen/mail.cfg', text: 'memory = 1024\n', version: 'v1' }));
  office.answer('guest.writeConfig', async () => fail('config.changed', { file: '/etc/xen/mail.cfg' }));
  await user.click(await screen.findByRole('button', { name: /^mail, halted/ }));
  await user.click(await screen.findByRole('tab', { name: 'Config' }));
  const text = await screen.findByRole('textbox', { name: /mail\.cfg/ });
  fireEvent.change(text, { target: { value: 'memory = 1024\n# mine' } });
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText(/was changed after it was read/)).toBeTruthy();
  expect(screen.getByRole('textbox', { name: /mail\.cfg/ })).toHaveProperty('value', 'memory = 1024\n# mine');
});

test('a server’s question is put, and the answer goes back', async () => {
  const { office, user } = openPage({ hosts: [host('tokyo')] });
  await screen.findByText('tokyo');
  office.answer('prompt.answer', async () => null);
  office.prompts.put({
    promptId: 'p',
    hostLabel: 'tokyo',
    what: 'interactive',
    instructions: 'Two factors',
    fields: [{ label: 'Code', echo: true }],
  });
  await user.type(await screen.findByLabelText('Code'), '123{Enter}');
  await waitFor(() => expect(office.asked.find((one) => one.name === 'prompt.answer')?.input).toEqual({ promptId: 'p', answers: ['123'] }));
});
