/** How DuckDB's vectors become Arrow's: the same values in the same width, where Arrow has the type. */
import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
  type DuckDBVector,
} from '@duckdb/node-api';
import {
  Binary,
  Bool,
  type Data,
  type DataType,
  DateDay,
  Decimal,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  makeData,
  TimeMicrosecond,
  TimestampMicrosecond,
  TimestampNanosecond,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
} from 'apache-arrow';
import { cellValue } from '../cell-values.js';
import type { StoredColumn } from './export-format.js';

export interface ArrowColumn {
  type: DataType;
  data: (vector: DuckDBVector | undefined, from: number, to: number) => Data;
}

type Values =
  Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;
type Values64 = BigInt64Array | BigUint64Array;

/**
 * Integers, floats, booleans, decimals (128 bits), dates (32 bits), times, timestamps (microseconds, with the time zone UTC
 * where the moment is fixed) and binary as they are; UUIDs as their text; lists, structs, maps and JSON as JSON text, with
 * the values of a JSON page. Infinite dates and timestamps, which Arrow cannot hold, are null.
 */
export function arrowColumn({ stored }: StoredColumn): ArrowColumn {
  const { typeId } = stored;
  const narrow = NARROW[typeId];
  if (narrow !== undefined) {
    const { type, values } = narrow();
    return numbers(type, values, (value) => (value instanceof DuckDBDateValue ? dayOf(value) : Number(value)));
  }
  const wide = WIDE[typeId];
  if (wide !== undefined) {
    const { type, values } = wide();
    return bigNumbers(type, values);
  }
  if (typeId === DuckDBTypeId.BOOLEAN) return booleans();
  if (typeId === DuckDBTypeId.DECIMAL) return decimals(new Decimal(stored.scale, stored.width, 128));
  if (typeId === DuckDBTypeId.BLOB) {
    return bytes(new Binary(), (value) => (value instanceof DuckDBBlobValue ? value.bytes : new Uint8Array()));
  }
  return bytes(new Utf8(), (value) => Buffer.from(textOf(value, stored)));
}

const NARROW: Partial<Record<DuckDBTypeId, () => { type: DataType; values: new (length: number) => Values }>> = {
  [DuckDBTypeId.TINYINT]: () => ({ type: new Int8(), values: Int8Array }),
  [DuckDBTypeId.SMALLINT]: () => ({ type: new Int16(), values: Int16Array }),
  [DuckDBTypeId.INTEGER]: () => ({ type: new Int32(), values: Int32Array }),
  [DuckDBTypeId.UTINYINT]: () => ({ type: new Uint8(), values: Uint8Array }),
  [DuckDBTypeId.USMALLINT]: () => ({ type: new Uint16(), values: Uint16Array }),
  [DuckDBTypeId.UINTEGER]: () => ({ type: new Uint32(), values: Uint32Array }),
  [DuckDBTypeId.FLOAT]: () => ({ type: new Float32(), values: Float32Array }),
  [DuckDBTypeId.DOUBLE]: () => ({ type: new Float64(), values: Float64Array }),
  [DuckDBTypeId.DATE]: () => ({ type: new DateDay(), values: Int32Array }),
};

const WIDE: Partial<Record<DuckDBTypeId, () => { type: DataType; values: new (length: number) => Values64 }>> = {
  [DuckDBTypeId.BIGINT]: () => ({ type: new Int64(), values: BigInt64Array }),
  [DuckDBTypeId.UBIGINT]: () => ({ type: new Uint64(), values: BigUint64Array }),
  [DuckDBTypeId.TIME]: () => ({ type: new TimeMicrosecond(), values: BigInt64Array }),
  [DuckDBTypeId.TIMESTAMP]: () => ({ type: new TimestampMicrosecond(), values: BigInt64Array }),
  [DuckDBTypeId.TIMESTAMP_TZ]: () => ({ type: new TimestampMicrosecond('UTC'), values: BigInt64Array }),
  [DuckDBTypeId.TIMESTAMP_NS]: () => ({ type: new TimestampNanosecond(), values: BigInt64Array }),
};

