import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { ColumnType } from '../../catalog/catalog.js';
import type { CellValue } from '../../charts/contract.js';
import { parseExactly } from './exact-json.js';

/**
 * A DuckDB value as it stands in a JSON page: integers are numbers while a JSON number holds them exactly and strings
 * beyond; decimals are strings; dates and times ISO 8601, with `Z` where the moment is fixed; binary is base64; lists
 * are arrays, structs and maps objects; NaN and infinite numbers, which JSON has no word for, are null.
 *
 * @param meaning the column's type where it says more than the stored type: a sum of integers is stored as a decimal
 */
export function cellValue(value: DuckDBValue, type: DuckDBType, meaning?: ColumnType): CellValue {
  if (value === null) return null;
  if (typeof value === 'bigint') return integer(value);
  if (typeof value === 'number') return finite(value, type);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    if (meaning === 'integer') return integer(BigInt(value));
    return type.alias === 'JSON' ? parsedJson(value) : value;
  }
  if (value instanceof DuckDBTimestampTZValue) return isoMoment(value);
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampNanosecondsValue) {
    return value.toString().replace(' ', 'T');
  }
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64');
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    const itemType = type.typeId === DuckDBTypeId.LIST || type.typeId === DuckDBTypeId.ARRAY ? type.valueType : type;
    return value.items.map((item) => cellValue(item, itemType));
  }
  if (value instanceof DuckDBStructValue) {
    const fields = Object.entries(value.entries);
    return Object.fromEntries(
      fields.map(([name, field]) => [
        name,
        cellValue(field, type.typeId === DuckDBTypeId.STRUCT ? type.typeForEntry(name) : type),
      ]),
    );
  }
  if (value instanceof DuckDBMapValue) {
    const valueType = type.typeId === DuckDBTypeId.MAP ? type.valueType : type;
    return Object.fromEntries(value.entries.map((entry) => [String(entry.key), cellValue(entry.value, valueType)]));
  }
  return meaning === 'integer' ? integer(BigInt(value.toString())) : value.toString();
}

function integer(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

/** A 32-bit float is shown with the digits that it has, not with those that 64 bits add: 0.1 and not 0.10000000149. */
function finite(value: number, type: DuckDBType): number | null {
  if (!Number.isFinite(value)) return null;
  if (type.typeId !== DuckDBTypeId.FLOAT) return value;
  for (let digits = 6; digits < 9; digits += 1) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return shorter;
  }
  return value;
}

/** The driver's own printing would shift to the time zone of this process. */
function isoMoment(value: DuckDBTimestampTZValue): string {
  const text = new DuckDBTimestampValue(value.micros).toString();
  return value.isFinite ? `${text.replace(' ', 'T')}Z` : text;
}

function parsedJson(text: string): CellValue {
  try {
    return parseExactly(text);
  } catch {
    // A cast to JSON is not always checked by the engine; the text is then the value.
    return text;
  }
}
