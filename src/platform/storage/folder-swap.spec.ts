import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSwaps, settleSwap, swapFolders } from './folder-swap.js';

const OLD = ['sources: old', 'results: nothing', 'keys: old'];
const ID = '5f0c';

describe('putting folders in their places together with a transaction', () => {
  let dataDir: string;
  let from: string;

  const write = async (path: string): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, path);
  };
  const files = async (): Promise<string[]> => {
    const names = ['sources', 'results', 'keys'];
    const found = await Promise.all(names.map((name) => readdir(join(dataDir, name)).catch(() => ['nothing'])));
    return names.map((name, index) => `${name}: ${found[index]?.join(' ') ?? ''}`);
  };

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'lumiere-swap-'));
    from = join(dataDir, 'tmp', 'restore');
    for (const name of ['sources', 'keys']) await write(join(dataDir, name, 'old'));
    for (const name of ['sources', 'results']) await write(join(from, name, 'new'));
  });

  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('keeps the new ones when it is committed, and those that are not replaced', async () => {
    await swapFolders(dataDir, ID, from, ['sources', 'results']);
    await settleSwap(dataDir, ID, true);
    expect(await files()).toEqual(['sources: new', 'results: new', 'keys: old']);
    expect(await openSwaps(dataDir)).toEqual([]);
  });

  it('puts the old ones back when it is not, even after work in progress was cleared', async () => {
    await swapFolders(dataDir, ID, from, ['sources', 'results']);
    expect(await files()).toEqual(['sources: new', 'results: new', 'keys: old']);
    await rm(join(dataDir, 'tmp'), { recursive: true });
    expect(await openSwaps(dataDir)).toEqual([ID]);
    await settleSwap(dataDir, ID, false);
    expect(await files()).toEqual(OLD);
    expect(await openSwaps(dataDir)).toEqual([]);
  });

  it.each([
    ['before the first folder was moved', []],
    ['when one was moved away', [['sources', 'before']]],
    [
      'when one was replaced',
      [
        ['sources', 'before'],
        ['restore/sources', 'after'],
      ],
    ],
  ])('puts the old ones back when it was cut short %s', async (_, moves: string[][]) => {
    // What is done first is the journal; the moves are made by hand, as far as they came.
    const whole = await mkdtemp(join(tmpdir(), 'lumiere-swap-whole-'));
    await cp(dataDir, whole, { recursive: true });
    await swapFolders(whole, ID, join(whole, 'tmp', 'restore'), ['sources', 'results']);
    const parked = join(dataDir, `before-restore-${ID}`);
    await mkdir(parked);
    await cp(join(whole, `before-restore-${ID}`, 'journal.json'), join(parked, 'journal.json'));
    await rm(whole, { recursive: true });
    for (const [, direction] of moves) {
      if (direction === 'before') await rename(join(dataDir, 'sources'), join(parked, 'sources'));
      else await rename(join(from, 'sources'), join(dataDir, 'sources'));
    }
    await settleSwap(dataDir, ID, false);
    await settleSwap(dataDir, ID, false);
    expect(await files()).toEqual(OLD);
  });
});
