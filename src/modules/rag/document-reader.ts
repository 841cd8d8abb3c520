import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Piscina } from 'piscina';
import { EngineError } from '../../engine/errors.js';
import type { ReadingRequest } from '../../engine/retrieval/document.js';
import type { ReadPassages } from '../../engine/retrieval/read-passages.js';
import { READING_LIMITS } from './reading-limits.js';
import type { ReadingOutcome } from './documents.worker.js';

const IDLE_MS = 30_000;

/** Reads documents, a few at a time, each within limits of time and memory. */
@Injectable()
export class DocumentReader implements OnApplicationShutdown {
  private readonly threads = new Piscina<ReadingRequest, ReadingOutcome>({
    filename: new URL('./documents.worker.js', import.meta.url).href,
    minThreads: 0,
    maxThreads: 2,
    idleTimeout: IDLE_MS,
    concurrentTasksPerWorker: 1,
    resourceLimits: { maxOldGenerationSizeMb: READING_LIMITS.heapMegabytes },
  });

  /**
   * @param signal aborts when nobody wants it any more
   * @throws EngineError as `readPassages`, and `file_malformed` when it takes too long or too much memory
   */
  async read(request: ReadingRequest, signal: AbortSignal): Promise<ReadPassages> {
    const timeUp = AbortSignal.timeout(READING_LIMITS.milliseconds);
    try {
      const outcome = await this.threads.run(request, { signal: AbortSignal.any([signal, timeUp]) });
      if ('read' in outcome) return outcome.read;
      throw new EngineError(outcome.refused.code, outcome.refused.detail);
    } catch (error) {
      if (timeUp.aborted) throw tooHard(request.fileName, 'takes too long to read', error);
      if (isOutOfMemory(error)) throw tooHard(request.fileName, 'takes too much memory to read', error);
      throw error;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.threads.destroy();
  }
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function tooHard(fileName: string, problem: string, cause: unknown): EngineError {
  return new EngineError('file_malformed', `“${fileName}” ${problem}. Split it, or save it in a simpler format.`, {
    cause,
  });
}
