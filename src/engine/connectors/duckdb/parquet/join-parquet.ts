import { type FileHandle, open } from 'node:fs/promises';
import { readThrift, type ThriftList, type ThriftStruct, type ThriftValue, writeThrift } from './thrift-compact.js';

/** `PAR1`, at both ends of a file. Before the second one stand the footer and its length. */
const MAGIC = Buffer.from('PAR1');
const TAIL_BYTES = 8;
const COPY_BYTES = 4_000_000;

/** Numbers of the fields in parquet.thrift that say where something lies in the file, or count. */
const FILE = { schema: 2, rows: 3, rowGroups: 4 } as const;
const ROW_GROUP = { columns: 1, offset: 5, ordinal: 7 } as const;
const COLUMN = { offset: 2, metadata: 3, offsetIndex: 4, columnIndex: 6 } as const;
const METADATA_OFFSETS = [9, 10, 11, 14];

/**
 * Makes one Parquet file of several that the same statement has written: their row groups, as they are, in the order of
 * the files, under one footer. Nothing is decoded. Source: the format of apache/parquet-format, `parquet.thrift`.
 *
 * @param files at least one; they stay
 * @param target does not exist; what is there after a failure is the caller's to remove
 * @returns bytes of the target
 * @throws Error when the files do not have the same columns; the reason of the signal when it aborts
 */
export async function joinParquet(files: readonly string[], target: string, signal: AbortSignal): Promise<number> {
  const output = await open(target, 'wx', 0o600);
  try {
    await output.write(MAGIC);
    let position = MAGIC.length;
    let footer: ThriftStruct | undefined;
    for (const file of files) {
      const input = await open(file);
      try {
        const { metadata, end } = await readFooter(input);
        const moved = BigInt(position - MAGIC.length);
        footer = footer === undefined ? move(metadata, moved, 0) : append(footer, metadata, moved);
        position += await copyRange(input, MAGIC.length, end, output, signal);
      } finally {
        await input.close();
      }
    }
    const written = writeThrift(footer ?? []);
    const tail = Buffer.alloc(TAIL_BYTES);
    tail.writeUInt32LE(written.length);
    MAGIC.copy(tail, TAIL_BYTES - MAGIC.length);
    await output.writev([written, tail]);
    return position + written.length + TAIL_BYTES;
  } finally {
    await output.close();
  }
}

/** The footer, and where it begins. */
async function readFooter(file: FileHandle): Promise<{ metadata: ThriftStruct; end: number }> {
  const { size } = await file.stat();
  const tail = Buffer.alloc(TAIL_BYTES);
  await file.read(tail, 0, TAIL_BYTES, size - TAIL_BYTES);
  const length = tail.readUInt32LE();
  const end = size - TAIL_BYTES - length;
  const bytes = Buffer.alloc(length);
  await file.read(bytes, 0, length, end);
  return { metadata: readThrift(bytes), end };
}

async function copyRange(
  input: FileHandle,
  start: number,
  end: number,
  output: FileHandle,
  signal: AbortSignal,
): Promise<number> {
  const buffer = Buffer.alloc(Math.min(COPY_BYTES, end - start));
  for (let at = start; at < end;) {
    signal.throwIfAborted();
    const { bytesRead } = await input.read(buffer, 0, Math.min(buffer.length, end - at), at);
    if (bytesRead === 0) throw new Error('A Parquet file is shorter than it was.');
    for (let done = 0; done < bytesRead;) {
      done += (await output.write(buffer, done, bytesRead - done)).bytesWritten;
    }
    at += bytesRead;
  }
  return end - start;
}

function append(footer: ThriftStruct, next: ThriftStruct, moved: bigint): ThriftStruct {
  if (!writeThrift(only(footer, FILE.schema)).equals(writeThrift(only(next, FILE.schema)))) {
    throw new Error('Parquet files can only be joined when they have the same columns.');
  }
  const groups = rowGroups(footer);
  const added = rowGroups(move(next, moved, groups.items.length));
  const rows = integerOf(footer, FILE.rows) + integerOf(next, FILE.rows);
  // In place, because a large result has many pieces.
  for (const group of added.items) groups.items.push(group);
  return change(footer, FILE.rows, () => rows);
}

/** A footer whose bytes lie further back, and whose row groups come after so many others. */
function move(footer: ThriftStruct, moved: bigint, groupsBefore: number): ThriftStruct {
  return change(footer, FILE.rowGroups, (value) =>
    each(value, (group, index) => {
      const shifted = change(shift(group, [ROW_GROUP.offset], moved), ROW_GROUP.columns, (columns) =>
        each(columns, (column) => moveColumn(column, moved)),
      );
      return change(shifted, ROW_GROUP.ordinal, () => BigInt(groupsBefore + index));
    }),
  );
}

function moveColumn(column: ThriftStruct, moved: bigint): ThriftStruct {
  const shifted = shift(column, [COLUMN.offset, COLUMN.offsetIndex, COLUMN.columnIndex], moved);
  return change(shifted, COLUMN.metadata, (metadata) =>
    Array.isArray(metadata) ? shift(metadata, METADATA_OFFSETS, moved) : metadata,
  );
}

/** 0 stands for an offset that is not told. */
function shift(struct: ThriftStruct, ids: readonly number[], moved: bigint): ThriftStruct {
  return struct.map((field) =>
    ids.includes(field.id) && typeof field.value === 'bigint' && field.value > 0n
      ? { ...field, value: field.value + moved }
      : field,
  );
}

function change(struct: ThriftStruct, id: number, to: (value: ThriftValue) => ThriftValue): ThriftStruct {
  return struct.map((field) => (field.id === id ? { ...field, value: to(field.value) } : field));
}

function each(value: ThriftValue, work: (item: ThriftStruct, index: number) => ThriftStruct): ThriftList {
  const { itemType, items } = asList(value);
  return { itemType, items: items.map((item, index) => (Array.isArray(item) ? work(item, index) : item)) };
}

function only(struct: ThriftStruct, id: number): ThriftStruct {
  return struct.filter((field) => field.id === id);
}

function rowGroups(footer: ThriftStruct): ThriftList {
  return asList(footer.find(({ id }) => id === FILE.rowGroups)?.value);
}

function integerOf(struct: ThriftStruct, id: number): bigint {
  const value = struct.find((field) => field.id === id)?.value;
  if (typeof value !== 'bigint') throw new Error(`The footer of a Parquet file lacks its field ${id}.`);
  return value;
}

function asList(value: ThriftValue | undefined): ThriftList {
  if (typeof value !== 'object' || Array.isArray(value) || Buffer.isBuffer(value)) {
    throw new Error('The footer of a Parquet file has no row groups.');
  }
  return value;
}
