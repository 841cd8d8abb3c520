/** How ClickHouse's types are spelled in JSON, and what they are in the catalogue. */
import type { ColumnType } from '../../catalog/catalog.js';
import { MAX_DECIMAL_WIDTH, shapeType, type StagedShape } from '../remote/staged-columns.js';

export interface ClickHouseColumnType {
  type: ColumnType;
  shape: StagedShape;
  /** Cells stay JSON: there may be texts, numbers and objects in one column. */
  staysJson: boolean;
}

const SCALARS: Readonly<Record<string, StagedShape>> = {
  Bool: { kind: 'plain', sqlType: 'BOOLEAN' },
  Int8: { kind: 'plain', sqlType: 'SMALLINT' },
  UInt8: { kind: 'plain', sqlType: 'SMALLINT' },
  Int16: { kind: 'plain', sqlType: 'SMALLINT' },
  UInt16: { kind: 'plain', sqlType: 'INTEGER' },
  Int32: { kind: 'plain', sqlType: 'INTEGER' },
  UInt32: { kind: 'plain', sqlType: 'BIGINT' },
  Int64: { kind: 'plain', sqlType: 'BIGINT' },
  UInt64: { kind: 'plain', sqlType: 'UBIGINT' },
  Int128: { kind: 'number' },
  UInt128: { kind: 'number' },
  Int256: { kind: 'number' },
  UInt256: { kind: 'number' },
  BFloat16: { kind: 'plain', sqlType: 'FLOAT' },
  Float32: { kind: 'plain', sqlType: 'FLOAT' },
  Float64: { kind: 'plain', sqlType: 'DOUBLE' },
  Date: { kind: 'date' },
  Date32: { kind: 'date' },
  DateTime: { kind: 'timestamptz' },
  UUID: { kind: 'plain', sqlType: 'UUID' },
  String: { kind: 'text' },
  FixedString: { kind: 'text' },
  Enum8: { kind: 'text' },
  Enum16: { kind: 'text' },
  IPv4: { kind: 'text' },
  IPv6: { kind: 'text' },
  Nothing: { kind: 'text' },
};

/** Types that are stored as the server spells them and still mean something. */
const MEANINGS: Readonly<Record<string, ColumnType>> = {
  Int128: 'integer',
  UInt128: 'integer',
  Int256: 'integer',
  UInt256: 'integer',
  Time: 'time',
  Time64: 'time',
};

const JSON_TYPES = new Set(
  (
    'JSON, Object, Map, Tuple, Nested, Variant, Dynamic, ' +
    'Point, Ring, LineString, MultiLineString, Polygon, MultiPolygon, Geometry'
  ).split(', '),
);
/** Types that say something about a type, which is their last argument. */
const WRAPPERS = new Set(['Nullable', 'LowCardinality', 'SimpleAggregateFunction']);
/** Digits behind the point that DuckDB keeps. */
const MICROSECONDS = 6;

/** What a column of this type becomes; a type that nobody knows is text, as the server spells it. */
export function clickHouseType(text: string): ClickHouseColumnType {
  const { name, args } = parsedType(text);
  if (WRAPPERS.has(name)) return clickHouseType(args.at(-1) ?? '');
  if (name === 'Array') return arrayOf(args[0] ?? '');
  if (JSON_TYPES.has(name)) return { type: 'json', shape: { kind: 'json' }, staysJson: true };
  const shape = scalarShape(name, args);
  if (!shape) return { type: MEANINGS[name] ?? 'unknown', shape: { kind: 'text' }, staysJson: false };
  return { type: MEANINGS[name] ?? shapeType(shape), shape, staysJson: false };
}

/** True for a type whose columns can hold NULL. */
export function isNullable(text: string): boolean {
  const { name, args } = parsedType(text);
  if (name === 'Nullable' || name === 'Variant' || name === 'Dynamic') return true;
  return WRAPPERS.has(name) && isNullable(args.at(-1) ?? '');
}

function arrayOf(item: string): ClickHouseColumnType {
  const { shape, staysJson } = clickHouseType(item);
  // Arrays of arrays and of what is no scalar are JSON.
  if (staysJson || shape.kind === 'list') return { type: 'list', shape: { kind: 'json' }, staysJson: true };
  return { type: 'list', shape: { kind: 'list', item: shape }, staysJson: false };
}

function scalarShape(name: string, args: readonly string[]): StagedShape | undefined {
  if (name === 'Decimal') {
    const [precision = 0, scale = 0] = args.map(Number);
    return precision <= MAX_DECIMAL_WIDTH ? { kind: 'decimal', precision, scale } : { kind: 'number' };
  }
  if (name === 'DateTime64') return { kind: 'timestamptz', finer: Number(args[0]) > MICROSECONDS };
  return Object.hasOwn(SCALARS, name) ? SCALARS[name] : undefined;
}

/** A type's name and what stands in its parentheses, between commas; texts in quotes may hold either. */
function parsedType(text: string): { name: string; args: string[] } {
  const open = text.indexOf('(');
  if (open === -1) return { name: text.trim(), args: [] };
  const args: string[] = [];
  let depth = 0;
  let began = open + 1;
  let quote = '';
  for (let at = began; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (quote !== '') {
      if (character === '\\') at += 1;
      else if (character === quote) quote = '';
    } else if (character === "'" || character === '`') quote = character;
    else if (character === '(') depth += 1;
    else if ((character === ',' || character === ')') && depth === 0) {
      args.push(text.slice(began, at).trim());
      began = at + 1;
    } else if (character === ')') depth -= 1;
  }
  return { name: text.slice(0, open).trim(), args };
}
