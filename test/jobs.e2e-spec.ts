/** Long work in the background: done at least once, whatever happens to the process that is at it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JobsProgram } from './support/jobs-program.js';
import { runToExit } from './support/server.mjs';

describe('jobs', () => {
  let directory: string;
  let program: JobsProgram;
  const environment = (): Record<string, string> => ({ LUMIERE_DATA_DIR: directory });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lumiere-jobs-'));
    program = await JobsProgram.start(environment());
  }, 60_000);
  afterAll(async () => {
    await program.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const add = (name: string, how = 'works', more: object = {}): Promise<unknown> =>
    program.tell('add', { payload: { name, how }, ...more });

  it('are done soon after they were added', async () => {
    const started = Date.now();
    expect(await add('soon')).toEqual(expect.any(String));
    await program.seen(({ done }) => done === 'soon');
    expect(Date.now() - started).toBeLessThan(3000);
  });

  it('are done one behind the other without a pause', async () => {
    const started = Date.now();
    for (let nth = 1; nth <= 12; nth += 1) await add(`nth-${nth}`);
    for (let nth = 1; nth <= 12; nth += 1) await program.seen(({ done }) => done === `nth-${nth}`);
    // Two at a time: with a look every two seconds it would take ten.
    expect(Date.now() - started).toBeLessThan(6000);
  });

  it('are done in the name of whoever asked for them', async () => {
    await program.tell('addAs', { payload: { name: 'mine' }, userId: 42 });
    expect(await program.seen(({ begun }) => begun === 'mine')).toMatchObject({ user: 42, actor: 'session' });
  });

  it('are added once for one key', async () => {
    expect(await add('first', 'works', { key: 'k' })).toEqual(expect.any(String));
    expect(await add('second', 'works', { key: 'k' })).toBeNull();
    await program.seen(({ done }) => done === 'first');
    expect(program.events.some(({ begun }) => begun === 'second')).toBe(false);
  });

  it('are there when their transaction is committed, and never when it is rolled back', async () => {
    await program.tell('addInTransaction', { payload: { name: 'undone' }, commit: false });
    await program.tell('addInTransaction', { payload: { name: 'committed' }, commit: true });
    await program.seen(({ done }) => done === 'committed');
    expect(program.events.some(({ begun }) => begun === 'undone')).toBe(false);
  });

  it('are tried again when they fail, and then given up with the reason', async () => {
    await add('bad', 'fails');
    expect(await program.seen(({ givenUp }) => givenUp === 'bad')).toMatchObject({ reason: 'It went wrong.' });
    expect(program.events.filter(({ begun }) => begun === 'bad').map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('are given up at once when another try would end the same', async () => {
    await add('vain', 'hopeless');
    expect(await program.seen(({ givenUp }) => givenUp === 'vain')).toMatchObject({ reason: 'It cannot go right.' });
    expect(program.events.filter(({ begun }) => begun === 'vain')).toHaveLength(1);
  });

  it('are stopped when they are cancelled', async () => {
    const id = await add('cancelled', 'hangs');
    await program.seen(({ begun }) => begun === 'cancelled');
    await program.tell('cancel', { id });
    // A place at work is free again: two can work at a time.
    await add('a', 'works');
    await program.seen(({ done }) => done === 'a');
    expect(program.events.some(({ done }) => done === 'cancelled')).toBe(false);
  });

  it('run again, within 90 seconds, when the process that was at them is killed', async () => {
    await add('survivor', 'hangs');
    await program.seen(({ begun }) => begun === 'survivor');
    await program.kill();
    const killed = Date.now();
    program = await JobsProgram.start(environment());
    expect(await program.seen(({ begun }) => begun === 'survivor', 90_000)).toMatchObject({ attempt: 2 });
    expect(Date.now() - killed).toBeLessThan(90_000);
  }, 120_000);

  it('come at the times of a schedule, in the name of whose schedule it is, until it is removed', async () => {
    await program.tell('schedule', { cron: '* * * * *', payload: { name: 'minutely' } });
    expect(await program.seen(({ begun }) => begun === 'minutely', 100_000)).toMatchObject({
      user: 7,
      actor: 'schedule',
    });
    await program.tell('unschedule');
    await expect(program.tell('schedule', { cron: 'now and then', payload: { name: 'never' } })).rejects.toThrow();
  }, 120_000);

  it('refuse a role that the embedded database cannot serve', async () => {
    const { code, output } = await runToExit({ LUMIERE_ROLE: 'worker', LUMIERE_DATA_DIR: join(directory, 'other') });
    expect(code).toBe(1);
    expect(output).toContain('Set DATABASE_URL');
  });
});
