import { describe, expect, it } from 'vitest';
import type { Change } from '../../contract/api.ts';
import { fail } from '../../contract/problem.ts';
import type { Task } from '../../contract/task.ts';
import type { TaskHand, TaskStart } from '../parts.ts';
import { testWorld } from '../testWorld.ts';
import { createTasks } from './tasks.ts';

const start: TaskStart = { kind: 'guest.start', hostId: 'h1', guestId: 'g1', guestName: 'web' };
const settle = () => new Promise((done) => setTimeout(done, 0));
const signalOf = new AbortController().signal;

/** Work that ends when the test says so. */
function work() {
  let hand: TaskHand | null = null;
  let resolve = () => {};
  let reject = (_thrown: unknown) => {};
  const promise = new Promise<void>((good, bad) => {
    resolve = good;
    reject = bad;
  });
  return {
    run: (given: TaskHand) => {
      hand = given;
      given.signal.addEventListener('abort', () => reject(given.signal.reason));
      return promise;
    },
    started: () => hand !== null,
    hand: () => hand ?? fail('task.unknown', { taskId: '' }),
    done: () => resolve(),
    failWith: (thrown: unknown) => reject(thrown),
  };
}

describe('tasks', () => {
  it('tells every phase to those who watch, and nothing when nothing changed', async () => {
    const tasks = await createTasks({ world: testWorld().world });
    const heard: Change<Task>[] = [];
    tasks.handlers['task.watch']({}, (change) => heard.push(change));
    expect(heard).toEqual([{ is: 'all', items: [] }]);
    const one = work();
    const id = tasks.start(start, one.run);
    await settle();
    one.hand().tell({ phase: 'starting' });
    one.hand().tell({ phase: 'starting' });
    one.hand().log('xl create');
    one.done();
    await settle();
    const phases = heard.flatMap((change) => (change.is === 'put' ? [change.item.phase] : []));
    expect(phases).toEqual(['queued', 'checking', 'starting', 'starting', 'ended']);
    expect(tasks.get(id)).toMatchObject({ outcome: { is: 'done' }, log: ['xl create'], mayCancel: { may: false } });
  });

  it('runs work on one guest in turn, on others at once', async () => {
    const tasks = await createTasks({ world: testWorld().world });
    const [first, second, other] = [work(), work(), work()];
    tasks.start(start, first.run);
    tasks.start(start, second.run);
    tasks.start({ ...start, guestId: 'g2' }, other.run);
    await settle();
    expect([first.started(), second.started(), other.started()]).toEqual([true, false, true]);
    first.failWith(new Error('it breaks'));
    await settle();
    expect(second.started()).toBe(true);
  });

  it('lets others begin while work waits for its time, and calls its guest busy when that has come', async () => {
    const tasks = await createTasks({ world: testWorld().world });
    const [waiting, other] = [work(), work()];
    const id = tasks.start({ ...start, kind: 'guest.migrate', startsAt: 5000, mayCancel: { may: true } }, waiting.run);
    tasks.start(start, other.run);
    await settle();
    expect(other.started()).toBe(false); // it is being made ready
    waiting.hand().tell({ phase: 'scheduled' });
    await settle();
    expect(other.started()).toBe(true);
    expect(tasks.doing('h1', 'g1')?.kind).toBe('guest.start');
    other.done();
    await settle();
    expect(tasks.doing('h1', 'g1')).toBeNull();
    expect(tasks.get(id)).toMatchObject({ phase: 'scheduled', startsAt: 5000, outcome: null });
    waiting.hand().tell({ phase: 'copyingMemory' });
    expect(tasks.doing('h1', 'g1')?.taskId).toBe(id);
    waiting.done();
    await settle();
    expect(tasks.get(id)?.outcome).toEqual({ is: 'done' });
  });

  it('says of what waited when the program ended that its host knows, and of what was found over when it ended', async () => {
    const { world } = testWorld();
    const first = await createTasks({ world });
    const id = first.start({ ...start, kind: 'guest.migrate', startsAt: 5000 }, work().run);
    await settle();
    first.close();
    const second = await createTasks({ world });
    expect(second.get(id)?.outcome).toMatchObject({ is: 'unknown', problem: { code: 'task.scheduled', at: 5000 } });
    const found = { id, startedAt: 0, foreign: false, endedAt: 6000 };
    second.start({ ...start, kind: 'guest.migrate', startsAt: 5000, found }, async () => {});
    await settle();
    expect(second.get(id)).toMatchObject({ outcome: { is: 'done' }, startsAt: 5000, endedAt: 6000 });
  });

  it('says what is being done to a guest, on both hosts of a move', async () => {
    const tasks = await createTasks({ world: testWorld().world });
    const one = work();
    const id = tasks.start({ ...start, kind: 'guest.migrate', targetHostId: 'h2' }, one.run);
    expect(tasks.doing('h1', 'g1')).toEqual({ taskId: id, kind: 'guest.migrate' });
    expect(tasks.doing('h2', 'g1')).toEqual({ taskId: id, kind: 'guest.migrate' });
    expect(tasks.doing('h3', 'g1')).toBeNull();
    await settle();
    one.done();
    await settle();
    expect(tasks.doing('h1', 'g1')).toBeNull();
  });

  it('cancels what may be cancelled and says why the rest may not', async () => {
    const tasks = await createTasks({ world: testWorld().world });
    const cancel = (taskId: string) => tasks.handlers['task.cancel']({ taskId }, signalOf);
    const [fixed, queued, free] = [work(), work(), work()];
    const fixedId = tasks.start(start, fixed.run);
    const queuedId = tasks.start(start, queued.run);
    const freeId = tasks.start({ ...start, guestId: 'g2', mayCancel: { may: true } }, free.run);
    await settle();
    await expect(cancel(fixedId)).rejects.toMatchObject({ problem: { code: 'task.notCancellable' } });
    await expect(cancel('nothing')).rejects.toMatchObject({ problem: { code: 'task.unknown' } });
    await cancel(queuedId);
    await cancel(freeId);
    fixed.done();
    await settle();
    expect(queued.started()).toBe(false);
    expect(tasks.get(queuedId)?.outcome).toEqual({ is: 'cancelled' });
    expect(tasks.get(freeId)?.outcome).toEqual({ is: 'cancelled' });
    await expect(cancel(freeId)).rejects.toMatchObject({ problem: { code: 'task.ended' } });
  });

  it('passes on the reason a task gives for not being cancellable now', async () => {
    const tasks = await createTasks({ world: testWorld().world });
    const one = work();
    const id = tasks.start({ ...start, mayCancel: { may: true } }, one.run);
    await settle();
    one.hand().tell({ mayCancel: { may: false, because: { code: 'move.tooLateToCancel', effect: 'none' } } });
    await expect(tasks.handlers['task.cancel']({ taskId: id }, signalOf)).rejects.toMatchObject({
      problem: { code: 'move.tooLateToCancel' },
    });
  });

  it('tells failed, unknown, and cancelled but not undone apart', async () => {
    const tasks = await createTasks({ world: testWorld().world });
    const thrown: [() => never, string][] = [
      [() => fail('memory.short', { shortMiB: 5 }), 'failed'],
      [() => fail('ssh.closed', { address: 'a' }, { effect: 'unknown' }), 'unknown'],
      [
        () => {
          throw new Error('ours');
        },
        'failed',
      ],
    ];
    for (const [thrower, expected] of thrown) {
      const id = tasks.start({ ...start, guestId: null }, async () => thrower());
      await settle();
      expect(tasks.get(id)?.outcome?.is).toBe(expected);
    }
    const id = tasks.start({ ...start, mayCancel: { may: true } }, async (hand) => {
      await new Promise((done) => hand.signal.addEventListener('abort', done));
      fail('create.stepFailed', { step: 'disk', said: '', undone: [], left: ['/x'] }, { effect: 'partial' });
    });
    await settle();
    await tasks.handlers['task.cancel']({ taskId: id }, signalOf);
    await settle();
    expect(tasks.get(id)?.outcome).toMatchObject({ is: 'failed', problem: { left: ['/x'] } });
  });

  it('tells what really happened to work that failed by itself, cancelled or not', async () => {
    const tasks = await createTasks({ world: testWorld().world });
    const id = tasks.start({ ...start, mayCancel: { may: true } }, async (hand) => {
      await new Promise((done) => hand.signal.addEventListener('abort', done));
      fail('move.killed', { name: 'web', host: 'b' });
    });
    await settle();
    await tasks.handlers['task.cancel']({ taskId: id }, signalOf);
    await settle();
    expect(tasks.get(id)?.outcome).toMatchObject({ is: 'failed', problem: { code: 'move.killed' } });
  });

  it('hands a cancel on to what was found, although it waits behind something else', async () => {
    const tasks = await createTasks({ world: testWorld().world });
    const first = work();
    tasks.start(start, first.run);
    const found = { id: 'job', startedAt: 1, foreign: true };
    let heard = false;
    tasks.start({ ...start, kind: 'guest.migrate', found }, async (hand) => {
      heard = hand.signal.aborted;
    });
    await settle();
    await tasks.handlers['task.cancel']({ taskId: 'job' }, signalOf);
    first.done();
    await settle();
    expect(heard).toBe(true);
    expect(tasks.get('job')?.outcome).toEqual({ is: 'done' }); // it had gone on, and came over
  });

  it('survives the end of the program: what ran is unknown until its job is found', async () => {
    const before = testWorld();
    const tasks = await createTasks({ world: before.world });
    const [done, cut] = [work(), work()];
    const doneId = tasks.start(start, done.run);
    const cutId = tasks.start({ ...start, kind: 'guest.migrate', guestId: 'g2' }, cut.run);
    await settle();
    done.done();
    await settle();
    tasks.close();

    const again = await createTasks({ world: testWorld(before.files).world });
    expect(again.all().map((task) => task.id)).toEqual([cutId]); // what was seen to end stands in History only
    expect(again.get(cutId)?.outcome).toMatchObject({ is: 'unknown', problem: { code: 'task.interrupted' } });
    expect(
      again
        .history()
        .map((task) => task.id)
        .sort(),
    ).toEqual([doneId, cutId].sort());

    const found = work();
    const what: TaskStart = { ...start, kind: 'guest.migrate', guestId: 'g2', found: { id: cutId, startedAt: 1, foreign: false } };
    expect(again.start(what, found.run)).toBe(cutId);
    again.start(what, () => Promise.reject(new Error('a found task runs once')));
    await settle();
    expect(again.get(cutId)?.outcome).toBeNull();
    found.done();
    await settle();
    expect(again.get(cutId)?.outcome).toEqual({ is: 'done' });
    again.start(what, () => Promise.reject(new Error('nor does it run again when it has ended')));
    await settle();
    expect(again.get(cutId)?.outcome).toEqual({ is: 'done' });
  });

  it('reads a journal with broken lines and one it does not know', async () => {
    const before = testWorld();
    const tasks = await createTasks({ world: before.world });
    const id = tasks.start(start, async () => {});
    await settle();
    const text = before.files.get('tasks.ndjson') ?? '';
    before.files.set('tasks.ndjson', `garbage\n{"v":2,"task":{}}\nnull\n${text}{"v":1,"task":{"id":`);
    const again = await createTasks({ world: testWorld(before.files).world });
    expect(again.history().map((task) => task.id)).toEqual([id]);
  });

  it('dismisses an ended task from the tray, keeping it in History; a running one stays', async () => {
    const tasks = await createTasks({ world: testWorld().world });
    const one = work();
    const id = tasks.start(start, one.run);
    await settle();
    await tasks.handlers['task.dismiss']({ taskId: id }, signalOf);
    expect(tasks.all()).toHaveLength(1);
    one.done();
    await settle();
    const heard: Change<Task>[] = [];
    tasks.handlers['task.watch']({}, (change) => heard.push(change));
    await tasks.handlers['task.dismiss']({ taskId: id }, signalOf);
    expect(heard.at(-1)).toEqual({ is: 'gone', id });
    expect(tasks.all()).toEqual([]);
    expect(await tasks.handlers['history.list']({ limit: 5 }, signalOf)).toHaveLength(1);
  });
});
