import { expect, it } from 'vitest';
import type { Host } from '../../contract/host.ts';
import { capture } from '../remote/programTest.ts';
import { manualClock } from '../testWorld.ts';
import { HostWatch } from './hostWatch.ts';
import type { Picture } from './picture.ts';

/** A watch whose host is this test: what it says goes in by `hears`, what it is asked stands in `asked`. */
function watching() {
  const clock = manualClock();
  const asked: string[] = [];
  const pictures: Picture[] = [];
  let learned: Partial<Host> = {};
  let heard = (_line: string) => {};
  let end = (_how: { exit: number | null; stderr: string }) => {};
  const stream = {
    onLine: (hear: (line: string) => void) => {
      heard = hear;
    },
    onEnd: (told: typeof end) => {
      end = told;
    },
    send: (text: string) => void asked.push(text.trimEnd()),
    close: () => {},
  };
  const watch = new HostWatch(
    stream,
    { clock, autoFolder: '/auto', heartbeatMs: 15_000 },
    {
      picture: (picture) => pictures.push(picture),
      figures: () => {},
      jobs: () => {},
      learn: (what) => {
        learned = { ...learned, ...what };
      },
    },
  );
  const block = (words: string, text: string, code = '0') => {
    heard(`begin ${words}`);
    for (const line of text.split('\n').filter(Boolean)) heard(`|${line}`);
    heard(`end ${words.split(' ')[0]} ${code}`);
  };
  const none = () => {
    block('files', '');
    block('auto', '');
  };
  const sample = (text: string) => {
    heard('f');
    for (const line of text.split('\n').slice(1)) if (line) heard(`f ${line}`);
    clock.advance(200);
  };
  return { clock, watch, asked, pictures, block, none, sample, learned: () => learned, end: () => end({ exit: 1, stderr: 'gone' }) };
}
const list = capture('xl-list-v').stdout;
const live = capture('xl-list-l').stdout;
const top = capture('xentop-b').stdout.split('\n').slice(0, 6).join('\n');

it('tells its first picture when it is whole: configs, list, and what the guests run with', () => {
  const { asked, pictures, block, none, learned } = watching();
  none();
  block('list', list);
  expect(pictures).toEqual([]);
  expect(learned().seenAt).toBeUndefined(); // its guests are not known yet
  expect(asked).toEqual(['live all', 'info']);
  block('live all', live);
  expect(pictures).toHaveLength(1);
  expect(learned().seenAt).toEqual(expect.any(Number));
  expect(pictures[0]?.live.get(4)?.name).toBe('tiny1');
});

it('asks again what xl could not tell while a domain was being built, ever more rarely', () => {
  const { asked, block, none, sample, pictures } = watching();
  none();
  block('list', list);
  const times = () => asked.filter((one) => one.startsWith('live')).length;
  sample(top);
  expect(times()).toBe(1); // the answer is on the way
  const when: number[] = [];
  for (let count = 0; count < 200; count++) {
    if (times() > when.length) {
      when.push(count);
      block('live all', '[]');
    }
    sample(top);
  }
  expect(when).toEqual([0, 1, 3, 7, 15, 31, 63, 95, 127, 159, 191]);
  block('live all', live);
  expect(pictures.at(-1)?.live.get(4)?.shape.type).toBe('pvh');
});

it('asks at once when a domain that xl knew nothing of changes its state', () => {
  const { asked, block, none } = watching();
  none();
  const paused = list.replace(/^(tiny1 .* )-b----/m, '$1--p---');
  block('list', paused);
  block('live all', live.replace('"domid": 4,', '"domid": 99,'));
  block('list', paused);
  expect(asked.filter((one) => one.startsWith('live'))).toEqual(['live all']);
  block('list', list);
  expect(asked.filter((one) => one.startsWith('live'))).toEqual(['live all', 'live 4']);
});

it('asks for a list when xentop sees another state, once for each', () => {
  const { asked, block, none, sample } = watching();
  none();
  block('list', list);
  block('live all', live);
  sample(top);
  const paused = top.replace(/(tiny1 )-.{5}/, '$1----p-');
  sample(paused);
  sample(paused);
  expect(asked.filter((one) => one === 'list')).toHaveLength(1);
  sample(top);
  sample(paused);
  expect(asked.filter((one) => one === 'list')).toHaveLength(2);
});

it('keeps what it can not read as it was, and says so', () => {
  const { block, none, pictures, learned } = watching();
  none();
  block('list', list);
  block('live all', live);
  block('list', list.replace(/^tiny1.*$/m, 'garbage'));
  expect(
    pictures
      .at(-1)
      ?.domains.map((one) => one.name)
      .sort(),
  ).toEqual(['Domain-0', 'hvm1', 'local2', 'pv1', 'tiny1']);
  expect(learned().watchProblem).toMatchObject({ code: 'output.unreadable', sample: 'garbage' });
  block('list', '', '1');
  expect(pictures.at(-1)?.domains).toHaveLength(5);
  block('list', list);
  expect(learned().watchProblem).toBeNull();
  expect(learned().dom0MemoryMiB).toBe(704);
});

it('beats after each sample, and by the clock where none comes', () => {
  const { clock, asked, sample } = watching();
  const beats = () => asked.filter((one) => one === 'beat').length;
  sample(top);
  expect(beats()).toBe(1);
  clock.advance(60_000);
  expect(beats()).toBeGreaterThanOrEqual(4);
});

it('lets a refresh end when the watch does', async () => {
  const { watch, end } = watching();
  const looked = watch.refresh();
  let told = '';
  watch.onEnd((stderr) => {
    told = stderr;
  });
  end();
  await looked;
  await watch.refresh();
  expect(told).toBe('gone');
});
