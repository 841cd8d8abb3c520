/** How PostgreSQL's types are spelled in a stage, and what they are in the catalogue. */
import type { ColumnType } from '../../catalog/catalog.js';
import { MAX_DECIMAL_WIDTH, shapeType, type StagedShape } from '../remote/staged-columns.js';

/** What pg_type says of a type that does not come with the server. */
export interface TypeRow {
  oid: number;
  /** `b` base, `c` composite, `d` domain, `e` enum, `r` range … */
  kind: string;
  /** `A` array, `S` string … */
  category: string;
  /** Of a domain, otherwise 0. */
  baseOid: number;
  baseModifier: number;
  /** Of an array, otherwise 0. */
  itemOid: number;
}

/** A type of a column: its oid and the modifier that tells length or precision (-1 for none). */
export interface TypeRef {
  oid: number;
  modifier: number;
}

export interface PostgresColumnType {
  type: ColumnType;
  shape: StagedShape;
}

/** Types of the server itself have oids below this. */
export const FIRST_USER_OID = 16_384;

const NUMERIC = 1700;

const PLAIN: Record<number, Extract<StagedShape, { kind: 'plain' }>['sqlType']> = {
  16: 'BOOLEAN',
  20: 'BIGINT',
  21: 'SMALLINT',
  23: 'INTEGER',
  26: 'BIGINT', // oid
  700: 'FLOAT',
  701: 'DOUBLE',
  1083: 'TIME',
  2950: 'UUID',
};

const OTHER: Record<number, StagedShape> = {
  17: { kind: 'hex' },
  114: { kind: 'json' },
  1082: { kind: 'date' },
  1114: { kind: 'timestamp' },
  1184: { kind: 'timestamptz' },
  3802: { kind: 'json' },
};

/** Types that are stored as the server spells them and still mean something. */
const MEANINGS: Record<number, ColumnType> = { 1186: 'interval', 1266: 'time' };

/** Arrays of the server itself, by their items. */
const ARRAYS: Record<number, number> = {
  1000: 16,
  1001: 17,
  1005: 21,
  1007: 23,
  1016: 20,
  1021: 700,
  1022: 701,
  1028: 26,
  1115: 1114,
  1182: 1082,
  1183: 1083,
  1185: 1184,
  1231: NUMERIC,
  199: 114,
  2951: 2950,
  3807: 3802,
};
/** Arrays of the server itself whose items are stored as it spells them: text, varchar, interval, inet, ranges … */
const TEXT_ARRAYS = new Set([
  143, 271, 629, 651, 719, 775, 791, 1002, 1003, 1006, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 1017, 1018, 1019,
  1020, 1027, 1034, 1040, 1041, 1187, 1263, 1270, 1561, 1563, 2201, 2207, 2208, 2209, 2210, 2211, 2949, 3221, 3643,
  3644, 3645, 3735, 3770, 3905, 3907, 3909, 3911, 3913, 3927, 4073, 4090, 4097, 6150, 6151, 6152, 6153, 6155, 6157,
]);

/** What a column of this type becomes; a type that nobody knows is text, as the server spells it. */
export function postgresType(ref: TypeRef, userTypes: ReadonlyMap<number, TypeRow>): PostgresColumnType {
  const shape = shapeOf(ref, userTypes);
  return { shape, type: MEANINGS[ref.oid] ?? shapeType(shape) };
}

function shapeOf({ oid, modifier }: TypeRef, userTypes: ReadonlyMap<number, TypeRow>): StagedShape {
  const sqlType = PLAIN[oid];
  if (sqlType) return { kind: 'plain', sqlType };
  if (oid === NUMERIC) return numeric(modifier);
  const builtIn = OTHER[oid];
  if (builtIn) return builtIn;
  const itemOid = ARRAYS[oid];
  if (itemOid !== undefined) return { kind: 'list', item: shapeOf({ oid: itemOid, modifier }, userTypes) };
  if (TEXT_ARRAYS.has(oid)) return { kind: 'list', item: { kind: 'text' } };
  const row = userTypes.get(oid);
  if (row?.kind === 'd') return shapeOf({ oid: row.baseOid, modifier: row.baseModifier }, userTypes);
  if (row?.category === 'A' && row.itemOid !== 0) {
    return { kind: 'list', item: shapeOf({ oid: row.itemOid, modifier: -1 }, userTypes) };
  }
  return { kind: 'text' };
}

/** A modifier holds precision and, in eleven bits with a sign since PostgreSQL 15, scale. */
function numeric(modifier: number): StagedShape {
  if (modifier < 4) return { kind: 'number' };
  const precision = ((modifier - 4) >> 16) & 0xffff;
  const scale = (((modifier - 4) & 0x7ff) ^ 1024) - 1024;
  if (scale < 0 || scale > precision || precision > MAX_DECIMAL_WIDTH) return { kind: 'number' };
  return { kind: 'decimal', precision, scale };
}

/**
 * How the source is asked for a column so that COPY spells it as its shape says: arrays as JSON of their items' texts,
 * everything else as it is.
 */
export function exported({ shape }: PostgresColumnType, column: string): string {
  return shape.kind === 'list' ? `pg_catalog.array_to_json(${column}::pg_catalog.text[])` : column;
}
