/** Reads documents in a thread of its own, where a hostile one can waste neither the time nor the memory of the server. */
import { EngineError, type EngineErrorCode } from '../../engine/errors.js';
import type { ReadingRequest } from '../../engine/retrieval/document.js';
import { type ReadPassages, readPassages } from '../../engine/retrieval/read-passages.js';

/** An error keeps its class only within a thread. */
export type ReadingOutcome = { read: ReadPassages } | { refused: { code: EngineErrorCode; detail: string } };

export default async function run(request: ReadingRequest): Promise<ReadingOutcome> {
  try {
    return { read: await readPassages(request) };
  } catch (error) {
    if (error instanceof EngineError) return { refused: { code: error.code, detail: error.message } };
    throw error;
  }
}
