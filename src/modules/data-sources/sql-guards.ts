import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createDuckDbGuard, type DuckDbGuard, type SqlGuard } from '../../engine/sql/index.js';

/** The guard that every statement goes through, opened when the first one comes. */
@Injectable()
export class SqlGuards implements OnApplicationShutdown {
  private duckDb: Promise<DuckDbGuard> | undefined;

  get(): Promise<SqlGuard> {
    this.duckDb ??= createDuckDbGuard();
    return this.duckDb;
  }

  async onApplicationShutdown(): Promise<void> {
    (await this.duckDb)?.close();
  }
}
