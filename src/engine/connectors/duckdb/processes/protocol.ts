/** What the server and its engine processes say to each other. */
import { EngineError, type EngineErrorCode } from '../../../errors.js';
import type { RunProgress } from '../../connector.js';
import { messageOf } from '../query-errors.js';

export type Order =
  | {
      kind: 'begin';
      task: string;
      input: unknown;
      /** Memory of the whole process, in bytes, beyond which it ends itself. */
      mostResidentBytes: number;
    }
  /** Ends the task that is going on. */
  | { kind: 'stop' };

/** What becomes of a task. */
export type TaskAnswer =
  { kind: 'progress'; progress: RunProgress } | { kind: 'done'; value: unknown } | { kind: 'failed'; failure: Failure };

export type Answer =
  | TaskAnswer
  /** Ready for the next task. */
  | { kind: 'idle'; residentBytes: number }
  /** It is about to end itself. */
  | { kind: 'out_of_memory' };

/** An error on its way between processes. */
export interface Failure {
  message: string;
  /** Of an EngineError. */
  engine?: { code: EngineErrorCode; details: Record<string, unknown> };
}

export function failureOf(error: unknown): Failure {
  const message = messageOf(error);
  return error instanceof EngineError ? { message, engine: { code: error.code, details: error.details } } : { message };
}

export function errorOf({ message, engine }: Failure): Error {
  return engine === undefined ? new Error(message) : new EngineError(engine.code, message, { details: engine.details });
}
