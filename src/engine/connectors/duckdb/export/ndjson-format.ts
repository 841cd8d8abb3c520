import { cellValue } from '../cell-values.js';
import { identifier } from '../sql-text.js';
import type { ExportFormat, StoredColumn, Vectors } from './export-format.js';

/** One JSON object in a line for every row (ndjson.org), with the values that a JSON page has. */
export function ndjsonFormat(columns: readonly StoredColumn[]): ExportFormat {
  const keys = columns.map(({ name }, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`);
  return {
    select: columns.map(({ name }) => identifier(name)),
    begin: () => Buffer.alloc(0),
    encode: (vectors: Vectors, from, to) => {
      let text = '';
      for (let row = from; row < to; row += 1) {
        columns.forEach(({ stored, type }, index) => {
          const value = cellValue(vectors[index]?.getItem(row) ?? null, stored, type);
          text += `${keys[index] ?? ''}${JSON.stringify(value)}`;
        });
        text += '}\n';
      }
      return Buffer.from(text);
    },
    end: () => Buffer.alloc(0),
  };
}
