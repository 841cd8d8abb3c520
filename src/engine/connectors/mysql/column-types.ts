/** What the types of MySQL and MariaDB are in the catalogue, and how their values are spelled in a stage. */
import type { ColumnType } from '../../catalog/catalog.js';
import { MAX_DECIMAL_WIDTH, shapeType, type StagedShape } from '../remote/staged-columns.js';
import type { WireColumn } from './column-definition.js';

/** How a row of the binary protocol holds a value ("Binary Protocol Value"), by what has to be done with it. */
export type CellEncoding =
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float'
  | 'double'
  | 'date'
  | 'timestamp'
  | 'timestamptz'
  | 'time'
  /** Digits and signs only: nothing in it has to be escaped. */
  | 'digits'
  | 'text'
  | 'bits'
  | 'bytes';

export interface MySqlColumnType {
  type: ColumnType;
  shape: StagedShape;
  encoding: CellEncoding;
}

/** Numbers of the types, as the protocol has them. */
const TYPE = {
  tiny: 1,
  short: 2,
  long: 3,
  float: 4,
  double: 5,
  null: 6,
  timestamp: 7,
  longlong: 8,
  int24: 9,
  date: 10,
  time: 11,
  datetime: 12,
  year: 13,
  newdate: 14,
  bit: 16,
  vector: 242,
  json: 245,
  decimal: 246,
  geometry: 255,
} as const;
const UNSIGNED = 32;
/** The character set of what is not text. */
const BINARY = 63;

type PlainType = Extract<StagedShape, { kind: 'plain' }>['sqlType'];

/** What a column of a result becomes; what nobody knows is text or, without a character set, binary. */
export function resultType(column: WireColumn): MySqlColumnType {
  const { encoding, shape } = read(column);
  return { encoding, shape, type: shapeType(shape) };
}

function read(column: WireColumn): Omit<MySqlColumnType, 'type'> {
  const { type, flags, length, decimals } = column;
  const isUnsigned = (flags & UNSIGNED) !== 0;
  const whole = (
    signed: CellEncoding,
    unsigned: CellEncoding,
    signedType: PlainType,
    unsignedType: PlainType,
  ): Omit<MySqlColumnType, 'type'> => (isUnsigned ? plain(unsigned, unsignedType) : plain(signed, signedType));
  switch (type) {
    case TYPE.tiny:
      return whole('int8', 'uint8', 'SMALLINT', 'SMALLINT');
    case TYPE.short:
      return whole('int16', 'uint16', 'SMALLINT', 'INTEGER');
    case TYPE.year:
      return plain('uint16', 'SMALLINT');
    case TYPE.int24:
    case TYPE.long:
      return whole('int32', 'uint32', 'INTEGER', 'BIGINT');
    case TYPE.longlong:
      return whole('int64', 'uint64', 'BIGINT', 'UBIGINT');
    case TYPE.float:
      return plain('float', 'FLOAT');
    case TYPE.double:
      return plain('double', 'DOUBLE');
    case TYPE.bit:
      return plain('bits', 'UBIGINT');
    case TYPE.time:
      return plain('time', 'TIME');
    case TYPE.date:
    case TYPE.newdate:
      return { encoding: 'date', shape: { kind: 'date' } };
    case TYPE.datetime:
      return { encoding: 'timestamp', shape: { kind: 'timestamp' } };
    case TYPE.timestamp:
      return { encoding: 'timestamptz', shape: { kind: 'timestamptz' } };
    case TYPE.decimal:
      return { encoding: 'digits', shape: decimal(length - (decimals > 0 ? 1 : 0) - (isUnsigned ? 0 : 1), decimals) };
    case TYPE.json:
      return { encoding: 'text', shape: { kind: 'json' } };
    case TYPE.null:
      return { encoding: 'text', shape: { kind: 'text' } };
    case TYPE.geometry:
    case TYPE.vector:
      return { encoding: 'bytes', shape: { kind: 'hex' } };
    default:
      return texts(column);
  }
}

/** Text, bytes, and what MariaDB sends as one of them: UUID, INET4, INET6, and JSON, which is text with a check. */
function texts({ characterSet, extendedType, extendedFormat }: WireColumn): Omit<MySqlColumnType, 'type'> {
  if (extendedFormat === 'json') return { encoding: 'text', shape: { kind: 'json' } };
  if (extendedType === 'uuid') return plain('text', 'UUID');
  if (extendedType === 'inet4' || extendedType === 'inet6') return { encoding: 'text', shape: { kind: 'text' } };
  return characterSet === BINARY
    ? { encoding: 'bytes', shape: { kind: 'hex' } }
    : { encoding: 'text', shape: { kind: 'text' } };
}

function plain(encoding: CellEncoding, sqlType: PlainType): Omit<MySqlColumnType, 'type'> {
  return { encoding, shape: { kind: 'plain', sqlType } };
}

function decimal(precision: number, scale: number): StagedShape {
  if (precision < 1 || precision > MAX_DECIMAL_WIDTH || scale > precision) return { kind: 'number' };
  return { kind: 'decimal', precision, scale };
}

/** By DATA_TYPE of information_schema. TINYINT(1) is an integer: MySQL has no type for truth, and such columns hold 7 as well. */
const CATALOGUE_TYPES: Record<string, ColumnType> = {
  tinyint: 'integer',
  smallint: 'integer',
  mediumint: 'integer',
  int: 'integer',
  bigint: 'integer',
  year: 'integer',
  bit: 'integer',
  decimal: 'decimal',
  float: 'float',
  double: 'float',
  date: 'date',
  time: 'time',
  datetime: 'timestamp',
  timestamp: 'timestamptz',
  json: 'json',
  uuid: 'uuid',
  binary: 'binary',
  varbinary: 'binary',
  tinyblob: 'binary',
  blob: 'binary',
  mediumblob: 'binary',
  longblob: 'binary',
  vector: 'binary',
  geometry: 'binary',
  point: 'binary',
  linestring: 'binary',
  polygon: 'binary',
  multipoint: 'binary',
  multilinestring: 'binary',
  multipolygon: 'binary',
  geometrycollection: 'binary',
  geomcollection: 'binary',
};

/** @param dataType as information_schema has it, without length */
export function catalogueType(dataType: string): ColumnType {
  return CATALOGUE_TYPES[dataType.toLowerCase()] ?? 'text';
}
