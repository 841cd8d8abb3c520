/** The types and literal values that a statement may hold. */
import { foldName } from './names.js';
import {
  either,
  flag,
  integer,
  isObject,
  lazy,
  list,
  lookUpFields,
  none,
  nothing,
  number,
  optional,
  record,
  refuseConstruct,
  type Shape,
  text,
  withFields,
  word,
} from './shape.js';

/** Types without a keyword of their own in the grammar, which DuckDB looks up by name. */
const NAMED_TYPES = new Set(['json', 'enum']);

export const logicalType: Shape = record({
  id: word(
    'The type',
    `
      NULL | BOOLEAN | TINYINT | SMALLINT | INTEGER | BIGINT | HUGEINT | INTEGER_LITERAL |
      STRING_LITERAL | UTINYINT | USMALLINT | UINTEGER | UBIGINT | UHUGEINT | BIGNUM | FLOAT | DOUBLE |
      DECIMAL | VARCHAR | CHAR | BLOB | BIT | UUID | DATE | TIME | TIME_NS | TIME WITH TIME ZONE |
      INTERVAL | TIMESTAMP | TIMESTAMP_S | TIMESTAMP_MS | TIMESTAMP_NS | TIMESTAMP WITH TIME ZONE |
      LIST | ARRAY | STRUCT | MAP | UNION | VARIANT | UNBOUND`,
  ),
  type_info: optional(lazy(() => typeInfo)),
});

const TYPE_INFOS = withFields(
  { type: text, alias: word('A type named', ''), extension_info: nothing },
  {
    DECIMAL_TYPE_INFO: { width: integer, scale: integer },
    LIST_TYPE_INFO: { child_type: logicalType },
    ARRAY_TYPE_INFO: { child_type: logicalType, size: integer },
    STRUCT_TYPE_INFO: { child_types: list(record({ first: text, second: logicalType })) },
    UNBOUND_TYPE_INFO: {
      name: either((value) => {
        if (typeof value !== 'string' || !NAMED_TYPES.has(foldName(value))) {
          refuseConstruct(`The type ${String(value)}`);
        }
        return text;
      }),
      catalog: word('A type of the catalogue', ''),
      schema: word('A type of the schema', ''),
      user_type_modifiers: list(lazy(() => literal)),
    },
  },
);

const typeInfo: Shape = either((value) =>
  record(lookUpFields(TYPE_INFOS, isObject(value) ? value['type'] : undefined, 'The kind of type')),
);

const nullLiteral = record({ type: logicalType, is_null: flag });
const valueLiteral = record({ type: logicalType, is_null: flag, value: lazy(() => literalContent) });
export const literal: Shape = either((value) =>
  isObject(value) && value['is_null'] === true ? nullLiteral : valueLiteral,
);

const literalContent: Shape = either((value) => {
  if (typeof value === 'string') return text;
  if (typeof value === 'boolean') return flag;
  // The bound that is left out of `list[2:]` is an empty list.
  if (isObject(value) && 'children' in value) return record({ children: none('A list as a literal') });
  // 128-bit numbers come in two halves.
  return isObject(value) && 'upper' in value ? record({ upper: number, lower: number }) : number;
});
