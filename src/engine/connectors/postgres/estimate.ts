import { EngineError } from '../../errors.js';
import type { RunEstimate } from '../connector.js';

/** Reads what EXPLAIN (FORMAT JSON) says of a whole statement. */
export function estimateOf(json: string): RunEstimate {
  const [explained] = JSON.parse(json) as { Plan?: Record<string, unknown> }[];
  const number = (name: string): number => {
    const value = explained?.Plan?.[name];
    if (typeof value === 'number') return value;
    throw new EngineError('query_failed', 'The source does not say what the query would cost.');
  };
  const rows = number('Plan Rows');
  return { rows, bytes: rows * number('Plan Width'), cost: number('Total Cost') };
}
