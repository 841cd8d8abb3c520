import { link, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lockDataDirectory } from './data-directory-lock.js';

describe('the lock of a data directory', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lumiere-lock-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** What a server that was killed leaves behind. */
  const leaveStaleSocket = async (): Promise<void> => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(join(folder, 'dying'), done));
    await link(join(folder, 'dying'), join(folder, '.lock-00000000'));
    await new Promise((done) => server.close(done));
  };

  it('is held by one, and free again after its release', async () => {
    const first = await lockDataDirectory(folder);
    await expect(lockDataDirectory(folder)).rejects.toThrow(/Another Lumiere server is using the data directory/);
    await first.release();
    await (await lockDataDirectory(folder)).release();
  });

  it('goes to exactly one of those that start together after one was killed', async () => {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      await leaveStaleSocket();
      const starters = Array.from({ length: 2 + (attempt % 3) }, () => lockDataDirectory(folder));
      const outcomes = await Promise.allSettled(starters);
      const holders = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      expect(holders).toHaveLength(1);
      await holders[0]?.release();
    }
  });
});
