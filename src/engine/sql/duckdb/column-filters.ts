/** Reads conditions that compare a column with values, out of the conditions that a statement may have. */
import type { ColumnFilter, Comparison, Literal } from '../table-need.js';
import { foldName } from './names.js';
import type { ColumnReference, Expression, Value } from './tree.js';

/** A condition whose column has not been looked up yet. */
export interface ReadFilter extends Omit<ColumnFilter, 'column'> {
  column: ColumnReference;
}

/** The conditions that must all hold, taken apart at AND. */
export function conjunctsOf(condition: Expression | null): Expression[] {
  if (condition === null) return [];
  if (condition.class === 'CONJUNCTION' && condition.type === 'CONJUNCTION_AND') {
    return condition.children.flatMap(conjunctsOf);
  }
  return [condition];
}

const COMPARISON_SIGNS: Record<string, Comparison> = {
  COMPARE_EQUAL: '=',
  COMPARE_NOTEQUAL: '<>',
  COMPARE_LESSTHAN: '<',
  COMPARE_LESSTHANOREQUALTO: '<=',
  COMPARE_GREATERTHAN: '>',
  COMPARE_GREATERTHANOREQUALTO: '>=',
};

/** `5 < a` says what `a > 5` says. */
const TURNED: Record<Comparison, Comparison> = { '=': '=', '<>': '<>', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** @returns null for everything that is not a plain column beside plain values: it is left to DuckDB alone */
export function readFilter(condition: Expression): ReadFilter | null {
  switch (condition.class) {
    case 'COMPARISON': {
      const sign = COMPARISON_SIGNS[condition.type];
      if (sign === undefined) return null;
      const { left, right } = condition;
      return left.class === 'COLUMN_REF' ? made(left, sign, [right]) : made(right, TURNED[sign], [left]);
    }
    case 'BETWEEN':
      return made(condition.input, 'between', [condition.lower, condition.upper]);
    case 'OPERATOR': {
      const operator = OPERATORS[condition.type];
      const [column, ...values] = condition.children;
      return operator === undefined || column === undefined ? null : made(column, operator, values);
    }
    case 'FUNCTION': {
      const [column, pattern, ...others] = condition.children;
      const isLike = condition.function_name === '~~' && condition.is_operator && others.length === 0;
      return isLike && column !== undefined && pattern !== undefined ? made(column, 'like', [pattern]) : null;
    }
    default:
      return null;
  }
}

const OPERATORS: Record<string, ColumnFilter['operator']> = {
  COMPARE_IN: 'in',
  COMPARE_NOT_IN: 'not in',
  OPERATOR_IS_NULL: 'is null',
  OPERATOR_IS_NOT_NULL: 'is not null',
};

function made(column: Expression, operator: ColumnFilter['operator'], values: Expression[]): ReadFilter | null {
  const literals = values.flatMap((value) => readLiteral(value) ?? []);
  return column.class === 'COLUMN_REF' && literals.length === values.length
    ? { column, operator, values: literals }
    : null;
}

const WHOLE_NUMBERS = new Set(['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'INTEGER_LITERAL']);

/** A value in a normalised tree; null for what is computed, and for NULL. */
function readLiteral(expression: Expression): Literal | null {
  if (expression.class === 'CONSTANT') return literalOf(expression.value);
  const isPlainCast = expression.class === 'CAST' && !expression.try_cast && expression.child.class === 'CONSTANT';
  if (!isPlainCast || expression.child.class !== 'CONSTANT') return null;
  const { value: text, type } = expression.child.value;
  if (type.id !== 'VARCHAR' || typeof text !== 'string') return null;
  switch (expression.cast_type.id) {
    case 'BOOLEAN':
      return { kind: 'boolean', text: foldName(text).startsWith('t') ? 'true' : 'false' };
    case 'DATE':
      return { kind: 'date', text };
    case 'TIMESTAMP':
      return { kind: 'timestamp', text };
    default:
      return null;
  }
}

function literalOf({ type, is_null: isNull, value }: Value): Literal | null {
  if (isNull || value === undefined || typeof value === 'boolean') return null;
  if (typeof value === 'string') return type.id === 'VARCHAR' ? { kind: 'text', text: value } : null;
  // Numbers of 128 bits come in two halves.
  const digits = typeof value === 'number' ? String(value) : '$number' in value ? value.$number : '';
  if (!/^-?\d+$/.test(digits)) return null;
  if (WHOLE_NUMBERS.has(type.id)) return { kind: 'integer', text: digits };
  if (type.id !== 'DECIMAL' || type.type_info?.type !== 'DECIMAL_TYPE_INFO') return null;
  return { kind: 'decimal', text: withPoint(digits, type.type_info.scale) };
}

/** 1234 with the scale 2 is 12.34. */
function withPoint(digits: string, scale: number): string {
  if (scale === 0) return digits;
  const sign = digits.startsWith('-') ? '-' : '';
  const padded = digits.slice(sign.length).padStart(scale + 1, '0');
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}
