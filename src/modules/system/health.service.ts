import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DomainError } from '../../platform/errors/domain-error.js';
import { JobQueue } from '../../platform/jobs/index.js';
import { LocalStorage } from '../../platform/storage/index.js';

const PATIENCE_MS = 3000;

/** Asks each part that the server cannot work without. */
@Injectable()
export class HealthService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly storage: LocalStorage,
    private readonly queue: JobQueue,
  ) {}

  /**
   * @returns milliseconds per part
   * @throws DomainError `not_ready` that names the part which does not answer
   */
  async check(): Promise<Record<string, number>> {
    return {
      database: await this.time('database', this.dataSource.query('SELECT 1')),
      storage: await this.time('storage', this.storage.probe()),
      queue: await this.time('queue', this.queue.probe()),
    };
  }

  private async time(part: string, work: Promise<unknown>): Promise<number> {
    const start = performance.now();
    const { promise: late, cancel } = timeout(PATIENCE_MS);
    try {
      await Promise.race([work, late]);
    } catch (cause) {
      throw new DomainError('not_ready', `The ${part} does not answer.`, { retryAfterSeconds: 5, cause });
    } finally {
      cancel();
    }
    return Math.round(performance.now() - start);
  }
}

function timeout(ms: number): { promise: Promise<never>; cancel: () => void } {
  let timer: NodeJS.Timeout;
  const promise = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  return { promise, cancel: () => clearTimeout(timer) };
}
