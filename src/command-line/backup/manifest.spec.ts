import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkBackup, describeFiles } from './manifest.js';

const MANIFEST = {
  format: 1,
  lumiere: '0.1.0',
  created_at: '2026-01-01T00:00:00.000Z',
  migrations: [],
  with_results: true,
  with_keys: false,
  tables: [{ name: 'users', rows: 0, columns: ['id'], sequences: [] }],
};

describe('checking a backup', () => {
  let folder: string;
  const write = async (manifest: object): Promise<void> =>
    writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lumiere-manifest-'));
    await mkdir(join(folder, 'sources'));
    await writeFile(join(folder, 'sources', 'a'), 'a');
    await write({ ...MANIFEST, files: await describeFiles(folder) });
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('takes one that is as it was written', async () => {
    expect(await checkBackup(folder)).toMatchObject(MANIFEST);
  });

  it.each(['/etc', 'a'])('refuses a link to %s among its files', async (target) => {
    await symlink(target, join(folder, 'sources', 'link'));
    await expect(checkBackup(folder)).rejects.toThrow('link, which is neither a file nor a folder');
  });

  it.each([
    ['no tables', { tables: undefined }],
    ['a table with a name of its own making', { tables: [{ ...MANIFEST.tables[0], name: 'users" CASCADE' }] }],
    ['a file without a hash', { files: [{ path: 'sources/a', bytes: 1 }] }],
    ['migrations that are no names', { migrations: [1] }],
  ])('refuses a manifest with %s', async (_, change) => {
    await write({ ...MANIFEST, files: [], ...change });
    await expect(checkBackup(folder)).rejects.toThrow('is not in the form of one');
  });
});
