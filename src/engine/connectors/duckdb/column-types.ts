/** How DuckDB's types map to the catalogue's, and into what Parquet keeps without loss. */
import { type DuckDBStructType, type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import type { ColumnType } from '../../catalog/catalog.js';
import { identifier } from './sql-text.js';

const COLUMN_TYPES: Partial<Record<DuckDBTypeId, ColumnType>> = {
  [DuckDBTypeId.BOOLEAN]: 'boolean',
  [DuckDBTypeId.TINYINT]: 'integer',
  [DuckDBTypeId.SMALLINT]: 'integer',
  [DuckDBTypeId.INTEGER]: 'integer',
  [DuckDBTypeId.BIGINT]: 'integer',
  [DuckDBTypeId.UTINYINT]: 'integer',
  [DuckDBTypeId.USMALLINT]: 'integer',
  [DuckDBTypeId.UINTEGER]: 'integer',
  [DuckDBTypeId.UBIGINT]: 'integer',
  [DuckDBTypeId.HUGEINT]: 'integer',
  [DuckDBTypeId.UHUGEINT]: 'integer',
  [DuckDBTypeId.BIGNUM]: 'integer',
  [DuckDBTypeId.FLOAT]: 'float',
  [DuckDBTypeId.DOUBLE]: 'float',
  [DuckDBTypeId.DECIMAL]: 'decimal',
  [DuckDBTypeId.VARCHAR]: 'text',
  [DuckDBTypeId.ENUM]: 'text',
  [DuckDBTypeId.BIT]: 'text',
  [DuckDBTypeId.UNION]: 'text',
  [DuckDBTypeId.GEOMETRY]: 'text',
  [DuckDBTypeId.SQLNULL]: 'text',
  [DuckDBTypeId.BLOB]: 'binary',
  [DuckDBTypeId.DATE]: 'date',
  [DuckDBTypeId.TIME]: 'time',
  [DuckDBTypeId.TIME_NS]: 'time',
  [DuckDBTypeId.TIME_TZ]: 'time',
  [DuckDBTypeId.TIMESTAMP]: 'timestamp',
  [DuckDBTypeId.TIMESTAMP_S]: 'timestamp',
  [DuckDBTypeId.TIMESTAMP_MS]: 'timestamp',
  [DuckDBTypeId.TIMESTAMP_NS]: 'timestamp',
  [DuckDBTypeId.TIMESTAMP_TZ]: 'timestamptz',
  [DuckDBTypeId.INTERVAL]: 'interval',
  [DuckDBTypeId.UUID]: 'uuid',
  [DuckDBTypeId.STRUCT]: 'json',
  [DuckDBTypeId.MAP]: 'json',
  [DuckDBTypeId.VARIANT]: 'json',
  [DuckDBTypeId.LIST]: 'list',
  [DuckDBTypeId.ARRAY]: 'list',
};

/** The catalogue's type for one of DuckDB's. */
export function columnType(type: DuckDBType): ColumnType {
  if (type.typeId === DuckDBTypeId.VARCHAR && type.alias === 'JSON') return 'json';
  return COLUMN_TYPES[type.typeId] ?? 'unknown';
}

/** The type as DuckDB spells it, for example `DECIMAL(10,2)`. */
export function nativeType(type: DuckDBType): string {
  return type.alias ?? type.toString();
}

/**
 * The SQL type that a column must be cast to before Parquet keeps it without loss, or null where it does already.
 * DuckDB's Parquet writer would turn 128-bit integers into DOUBLE, cut an INTERVAL to milliseconds, drop the offset of
 * a TIME WITH TIME ZONE and write a UNION as the struct it is made of.
 */
export function lossless(type: DuckDBType): string | null {
  switch (type.typeId) {
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return 'DECIMAL(38,0)';
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
      return 'TIMESTAMP';
    case DuckDBTypeId.VARIANT:
      return 'JSON';
    case DuckDBTypeId.INTERVAL:
    case DuckDBTypeId.TIME_TZ:
    case DuckDBTypeId.BIT:
    case DuckDBTypeId.ENUM:
    case DuckDBTypeId.UNION:
    case DuckDBTypeId.BIGNUM:
    case DuckDBTypeId.GEOMETRY:
    case DuckDBTypeId.SQLNULL:
      return 'VARCHAR';
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY: {
      const item = lossless(type.valueType);
      return item && `${item}[]`;
    }
    case DuckDBTypeId.MAP: {
      const key = lossless(type.keyType);
      const value = lossless(type.valueType);
      return key || value ? `MAP(${key ?? sqlType(type.keyType)}, ${value ?? sqlType(type.valueType)})` : null;
    }
    case DuckDBTypeId.STRUCT: {
      const named = type.entryNames.every((name) => name !== '');
      return named && type.entryTypes.every((entry) => lossless(entry) === null) ? null : structType(type);
    }
    default:
      return null;
  }
}

/** A type that is already lossless, spelled so that DuckDB's parser reads it back. */
function sqlType(type: DuckDBType): string {
  if (type.alias === 'JSON') return 'JSON';
  switch (type.typeId) {
    case DuckDBTypeId.LIST:
      return `${sqlType(type.valueType)}[]`;
    case DuckDBTypeId.ARRAY:
      return `${sqlType(type.valueType)}[${type.length}]`;
    case DuckDBTypeId.MAP:
      return `MAP(${sqlType(type.keyType)}, ${sqlType(type.valueType)})`;
    case DuckDBTypeId.STRUCT:
      return structType(type);
    default:
      return type.toString();
  }
}

/** Fields without a name, as `row(1, 2)` has, get one: neither Parquet nor JSON has fields by position. */
function structType({ entryNames, entryTypes }: DuckDBStructType): string {
  const fields = entryTypes.map((entry, index) => {
    const name = entryNames[index] || `field_${index + 1}`;
    return `${identifier(name)} ${lossless(entry) ?? sqlType(entry)}`;
  });
  return `STRUCT(${fields.join(', ')})`;
}