function numbers(
  type: DataType,
  make: new (length: number) => Values,
  read: (value: DuckDBValue) => number | null,
): ArrowColumn {
  return column(type, (length) => {
    const data = new make(length);
    return {
      set: (index, value) => {
        const number = read(value);
        if (number === null) return false;
        data[index] = number;
        return true;
      },
      buffers: () => ({ data }),
    };
  });
}

function bigNumbers(type: DataType, make: new (length: number) => Values64): ArrowColumn {
  return column(type, (length) => {
    const data = new make(length);
    return {
      set: (index, value) => {
        const number = countOf(value);
        if (number === null) return false;
        data[index] = number;
        return true;
      },
      buffers: () => ({ data }),
    };
  });
}

function dayOf(date: DuckDBDateValue): number | null {
  return date.isFinite ? date.days : null;
}

/** Microseconds or nanoseconds, whichever the type counts in; null for what never comes. */
function countOf(value: DuckDBValue): bigint | null {
  if (typeof value === 'bigint') return value;
  if (value instanceof DuckDBTimeValue) return value.micros;
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) {
    return value.isFinite ? value.micros : null;
  }
  if (value instanceof DuckDBTimestampNanosecondsValue) return value.isFinite ? value.nanos : null;
  throw new TypeError('The engine gives values of another type than it has said.');
}

function booleans(): ArrowColumn {
  return column(new Bool(), (length) => {
    const data = bitmap(length);
    return {
      set: (index, value) => {
        if (value === true) setBit(data, index);
        return true;
      },
      buffers: () => ({ data }),
    };
  });
}

function decimals(type: Decimal): ArrowColumn {
  return column(type, (length) => {
    const halves = new BigInt64Array(length * 2);
    return {
      set: (index, value) => {
        const scaled = value instanceof DuckDBDecimalValue ? value.value : 0n;
        halves[2 * index] = BigInt.asIntN(64, scaled);
        halves[2 * index + 1] = scaled >> 64n;
        return true;
      },
      buffers: () => ({ data: new Uint32Array(halves.buffer) }),
    };
  });
}

function bytes(type: Utf8 | Binary, read: (value: DuckDBValue) => Uint8Array): ArrowColumn {
  return column(type, (length) => {
    const pieces = new Map<number, Uint8Array>();
    return {
      set: (index, value) => {
        pieces.set(index, read(value));
        return true;
      },
      buffers: () => {
        const valueOffsets = new Int32Array(length + 1);
        let end = 0;
        for (let index = 0; index < length; index += 1) {
          end += pieces.get(index)?.byteLength ?? 0;
          valueOffsets[index + 1] = end;
        }
        return { valueOffsets, data: Buffer.concat([...pieces.values()]) };
      },
    };
  });
}

function textOf(value: DuckDBValue, stored: DuckDBType): string {
  if (typeof value === 'string') return value;
  const cell = cellValue(value, stored);
  return typeof cell === 'string' ? cell : JSON.stringify(cell);
}

interface Filling {
  /** Keeps a value that is there; false when Arrow has none for it. */
  set: (index: number, value: DuckDBValue) => boolean;
  buffers: () => { data: ArrayBufferView; valueOffsets?: Int32Array };
}

function column(type: DataType, fill: (length: number) => Filling): ArrowColumn {
  const data = (vector: DuckDBVector | undefined, from: number, to: number): Data => {
    const length = to - from;
    const filling = fill(length);
    const nullBitmap = bitmap(length);
    let nullCount = 0;
    for (let index = 0; index < length; index += 1) {
      const value: DuckDBValue = vector?.getItem(from + index) ?? null;
      if (value !== null && filling.set(index, value)) setBit(nullBitmap, index);
      else nullCount += 1;
    }
    return makeData({ type, length, nullCount, nullBitmap, ...filling.buffers() } as Parameters<typeof makeData>[0]);
  };
  return { type, data };
}

function bitmap(length: number): Uint8Array {
  return new Uint8Array(Math.ceil(length / 8));
}

function setBit(bits: Uint8Array, index: number): void {
  bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
}
