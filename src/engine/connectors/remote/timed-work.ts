import { cancelled } from '../duckdb/interruption.js';
import { sourceTimeout } from './source-errors.js';
import type { EngineError } from '../../errors.js';

export interface TimedWork {
  /** Until when everything has to be done, in milliseconds from now. */
  timeoutMs: number;
  /** What work is told apart by that takes too long; without it, a source that is slow to answer is to blame. */
  onTimeout?: () => EngineError;
  /** Aborting it ends the work with `query_cancelled`. */
  signal: AbortSignal;
}

/**
 * Does work with a signal that aborts when it is to stop, for whatever reason, and whose reason is the error to end with.
 *
 * @throws EngineError `query_cancelled`, or as `onTimeout` has it; what the work throws
 */
export async function timedWork<T>(options: TimedWork, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { timeoutMs, signal, onTimeout = () => sourceTimeout(timeoutMs) } = options;
  if (signal.aborted) throw cancelled();
  const interrupted = new AbortController();
  const onAbort = (): void => interrupted.abort(cancelled());
  const deadline = setTimeout(() => interrupted.abort(onTimeout()), timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const result = await work(interrupted.signal);
    // An abort that came too late to interrupt anything is still an abort.
    interrupted.signal.throwIfAborted();
    return result;
  } catch (error) {
    throw interrupted.signal.aborted ? interrupted.signal.reason : error;
  } finally {
    clearTimeout(deadline);
    signal.removeEventListener('abort', onAbort);
  }
}
