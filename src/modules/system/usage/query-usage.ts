import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DomainEvents } from '../../../platform/events/index.js';
import { QUERY_FINISHED, type QueryFinished } from '../domain-events.js';
import { type Usage, UsageService } from './usage.service.js';

/** Short queries come by the hundred a second: what they used is written together. */
const TOGETHER_MS = 500;

/** Counts what queries use: the time of their runs, and the bytes of their results. */
@Injectable()
export class QueryUsage implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(QueryUsage.name);
  private waiting: Usage[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly events: DomainEvents,
    private readonly usage: UsageService,
  ) {}

  onModuleInit(): void {
    this.events.on(QUERY_FINISHED, (query) => this.count(query));
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    await this.write();
  }

  /** The result of an earlier run has cost nothing. */
  private count({ queryId, dataSourceId, userId, executionMs, resultBytes, cacheHit }: Readonly<QueryFinished>): void {
    if (cacheHit) return;
    const details = { query_id: queryId, data_source_id: dataSourceId };
    if (executionMs !== null) this.waiting.push({ userId, metric: 'query_time', value: executionMs, details });
    if (resultBytes !== null) this.waiting.push({ userId, metric: 'storage', value: resultBytes, details });
    this.timer ??= setTimeout(() => void this.write(), TOGETHER_MS);
  }

  private async write(): Promise<void> {
    this.timer = undefined;
    const usages = this.waiting;
    this.waiting = [];
    try {
      await this.usage.recordAll(usages);
    } catch (error) {
      this.logger.error(error);
    }
  }
}
