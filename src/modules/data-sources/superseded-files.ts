import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { DatabaseConfig, QueryConfig } from '../../platform/config/index.js';
import { LocalStorage } from '../../platform/storage/index.js';

const EVERY_MS = 10 * 60_000;

/**
 * Removes files of sources that no catalogue names any more: those of earlier versions, and what a crash has left. A query
 * reads the version that it began with, also when it has waited for its turn in another replica, so a file stays for as long
 * as a query can: its time of change is that of its being superseded.
 */
@Injectable()
export class SupersededFiles implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(SupersededFiles.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly storage: LocalStorage,
    private readonly queries: QueryConfig,
    private readonly database: DatabaseConfig,
  ) {}

  /** With the embedded database this process is alone: no query is older than it. */
  async onApplicationBootstrap(): Promise<void> {
    await this.removeOlderThan(this.database.url === undefined ? 0 : this.queries.longestStayMs);
    this.timer = setInterval(() => void this.sweep(), EVERY_MS).unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** @returns how many files were removed */
  async removeOlderThan(ageMs: number): Promise<number> {
    const before = Date.now() - ageMs;
    const files = (await this.storage.list('sources')).filter(({ changedAtMs }) => changedAtMs <= before);
    if (files.length === 0) return 0;
    // Asked after the files were listed: what is named by then was there before.
    const rows: { location: string }[] = await this.dataSource.query(
      'SELECT location FROM source_tables WHERE location = ANY ($1)',
      [files.map(({ location }) => location)],
    );
    const named = new Set(rows.map(({ location }) => location));
    let removed = 0;
    for (const { location } of files) {
      // What was superseded while this looked is marked before it loses its name.
      if (!named.has(location) && (await this.storage.removeIfUnchangedSince(location, before))) removed += 1;
    }
    return removed;
  }

  private async sweep(): Promise<void> {
    try {
      await this.removeOlderThan(this.queries.longestStayMs);
    } catch (error) {
      this.logger.error(error);
    }
  }
}
