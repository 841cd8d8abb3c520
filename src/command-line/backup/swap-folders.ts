import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** Rows say which files of these there are, so an old file has no place beside new rows. */
const FOLDERS_OF_ROWS = ['sources', 'results'];

/**
 * Puts the folders of an unpacked backup in the place of those of the data directory.
 *
 * @param withKeys whether the backup has keys that take the place of those that are there; otherwise these stay
 * @returns what puts the folders back that were there before
 */
export async function swapFolders(folder: string, dataDir: string, withKeys: boolean): Promise<() => Promise<void>> {
  const undo: (() => Promise<void>)[] = [];
  const move = async (from: string, to: string): Promise<void> => {
    if (!existsSync(from)) return;
    await rename(from, to);
    undo.unshift(() => rename(to, from));
  };
  for (const name of FOLDERS_OF_ROWS) await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
  for (const name of [...FOLDERS_OF_ROWS, ...(withKeys ? ['keys'] : [])]) {
    await move(join(dataDir, name), join(folder, `${name}-before`));
    await move(join(folder, name), join(dataDir, name));
  }
  return async () => {
    for (const step of undo) await step();
  };
}
