import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { CellValue } from '../../engine/charts/index.js';
import { rowBytes } from '../../engine/connectors/duckdb/index.js';

/** Rows that a first page and a chart are made from, at most. */
export const FIRST_ROWS = 5000;

/** Memory for rows, over all results, in bytes. */
const MOST_BYTES = 64_000_000;

/** The first rows of results that were made or read lately, by where the result lies. A stored result never changes. */
@Injectable()
export class FirstRows {
  private readonly cache = new LRUCache<string, CellValue[][]>({
    maxSize: MOST_BYTES,
    sizeCalculation: (rows) => rows.reduce((sum, row) => sum + rowBytes(row), 1),
  });

  get(location: string): CellValue[][] | undefined {
    return this.cache.get(location);
  }

  keep(location: string, rows: CellValue[][]): void {
    this.cache.set(location, rows);
  }
}
