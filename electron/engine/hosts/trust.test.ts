import { expect, test } from 'vitest';
import { ProblemError, problem } from '../../contract/problem.ts';
import { wireBytes } from '../ssh/wire.ts';
import { testWorld } from '../testWorld.ts';
import { createTrust } from './trust.ts';

const key = (is: string) => Buffer.concat([wireBytes('ssh-ed25519'), wireBytes(is)]);
const at = (port: number) => ({ address: 'xen.example', port });

test('keys of hosts that are added at once are all known to the next run', async () => {
  const { world, files } = testWorld();
  const trust = createTrust(world);
  const ports = [2201, 2202, 2203];
  await Promise.all(ports.map((port) => trust.store(at(port), key(`of ${port}`))));
  const look = await createTrust(testWorld(files).world).look();
  for (const port of ports) expect(look.judge(at(port), key(`of ${port}`)), files.get('known_hosts')).toBeNull();
});

test('one that can’t be written is told to its own host, and hinders no other', async () => {
  const { world, files } = testWorld();
  const full = new ProblemError(problem('store.unwritable', { file: 'known_hosts' }));
  let room = false;
  const trust = createTrust({
    ...world,
    files: { ...world.files, write: (name, text) => (room ? world.files.write(name, text) : Promise.reject(full)) },
  });
  const first = trust.store(at(2201), key('of 2201'));
  const told = first.catch((why: unknown) => {
    room = true;
    return why;
  });
  await expect(trust.store(at(2202), key('of 2202')).then(() => told)).resolves.toBe(full);
  const look = await createTrust(testWorld(files).world).look();
  expect(look.judge(at(2201), key('of 2201'))).toMatchObject({ code: 'hostKey.unknown' });
  expect(look.judge(at(2202), key('of 2202'))).toBeNull();
});
