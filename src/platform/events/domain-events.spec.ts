import { describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { DomainEvents } from './domain-events.js';
import { EventKind } from './event-kind.js';

const COUNTED = new EventKind<{ n: number }>('thing.counted');

describe('domain events', () => {
  const events = (): DomainEvents => new DomainEvents(new DataSource({ type: 'postgres' }));

  it('reach everybody who wants to know of their kind, until they do not any more', async () => {
    const some = events();
    const seen: number[] = [];
    const stop = some.on(COUNTED, ({ n }) => void seen.push(n));
    some.on(COUNTED, ({ n }) => void seen.push(-n));
    some.on(new EventKind('thing.else'), () => void seen.push(0));
    some.publish(COUNTED, { n: 1 });
    stop();
    some.publish(COUNTED, { n: 2 });
    await some.beforeApplicationShutdown();
    expect(seen).toEqual([1, -1, -2]);
  });

  it('trouble neither who publishes them nor others when somebody fails', async () => {
    const some = events();
    const seen: number[] = [];
    some.on(COUNTED, () => {
      throw new Error('at once');
    });
    some.on(COUNTED, async () => Promise.reject(new Error('later')));
    some.on(COUNTED, ({ n }) => void seen.push(n));
    some.publish(COUNTED, { n: 1 });
    await some.beforeApplicationShutdown();
    expect(seen).toEqual([1]);
  });

  it('are waited for when the server stops', async () => {
    const some = events();
    let done = false;
    some.on(COUNTED, async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      done = true;
    });
    some.publish(COUNTED, { n: 1 });
    await some.beforeApplicationShutdown();
    expect(done).toBe(true);
  });
});
