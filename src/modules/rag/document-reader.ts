import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import PQueue from 'p-queue';
import { EngineError } from '../../engine/errors.js';
import type { ReadingRequest } from '../../engine/retrieval/document.js';
import type { ReadPassages } from '../../engine/retrieval/read-passages.js';
import { DocumentsConfig } from '../../platform/config/index.js';
import { ReadingProcess } from './reading-process.js';

const AT_A_TIME = 2;
/** A process that nobody has needed for so long is ended. */
const IDLE_MS = 30_000;

/** Reads documents, a few at a time, each within limits of time and memory, in processes that stay for the next one. */
@Injectable()
export class DocumentReader implements OnApplicationShutdown {
  private readonly turns = new PQueue({ concurrency: AT_A_TIME });
  private readonly all = new Set<ReadingProcess>();
  private readonly idle = new Map<ReadingProcess, NodeJS.Timeout>();

  constructor(private readonly config: DocumentsConfig) {}

  /**
   * @param signal aborts when nobody wants it any more
   * @throws EngineError as `readPassages`, and `file_malformed` when it takes too long or too much memory
   */
  async read(request: ReadingRequest, signal: AbortSignal): Promise<ReadPassages> {
    return this.turns.add(() => this.readNow(request, signal), { signal });
  }

  async onApplicationShutdown(): Promise<void> {
    this.turns.clear();
    for (const timer of this.idle.values()) clearTimeout(timer);
    await Promise.all(Array.from(this.all, (process) => process.end()));
  }

  private async readNow(request: ReadingRequest, signal: AbortSignal): Promise<ReadPassages> {
    const process = this.take();
    const timeUp = AbortSignal.timeout(this.config.readingMs);
    const either = AbortSignal.any([signal, timeUp]);
    const end = (): void => void process.end();
    either.addEventListener('abort', end, { once: true });
    try {
      const outcome = await process.read(request);
      if (outcome !== null && 'read' in outcome) return outcome.read;
      signal.throwIfAborted();
      if (timeUp.aborted) throw unreadable(request.fileName, 'takes too long to read');
      if (outcome === null) throw unreadable(request.fileName, 'takes too much memory to read');
      if ('stumbled' in outcome) throw unreadable(request.fileName, 'is damaged or too deeply nested to be read');
      throw new EngineError(outcome.refused.code, outcome.refused.detail);
    } finally {
      either.removeEventListener('abort', end);
      this.leave(process);
    }
  }

  private take(): ReadingProcess {
    for (const [process, timer] of this.idle) {
      clearTimeout(timer);
      this.idle.delete(process);
      if (!process.isOver) return process;
    }
    const process = new ReadingProcess();
    this.all.add(process);
    return process;
  }

  private leave(process: ReadingProcess): void {
    if (process.isOver) {
      this.all.delete(process);
      return;
    }
    const timer = setTimeout(() => {
      this.idle.delete(process);
      this.all.delete(process);
      void process.end();
    }, IDLE_MS);
    timer.unref();
    this.idle.set(process, timer);
  }
}

function unreadable(fileName: string, problem: string): EngineError {
  return new EngineError('file_malformed', `“${fileName}” ${problem}. Split it, or save it in a simpler format.`);
}
