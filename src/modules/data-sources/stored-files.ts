import { basename } from 'node:path';
import type { ImportedTable } from '../../engine/connectors/duckdb/index.js';

export interface StoredFile {
  location: string;
  bytes: number;
}

/** Where imported tables lie, by name, once their folder has been moved to where it is kept. */
export function storedFiles(tables: readonly ImportedTable[], folder: string): Map<string, StoredFile> {
  return new Map(
    tables.map(({ name, file, bytes }) => [name, { location: `${folder}/${basename(file)}`, bytes }] as const),
  );
}
