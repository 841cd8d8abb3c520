import { describe, expect, it } from '@jest/globals';
import { FairQueue, type QueueLimits, type Ticket } from './fair-queue.js';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A queue whose runs end when they are told to; the order of their beginnings is kept. */
function scene(limits: Partial<QueueLimits>) {
  const queue = new FairQueue({ concurrency: 1, perUser: 10, perSource: 10, ...limits });
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const add = (name: string, userId: number, sourceId: number | null = 1): Ticket =>
    queue.add({ userId, sourceId }, () => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    });
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await settled();
  };
  return { queue, begun, add, end };
}

describe('the queue of runs', () => {
  it('lets people take turns, however many runs each asks for', async () => {
    const { begun, add, end } = scene({});
    for (let n = 1; n <= 4; n += 1) add(`ada ${n}`, 1);
    add('bob 1', 2);
    add('eve 1', 3);
    add('bob 2', 2);
    for (let n = 0; n < 7; n += 1) await end(begun[n] ?? '');
    expect(begun).toEqual(['ada 1', 'ada 2', 'bob 1', 'eve 1', 'ada 3', 'bob 2', 'ada 4']);
  });

  it('gives nobody more turns at once than one person may have', async () => {
    const { begun, add, end, queue } = scene({ concurrency: 4, perUser: 2 });
    for (let n = 1; n <= 5; n += 1) add(`ada ${n}`, 1);
    add('bob 1', 2);
    expect(begun).toEqual(['ada 1', 'ada 2', 'bob 1']);
    expect([queue.size(), queue.size(1), queue.size(2)]).toEqual([3, 3, 0]);
    await end('ada 1');
    expect(begun).toEqual(['ada 1', 'ada 2', 'bob 1', 'ada 3']);
  });

  it('lets what is for another source pass what waits for a busy one', async () => {
    const { begun, add, end } = scene({ concurrency: 4, perSource: 1 });
    add('slow 1', 1, 7);
    add('slow 2', 1, 7);
    add('slow 3', 2, 7);
    add('quick', 1, 8);
    expect(begun).toEqual(['slow 1', 'quick']);
    await end('slow 1');
    expect(begun).toEqual(['slow 1', 'quick', 'slow 3']);
    await end('slow 3');
    expect(begun).toEqual(['slow 1', 'quick', 'slow 3', 'slow 2']);
  });

  it('forgets what does not want to wait any more, and says so once', async () => {
    const { begun, add, end, queue } = scene({});
    const first = add('first', 1);
    const second = add('second', 1);
    add('third', 1);
    expect([first.leave(), second.leave(), second.leave()]).toEqual([false, true, false]);
    await end('first');
    expect([begun, queue.size()]).toEqual([['first', 'third'], 0]);
  });

  it('says how many come before, as people take turns', async () => {
    const { add, end } = scene({});
    const first = add('ada 1', 1);
    const waiting = [add('ada 2', 1), add('ada 3', 1), add('bob 1', 2), add('bob 2', 2)];
    const places = (): (number | null)[] => waiting.map(({ place }) => place());
    expect([first.place(), ...places()]).toEqual([null, 1, 3, 2, 4]);
    await end('ada 1');
    expect(places()).toEqual([null, 2, 1, 3]);
  });

  it('counts what is for no source yet for its person only', () => {
    const { begun, add } = scene({ concurrency: 5, perUser: 2, perSource: 1 });
    add('ada 1', 1, null);
    add('ada 2', 1, null);
    add('ada 3', 1, null);
    add('bob 1', 2, null);
    expect(begun).toEqual(['ada 1', 'ada 2', 'bob 1']);
  });

  it('goes on after a run that fails', async () => {
    const { begun, add, queue } = scene({});
    queue.add({ userId: 1, sourceId: 1 }, () => Promise.reject(new Error('no')));
    add('next', 1);
    await settled();
    expect(begun).toEqual(['next']);
  });
});
