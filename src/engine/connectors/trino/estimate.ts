import { EngineError } from '../../errors.js';
import type { RunEstimate } from '../connector.js';

/** Reads what EXPLAIN (TYPE IO, FORMAT JSON) says of a whole statement; what the source does not know is “NaN” in it. */
export function estimateOf(plan: unknown): RunEstimate {
  const { estimate = {} } = JSON.parse(typeof plan === 'string' ? plan : '{}') as {
    estimate?: Partial<Record<'outputRowCount' | 'outputSizeInBytes' | 'cpuCost', unknown>>;
  };
  const { outputRowCount: rows, outputSizeInBytes: bytes, cpuCost: cost } = estimate;
  if (typeof rows !== 'number') {
    throw new EngineError('query_failed', 'The source does not say what the query would cost.');
  }
  return {
    rows,
    ...(typeof bytes === 'number' ? { bytes } : {}),
    cost: typeof cost === 'number' ? cost : rows,
  };
}
