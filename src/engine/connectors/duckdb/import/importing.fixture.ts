/** Files made in memory, imported and read back. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CellValue, ResultColumn } from '../../../charts/contract.js';
import { readPage } from '../read-page.js';
import { importFile } from './import-file.js';
import type { ImportedTable, ImportOptions } from './import-request.js';

export interface Loaded extends ImportedTable {
  columns: ResultColumn[];
  rows: CellValue[][];
}

/** A folder of its own in which files are imported; `close` removes it. */
export class Importing {
  static async inNewFolder(): Promise<Importing> {
    return new Importing(await mkdtemp(join(tmpdir(), 'lumiere-import-')));
  }

  private constructor(private readonly folder: string) {}

  /** @returns every table of the file, with its first rows */
  async load(fileName: string, content: string | Uint8Array, options: ImportOptions = {}): Promise<Loaded[]> {
    const file = join(this.folder, 'upload');
    const { signal } = new AbortController();
    const bounds = {
      maxMemoryBytes: 256_000_000,
      threads: 2,
      maxSpillBytes: 100_000_000,
      scratchDirectory: this.folder,
      maxUnpackedBytes: 200_000_000,
    };
    await writeFile(file, content);
    try {
      const tables = await importFile({ file, fileName, directory: this.folder, options, signal, ...bounds });
      const loaded: Loaded[] = [];
      for (const table of tables) {
        const page = await readPage({ file: table.file, offset: 0, limit: 20, bounds, signal });
        await rm(table.file);
        loaded.push({ ...table, ...page });
      }
      return loaded;
    } finally {
      await rm(file);
    }
  }

  /** The one table of a file. */
  async loadOne(fileName: string, content: string | Uint8Array, options: ImportOptions = {}): Promise<Loaded> {
    const [table, ...others] = await this.load(fileName, content, options);
    if (!table || others.length > 0) throw new Error(`${others.length + (table ? 1 : 0)} tables came out of the file.`);
    return table;
  }

  /** The error that the import ends in, when nothing is left behind. */
  async refusal(fileName: string, content: string | Uint8Array, options: ImportOptions = {}): Promise<unknown> {
    const error = await this.load(fileName, content, options).then(
      () => new Error('The file was not refused.'),
      (thrown: unknown) => thrown,
    );
    const left = await readdir(this.folder);
    return left.length === 0 ? error : new Error(`The import left something behind: ${left.join(', ')}`);
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
