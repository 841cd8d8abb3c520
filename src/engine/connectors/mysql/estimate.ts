import { EngineError } from '../../errors.js';
import type { RunEstimate } from '../connector.js';

type Plan = Record<string, unknown>;

/** What a plan puts around its tables without changing how many rows there are at most. */
const WRAPPERS = [
  'ordering_operation',
  'grouping_operation',
  'duplicates_removal',
  'windowing',
  'buffer_result',
  'window_functions_computation',
  'filesort',
  'read_sorted_file',
  'temporary_table',
  'block-nl-join',
  'duplicate_removal',
];

/**
 * Reads what EXPLAIN FORMAT=JSON says of a statement: of MySQL with `cost_info` or, in the form of 8.3 and newer, with
 * `estimated_rows`; of MariaDB with `cost` since 11.0. Before that MariaDB tells no cost: then it is the rows that are
 * looked at.
 *
 * @throws EngineError `query_failed` when it is none of these
 */
export function estimateOf(json: string): RunEstimate {
  const plan = JSON.parse(json) as Plan;
  const tree = isPlan(plan['query_plan']) ? plan['query_plan'] : plan;
  const rows = numberOf(tree['estimated_rows']);
  if (rows !== null) return { rows, cost: numberOf(tree['estimated_total_cost']) ?? rows };
  const block = plan['query_block'];
  if (!isPlan(block)) throw new EngineError('query_failed', 'The source does not say what the query would cost.');
  const measured = measure(block);
  return { rows: Math.round(measured.rows), cost: costOf(block) ?? measured.looked };
}

interface Measured {
  /** That come out. */
  rows: number;
  /** That are looked at on the way. */
  looked: number;
}

function measure(plan: Plan): Measured {
  const parts = plan['query_specifications'];
  if (Array.isArray(parts)) {
    return parts.filter(isPlan).map(measure).reduce(added, { rows: 0, looked: 0 });
  }
  for (const name of ['query_block', 'union_result', ...WRAPPERS]) {
    const inner = plan[name];
    if (isPlan(inner)) return measure(inner);
  }
  const loop = plan['nested_loop'];
  if (Array.isArray(loop)) return loop.filter(isPlan).map(measure).reduce(joined, { rows: 1, looked: 0 });
  return isPlan(plan['table']) ? ofTable(plan['table']) : { rows: 1, looked: 1 };
}

function ofTable(table: Plan): Measured {
  const rows = numberOf(table['rows_examined_per_scan']) ?? numberOf(table['rows']);
  // Without rows it says why there is nothing to read: one row at most.
  if (rows === null) return { rows: 1, looked: 1 };
  return { rows: (rows * (numberOf(table['filtered']) ?? 100)) / 100, looked: rows };
}

function added(one: Measured, other: Measured): Measured {
  return { rows: one.rows + other.rows, looked: one.looked + other.looked };
}

/** The inner table is read once for every row of the outer ones. */
function joined(outer: Measured, inner: Measured): Measured {
  return { rows: outer.rows * inner.rows, looked: outer.looked + outer.rows * inner.looked };
}

/** Of the whole statement; a union has one for each of its parts. */
function costOf(block: Plan): number | null {
  const info = block['cost_info'];
  const own = isPlan(info) ? numberOf(info['query_cost']) : numberOf(block['cost']);
  if (own !== null) return own;
  const union = block['union_result'];
  const parts = isPlan(union) ? union['query_specifications'] : undefined;
  if (!Array.isArray(parts)) return null;
  const costs = parts.map((part: unknown) =>
    isPlan(part) && isPlan(part['query_block']) ? costOf(part['query_block']) : null,
  );
  return costs.some((cost) => cost === null) ? null : costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0);
}

function isPlan(value: unknown): value is Plan {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** MySQL writes costs and shares as texts. */
function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}
