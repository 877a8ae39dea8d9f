import { expect, it } from 'vitest';
import { fail } from '../../contract/problem.ts';
import { remoteWith } from '../remote/programTest.ts';
import { aboutMove } from './aboutTest.ts';
import { settle } from './settle.ts';

const about = { ...aboutMove, guestName: 'web', uuid: 'u', domid: 3 };

/** The link has gone when it is looked at once more. */
const lost = 'lost';

/** Settling over ends that answer as they are told, a look after the other; what was asked of them is kept. */
function ends(source: string[], target: string[]) {
  const asked: string[] = [];
  const end = (name: string, looks: string[]) =>
    remoteWith({
      program: async (program, args) => {
        asked.push([name, program.name, ...args].join(' '));
        if (program.name === 'move-unstage' && looks[0] === lost) fail('ssh.closed', { address: name });
        const said =
          program.name === 'move-look'
            ? ((looks.length > 1 ? looks.shift() : looks[0]) ?? '')
            : program.name === 'move-resume'
              ? 'resumed\n'
              : '';
        return { exit: 0, signal: null, stdout: `${said}ok\n`, stderr: '' };
      },
    });
  const there = end('target', target);
  const what = {
    id: 'm1',
    about,
    source: end('source', source),
    target: () => Promise.resolve(there),
    targetIfOpen: () => there,
    wait: () => Promise.resolve(),
    log: () => {},
    lines: [],
  };
  return { asked, settled: settle(what) };
}

it('what its job could not do any more when it had moved is done for it: its disks here are set aside, then that is noted', async () => {
  const { asked, settled } = ends(
    ['boot b\njob ended\nphase undecided\ncommitted\n'],
    ['boot b\ndomain 4 -b---- web\nincoming received\ninstalled\n'],
  );
  await settled;
  const set = asked.filter((one) => one.startsWith('source move-aside'));
  expect(set).toEqual(['source move-aside m1 shelve', 'source move-aside m1 moved']);
  // without its folder there nobody could tell any more
  expect(asked.indexOf('target move-unstage m1')).toBeGreaterThan(asked.indexOf('source move-aside m1 moved'));
});

it('how it ended is noted before the target is tidied, and stands fast when the link there goes', async () => {
  const { asked, settled } = ends(['boot b\njob died\nphase moving\ncommitted\n'], ['boot b\nincoming failed\n', lost]);
  await expect(settled).rejects.toMatchObject({ problem: { code: 'move.halted' } });
  const [back, noted] = ['source move-aside m1 back', 'source move-aside m1 stayed'].map((one) => asked.indexOf(one));
  expect(back).toBeGreaterThan(-1);
  expect(noted).toBeGreaterThan(back ?? 0);
  expect(asked.findIndex((one) => one.startsWith('target move-unstage'))).toBeGreaterThan(noted ?? 0);
});

it('what was set aside goes back where its job ended without a word of it, and the guest runs here again', async () => {
  const { asked, settled } = ends(['boot b\ndomain 3 -b---- web\njob ended\nphase undecided\ncommitted\n'], ['boot b\nincoming failed\n']);
  await expect(settled).rejects.toMatchObject({ problem: { code: 'move.failedAtSource' } });
  expect(asked.indexOf('source move-aside m1 back')).toBeGreaterThan(-1);
  expect(asked.indexOf('source move-aside m1 back')).toBeLessThan(asked.indexOf('source move-aside m1 stayed'));
});

it('a guest that stands still when its job was killed is left to its own xl, which lets it go on', async () => {
  const still = 'boot b\ndomain 3 ---ss- web\njob died\nphase moving\n';
  const { asked, settled } = ends(
    [still, still, still, 'boot b\ndomain 3 -b---- web\njob died\nphase moving\n'],
    ['boot b\nincoming failed\n'],
  );
  await expect(settled).rejects.toMatchObject({ problem: { code: 'move.killed' } });
  expect(asked.filter((one) => /job-cancel|move-resume/.test(one))).toEqual(['source job-cancel m1']);
});

it('one that stands still for good is helped on', async () => {
  const { asked, settled } = ends(['boot b\ndomain 3 ---ss- web\njob died\nphase moving\n'], ['boot b\nincoming failed\n']);
  await expect(settled).rejects.toMatchObject({ problem: { effect: 'none' } });
  expect(asked.filter((one) => one.includes('move-resume'))).toHaveLength(1);
});
