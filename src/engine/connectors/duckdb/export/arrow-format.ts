import { AsyncByteQueue, Field, RecordBatch, RecordBatchStreamWriter, Schema, Struct, makeData } from 'apache-arrow';
import { identifier } from '../sql-text.js';
import { arrowColumn } from './arrow-columns.js';
import type { ExportFormat, StoredColumn, Vectors } from './export-format.js';

/** What the writer has written and nobody has taken yet. */
class Written extends AsyncByteQueue {
  private pieces: Uint8Array[] = [];

  override write(piece: Uint8Array): void {
    this.pieces.push(piece);
  }

  take(): Uint8Array {
    const taken = Buffer.concat(this.pieces);
    this.pieces = [];
    return taken;
  }
}

/**
 * Arrow's IPC streaming format (arrow.apache.org/docs/format/Columnar.html): record batches that can be read while they
 * come. Every field notes its catalogue type as `lumiere.type`, because texts also stand for JSON, lists and UUIDs.
 */
export function arrowFormat(columns: readonly StoredColumn[]): ExportFormat {
  const parts = columns.map((column) => ({ ...column, ...arrowColumn(column), meaning: column.type }));
  const fields = parts.map(
    ({ name, type, meaning }) => new Field(name, type, true, new Map([['lumiere.type', meaning]])),
  );
  const schema = new Schema(fields);
  const written = new Written();
  const writer = new RecordBatchStreamWriter();
  writer.reset(written, schema);
  return {
    select: columns.map(({ name }) => identifier(name)),
    begin: () => written.take(),
    encode: (vectors: Vectors, from, to) => {
      const children = parts.map(({ data }, index) => data(vectors[index], from, to));
      const rows = makeData({ type: new Struct(fields), length: to - from, nullCount: 0, children });
      writer.write(new RecordBatch(schema, rows));
      return written.take();
    },
    end: () => {
      writer.finish();
      return written.take();
    },
  };
}
