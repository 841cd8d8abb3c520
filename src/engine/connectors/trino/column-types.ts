/** How Trino's types are spelled in JSON ("Data types"), and what they are in the catalogue. */
import type { ColumnType } from '../../catalog/catalog.js';
import { shapeType, type StagedShape } from '../remote/staged-columns.js';

export interface TrinoColumnType {
  type: ColumnType;
  shape: StagedShape;
}

const SCALARS: Readonly<Record<string, StagedShape>> = {
  boolean: { kind: 'plain', sqlType: 'BOOLEAN' },
  tinyint: { kind: 'plain', sqlType: 'SMALLINT' },
  smallint: { kind: 'plain', sqlType: 'SMALLINT' },
  integer: { kind: 'plain', sqlType: 'INTEGER' },
  bigint: { kind: 'plain', sqlType: 'BIGINT' },
  real: { kind: 'plain', sqlType: 'FLOAT' },
  double: { kind: 'plain', sqlType: 'DOUBLE' },
  number: { kind: 'number' },
  varchar: { kind: 'text' },
  char: { kind: 'text' },
  ipaddress: { kind: 'text' },
  unknown: { kind: 'text' },
  varbinary: { kind: 'base64' },
  date: { kind: 'date' },
  json: { kind: 'json' },
  uuid: { kind: 'plain', sqlType: 'UUID' },
};

/** Types that are stored as the server spells them and still mean something. */
const MEANINGS: readonly [beginning: string, type: ColumnType][] = [
  ['time', 'time'],
  ['interval', 'interval'],
];
/** Digits behind the point that DuckDB keeps. */
const MICROSECONDS = 6;
const USUAL_DIGITS = 3;

/** What a column of this type becomes; a type that nobody knows is text, as the server spells it. */
export function trinoType(spelled: string): TrinoColumnType {
  // Intervals come in capitals.
  const text = spelled.toLowerCase();
  const [, name = '', argument = '', zone] = /^(\w+)(?:\((.*)\))?( with time zone)?$/s.exec(text) ?? [];
  if (name === 'map' || name === 'row') return { type: 'json', shape: { kind: 'json' } };
  if (name === 'array') return arrayOf(argument);
  const shape = scalarShape(name, argument, zone !== undefined);
  if (shape) return { type: shapeType(shape), shape };
  const meaning = MEANINGS.find(([beginning]) => text.startsWith(beginning));
  return { type: meaning?.[1] ?? 'unknown', shape: { kind: 'text' } };
}

function arrayOf(item: string): TrinoColumnType {
  const { type, shape } = trinoType(item);
  // Arrays of arrays, maps and rows are JSON.
  const isNested = type === 'list' || /^(?:map|row)\b/.test(item);
  return { type: 'list', shape: isNested ? { kind: 'json' } : { kind: 'list', item: shape } };
}

function scalarShape(name: string, argument: string, hasZone: boolean): StagedShape | undefined {
  const digits = argument === '' ? USUAL_DIGITS : Number(argument);
  if (name === 'timestamp') {
    const finer = digits > MICROSECONDS;
    return hasZone ? { kind: 'timestamptz', finer, spaced: true } : { kind: 'timestamp', finer };
  }
  if (name === 'time' && !hasZone && digits <= MICROSECONDS) return { kind: 'plain', sqlType: 'TIME' };
  if (name === 'decimal') {
    const [precision = 0, scale = 0] = argument.split(',').map(Number);
    return { kind: 'decimal', precision, scale };
  }
  return Object.hasOwn(SCALARS, name) ? SCALARS[name] : undefined;
}
