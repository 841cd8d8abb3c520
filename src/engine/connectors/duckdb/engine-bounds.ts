/** What DuckDB may use, and where it works. */
import type { RunProgress } from '../connector.js';

/** What one DuckDB instance may use. */
export interface InstanceBounds {
  /** Memory of the buffer manager, in bytes; beyond it DuckDB spills to disk, and fails where it cannot. */
  maxMemoryBytes: number;
  /** Threads that work on one statement. */
  threads: number;
  /** An existing directory in which the instance gets a private spill directory of its own. */
  scratchDirectory: string;
  /** Largest spill, in bytes. */
  maxSpillBytes: number;
}

export interface EngineBounds extends InstanceBounds {
  /** Where statements run: in processes of their own, or in this one when left out, which nothing can end but DuckDB itself. */
  processes?: TaskRunner;
}

/** What a caller wants to happen around a task. */
export interface TaskLimits {
  /** Aborting it ends the task with `query_cancelled`. */
  signal: AbortSignal;
  /** After which the task ends itself; where it does not, it is ended soon after. */
  timeoutMs?: number;
  /** Files that the task makes, to be removed when it had to be ended by force or nobody wants its answer any more. */
  files?: readonly string[];
  progress?: (progress: RunProgress) => void;
}

/** Runs the tasks of `tasks.ts` elsewhere. What goes in and comes out must be plain data. */
export interface TaskRunner {
  run(name: string, input: { bounds: InstanceBounds }, limits: TaskLimits): Promise<unknown>;
}

/** What a task is given where it runs. */
export interface TaskContext {
  signal: AbortSignal;
  progress?: (progress: RunProgress) => void;
  /** Takes what is left to be done when the answer is there; without it the answer waits for that. */
  afterwards?: (rest: () => Promise<void>) => void;
}
