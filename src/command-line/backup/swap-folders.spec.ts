import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { swapFolders } from './swap-folders.js';

describe('putting the folders of a backup in their places', () => {
  let dataDir: string;
  let folder: string;

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
    folder = join(dataDir, 'tmp', 'restore');
    for (const name of ['sources', 'results', 'keys']) await write(join(dataDir, name, 'old'));
    await write(join(folder, 'sources', 'new'));
  });

  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('leaves keys alone that the backup does not replace, and no file that no row names', async () => {
    await swapFolders(folder, dataDir, false);
    expect(await files()).toEqual(['sources: new', 'results: ', 'keys: old']);
  });

  it('replaces keys when the backup has them', async () => {
    await write(join(folder, 'keys', 'new'));
    await swapFolders(folder, dataDir, true);
    expect(await files()).toEqual(['sources: new', 'results: ', 'keys: new']);
  });

  it('can be undone', async () => {
    const putBack = await swapFolders(folder, dataDir, false);
    await putBack();
    expect(await files()).toEqual(['sources: old', 'results: old', 'keys: old']);
  });
});
