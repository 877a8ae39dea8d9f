import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSuggestions } from '../engine/hosts/suggestions.ts';
import { nodeDesktop } from './desktop.ts';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'xenferry-ssh-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** The suggestions of a home with these files, by their names. */
async function found(files: Record<string, string>) {
  for (const [name, text] of Object.entries(files)) {
    const path = join(home, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  const those = await readSuggestions({ ...nodeDesktop(), home, user: 'me' });
  return Object.fromEntries(those.map((one) => [one.name, one]));
}

test('a file is included where its line stands: the first value counts, as in ssh', async () => {
  const those = await found({
    '.ssh/config': 'Include work\nHost xen1 xen2\n  User late\n  Port 2222\n',
    '.ssh/work': 'Host xen1\n  HostName 10.0.0.1\n  User early\n',
  });
  expect(Object.keys(those)).toEqual(['xen1', 'xen2']);
  expect(those.xen1).toMatchObject({ address: '10.0.0.1', user: 'early', port: 2222, ignored: [] });
  expect(those.xen2).toMatchObject({ address: 'xen2', user: 'late' });
});

test('a block at the end of an included file does not reach beyond it', async () => {
  const those = await found({ '.ssh/config': 'Include work\nUser everyone\n', '.ssh/work': 'Host a\n  Port 1\nHost b\n  Port 2\n' });
  expect(those.a).toMatchObject({ user: 'everyone', port: 1 });
  expect(those.b).toMatchObject({ user: 'everyone', port: 2 });
});

test('wildcards, several names, quotes, ~ and absolute paths; in the order of names, hidden files left out', async () => {
  await mkdir(join(home, '.ssh'));
  const those = await found({
    '.ssh/config': `Include conf.d/*.conf [ab]?.x "${home}/my files/one"\nInclude ~/two missing/*\nInclude "a b"\nInclude hosts.d/*/config\n`,
    '.ssh/conf.d/20.conf': 'Host twenty\n  User later\n',
    '.ssh/conf.d/10.conf': 'Host ten\nHost twenty\n  User first\n',
    '.ssh/conf.d/.hidden.conf': 'Host hidden\n',
    '.ssh/conf.d/README': 'not a config "\n',
    '.ssh/b1.x': 'Host b1\n',
    '.ssh/c1.x': 'Host c1\n',
    'my files/one': 'Host one\n',
    two: 'Host two\n',
    '.ssh/a b': 'Host three\n',
    '.ssh/hosts.d/tokyo/config': 'Host tokyo\n',
  });
  expect(Object.keys(those)).toEqual(['ten', 'twenty', 'b1', 'one', 'two', 'three', 'tokyo']);
  expect(those.twenty?.user).toBe('first');
  expect(those.ten?.ignored).toEqual([]);
});

test('inside a Host block it counts for the hosts of that block only, its own Host lines too', async () => {
  const those = await found({
    '.ssh/config': 'Host *.office\n  Include office\nHost a.office b.home\n  Port 2200\n',
    '.ssh/office': 'User clerk\nHost a.office c.home\n  IdentityFile ~/.ssh/office_key\n',
  });
  expect(Object.keys(those)).toEqual(['a.office', 'b.home']);
  expect(those['a.office']).toMatchObject({ user: 'clerk', port: 2200, keyPath: join(home, '.ssh', 'office_key') });
  expect(those['b.home']).toMatchObject({ user: null, port: 2200, keyPath: null });
});

test('Match is not followed, in whichever file, and nothing is run', async () => {
  const trap = join(home, 'trap');
  const those = await found({
    '.ssh/config': `Include more\nMatch exec "touch ${trap}"\n  Include evil\nHost a\n`,
    '.ssh/more': `Host b\n  Port 7\nMatch host b exec "touch ${trap}"\n  User evil\n`,
    '.ssh/evil': 'Host evil\n',
  });
  expect(Object.keys(those)).toEqual(['b', 'a']);
  expect(those.b).toMatchObject({ user: null, port: 7, ignored: ['Match exec'] });
  expect(existsSync(trap)).toBe(false);
});

test('a circle ends, also one that doubles at each turn, and is named', async () => {
  const those = await found({ '.ssh/config': 'Include b\nHost a\n', '.ssh/b': 'Host b\nHost *\nInclude b\nInclude b\n' });
  expect(Object.keys(those)).toEqual(['b', 'a']);
  expect(those.a?.ignored).toEqual(['Include']);
});

test('sixteen files deep is followed, and no deeper', async () => {
  const files: Record<string, string> = { '.ssh/config': 'Include d1\n' };
  for (let depth = 1; depth <= 17; depth++) files[`.ssh/d${depth}`] = `Include d${depth + 1}\nHost h${depth}\n`;
  const names = Object.keys(await found(files));
  expect(names).toContain('h16');
  expect(names).not.toContain('h17');
});

test('what can’t be read or understood is left out and named; the rest stays', async () => {
  await mkdir(join(home, '.ssh', 'folder'), { recursive: true });
  const those = await found({ '.ssh/config': 'Include broken folder %h.conf\nHost a\n', '.ssh/broken': 'Host "x\n' });
  expect(Object.keys(those)).toEqual(['a']);
  expect(those.a?.ignored).toEqual(['Include']);
});

test('what is no folder has nothing in it', async () => {
  await writeFile(join(home, 'file'), '');
  expect(await nodeDesktop().listFolder(join(home, 'file'))).toEqual([]);
});
