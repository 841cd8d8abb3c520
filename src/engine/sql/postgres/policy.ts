/** What a node may do, apart from which tables it reads: functions, operators and types, and how much they may make. */
import type { A_Expr, CollateClause, FuncCall, Node, RangeTableSample, SubLink, TypeName } from 'libpg-query';
import { EngineError } from '../../errors.js';
import { FUNCTIONS, OPERATORS, TYPES } from './functions.js';
import { type JsonObject, refuseConstruct } from './shape.js';
import { mentionsColumns, nameParts } from './walker.js';

/** A series written with plain numbers may not be longer than this. */
const MAX_SERIES_LENGTH = 10_000_000;
/** Text and arrays may not be made longer than this by a plain number. */
const MAX_REPETITIONS = 1_000_000;
const SAMPLING_METHODS: ReadonlySet<string> = new Set(['bernoulli', 'system']);

/**
 * Checks one node of a tree whose shape is known.
 *
 * @throws EngineError `sql_function_not_allowed`, `sql_construct_not_allowed` or `sql_too_large`
 */
export function checkNode(name: string, fields: JsonObject): void {
  switch (name) {
    case 'FuncCall':
      return checkFunction(fields);
    case 'A_Expr':
      return checkOperator((fields as A_Expr).name);
    case 'SubLink':
      return checkOperator((fields as SubLink).operName);
    case 'TypeName':
      return checkType(fields);
    case 'CollateClause':
      return checkCollation(fields);
    case 'RangeTableSample':
      return checkSample(fields);
    case 'Float':
      return checkNumber(fields);
  }
}

function checkFunction(call: FuncCall): void {
  const parts = nameParts(call.funcname);
  const name = builtInName(parts);
  if (name === null || !FUNCTIONS.has(name)) {
    throw new EngineError(
      'sql_function_not_allowed',
      `The function ${parts.join('.')} is not allowed. Use functions for numbers, text, dates, arrays, JSON and aggregates.`,
    );
  }
  const args = call.args ?? [];
  if (name === 'generate_series') checkSeries(args);
  if (name === 'repeat' || name === 'lpad' || name === 'rpad') checkRepetitions(name, args[1]);
  if (name === 'array_fill') checkArraySize(args[1]);
}

function checkSeries(args: Node[]): void {
  const [start, stop, step = 1] = args.map(plainNumber);
  if (typeof start !== 'number' || typeof stop !== 'number' || typeof step !== 'number' || step === 0) return;
  if (Math.abs((stop - start) / step) > MAX_SERIES_LENGTH) {
    throw new EngineError(
      'sql_too_large',
      `generate_series() may make at most ${MAX_SERIES_LENGTH} rows. Use closer bounds.`,
    );
  }
}

/** How often something is repeated must be a small number, or come from the data. */
function checkRepetitions(name: string, count: Node | undefined): void {
  if (count === undefined) return;
  const times = plainNumber(count);
  if (times === null && mentionsColumns(count)) return;
  if (times === null || times > MAX_REPETITIONS) {
    throw new EngineError(
      'sql_too_large',
      `${name}() may make at most ${MAX_REPETITIONS} characters. Give it a smaller number, written plainly.`,
    );
  }
}

function checkArraySize(sizes: Node | undefined): void {
  const elements = sizes !== undefined && 'A_ArrayExpr' in sizes ? (sizes.A_ArrayExpr.elements ?? []) : null;
  const total = elements?.map(plainNumber).reduce<number>((product, size) => product * (size ?? Infinity), 1);
  if (total === undefined || total > MAX_REPETITIONS) {
    throw new EngineError(
      'sql_too_large',
      `array_fill() may make at most ${MAX_REPETITIONS} elements. Write their number as ARRAY[10].`,
    );
  }
}

function plainNumber(node: Node): number | null {
  if ('TypeCast' in node && node.TypeCast.arg !== undefined) return plainNumber(node.TypeCast.arg);
  if ('NamedArgExpr' in node && node.NamedArgExpr.arg !== undefined) return plainNumber(node.NamedArgExpr.arg);
  if (!('A_Const' in node)) return null;
  const { ival, fval, sval } = node.A_Const;
  if (ival !== undefined) return ival.ival ?? 0;
  const digits = fval?.fval ?? sval?.sval ?? '';
  return /^-?[\d.]+(e\d+)?$/i.test(digits) ? Number(digits) : null;
}

function checkOperator(name: Node[] | undefined): void {
  if (name === undefined) return;
  const parts = nameParts(name);
  const operator = builtInName(parts);
  // BETWEEN carries its own name.
  const isKnown = operator !== null && (OPERATORS.has(operator) || /^(NOT )?BETWEEN( SYMMETRIC)?$/.test(operator));
  if (!isKnown) refuseConstruct(`The operator ${parts.join('.')}`);
}

function checkType(type: TypeName): void {
  const parts = nameParts(type.names);
  const name = builtInName(parts);
  if (name === null || !TYPES.has(name)) refuseConstruct(`The type ${parts.join('.')}`);
}

function checkCollation(clause: CollateClause): void {
  const parts = nameParts(clause.collname);
  if (builtInName(parts) === null) refuseConstruct(`The collation ${parts.join('.')}`);
}

function checkSample(sample: RangeTableSample): void {
  const parts = nameParts(sample.method);
  if (!SAMPLING_METHODS.has(builtInName(parts) ?? '')) refuseConstruct(`The sampling method ${parts.join('.')}`);
}

/** Servers before PostgreSQL 16 read `0x1F` and `1_000` as a number and an alias. */
function checkNumber({ fval }: { fval?: unknown }): void {
  if (typeof fval !== 'string' || !/^-?[\d.]+(e[-+]?\d+)?$/i.test(fval)) {
    refuseConstruct(`The number ${String(fval)}`);
  }
}

/** The last part of a name that is written alone or with `pg_catalog`; null for another schema's. */
function builtInName(parts: string[]): string | null {
  const [first = '', second, third] = parts;
  if (second === undefined) return first;
  return first === 'pg_catalog' && third === undefined ? second : null;
}
