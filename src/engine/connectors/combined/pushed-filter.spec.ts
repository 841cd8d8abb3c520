import { describe, expect, it } from '@jest/globals';
import type { ColumnFilter, Literal } from '../../sql/index.js';
import { pushedFilter, type TypedColumn } from './pushed-filter.js';

const text = (value: string): Literal => ({ kind: 'text', text: value });
const whole = (value: string): Literal => ({ kind: 'integer', text: value });
const decimal = (value: string): Literal => ({ kind: 'decimal', text: value });

const columns = {
  count: { name: 'count', type: 'integer', nativeType: 'integer' },
  price: { name: 'price', type: 'decimal', nativeType: 'numeric(10,2)' },
  name: { name: 'Name', type: 'text', nativeType: 'character varying(40)' },
  day: { name: 'day', type: 'date', nativeType: 'date' },
  at: { name: 'at', type: 'timestamp', nativeType: 'timestamp(3) without time zone' },
  on: { name: 'on', type: 'boolean', nativeType: 'boolean' },
} satisfies Record<string, TypedColumn>;

const push = (
  column: TypedColumn,
  operator: ColumnFilter['operator'],
  values: Literal[],
  dialect: Parameters<typeof pushedFilter>[2] = 'postgres',
): string | null => pushedFilter({ column: column.name, operator, values }, column, dialect);

describe('a condition that may be tried at the source', () => {
  it('is said in the dialect of the source', () => {
    expect(push(columns.count, 'in', [whole('1'), whole('-2')])).toBe('count IN (1, -2)');
    expect(push(columns.price, 'between', [whole('1'), decimal('2.50')])).toBe('price BETWEEN 1 AND 2.50');
    expect(push(columns.name, '=', [text("it's")])).toBe(`"Name" = 'it''s'`);
    expect(push(columns.name, 'like', [text('a%')], 'mysql')).toBe("`Name` LIKE 'a%'");
    expect(push(columns.day, '>=', [text('2024-02-29')])).toBe(`"day" >= DATE '2024-02-29'`);
    expect(push(columns.at, '<', [{ kind: 'date', text: '2024-02-29' }])).toBe(
      `"at" < TIMESTAMP '2024-02-29 00:00:00'`,
    );
    expect(push(columns.on, '=', [{ kind: 'boolean', text: 'true' }])).toBe('"on" = TRUE');
    expect(push({ ...columns.at, type: 'timestamptz' }, 'is null', [])).toBe('"at" IS NULL');
  });

  it('has only days for ClickHouse that its smallest type of days knows', () => {
    const day = { ...columns.day, nativeType: 'Date32' };
    expect(push(day, '>=', [text('1970-01-02')], 'clickhouse')).toBe("`day` >= DATE '1970-01-02'");
    expect(push(day, '>=', [text('1930-01-01')], 'clickhouse')).toBeNull();
    expect(push(day, 'between', [text('2000-01-01'), text('2150-01-01')], 'clickhouse')).toBeNull();
  });

  it('has only characters for MySQL that a column of any character set can hold', () => {
    expect(push(columns.name, 'in', [text('a'), text('ö')], 'mysql')).toBeNull();
    expect(push(columns.name, 'in', [text('a'), text('ö')])).toBe(`"Name" IN ('a', 'ö')`);
  });

  it.each<[string, TypedColumn, ColumnFilter['operator'], Literal[]]>([
    ['order of text', columns.name, '<', [text('a')]],
    ['inequality of text', columns.name, '<>', [text('a')]],
    ['absence of text', columns.name, 'not in', [text('a')]],
    ['a mark for one character', columns.name, 'like', [text('a_%')]],
    ['a backslash', columns.name, '=', [text('a\\b')]],
    ['a control character', columns.name, '=', [text('a\u0000')]],
    ['a number in a text', columns.name, '=', [whole('1')]],
    ['a text in a number', columns.count, '=', [text('1')]],
    ['a fraction beside whole numbers', columns.count, '>', [decimal('1.5')]],
    ['more than 64 bits', columns.count, '=', [whole('9223372036854775808')]],
    ['a day that is none', columns.day, '=', [text('2024-02-30')]],
    ['a day in other words', columns.day, '=', [text('1 May 2024')]],
    ['a time with a zone', columns.at, '=', [text('2024-05-01 00:00:00+02')]],
    ['one of several values that does not do', columns.count, 'in', [whole('1'), text('2')]],
    ['an enumeration', { ...columns.name, nativeType: 'mood' }, '=', [text('sad')]],
    ['fixed-length text', { ...columns.name, nativeType: 'character(6)' }, '=', [text('a')]],
    ['a column of times with zones', { ...columns.at, type: 'timestamptz' }, '=', [text('2024-05-01')]],
    ['times finer than microseconds', { ...columns.at, nativeType: 'timestamp(9)' }, '=', [text('2024-05-01')]],
    ['floating-point numbers', { ...columns.price, type: 'float', nativeType: 'real' }, '=', [decimal('0.1')]],
    ['object ids', { ...columns.count, nativeType: 'oid' }, '=', [whole('-5')]],
  ])('is not one with %s', (_what, column, operator, values) => {
    expect(push(column, operator, values)).toBeNull();
  });

  it('depends on what the source compares exactly', () => {
    const int = { ...columns.count, nativeType: 'Nullable(Int64)' };
    expect(push(int, '=', [whole('1')], 'clickhouse')).toBe('count = 1');
    expect(push({ ...columns.price, nativeType: 'Decimal(10, 2)' }, '=', [decimal('1.50')], 'clickhouse')).toBeNull();
    expect(push(columns.on, '=', [{ kind: 'boolean', text: 'true' }], 'mysql')).toBeNull();
  });
});
