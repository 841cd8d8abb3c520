import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Pool } from 'pg';
import { collectDefaultMetrics } from 'prom-client';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { Metrics } from '../../../platform/observability/metrics.js';
import { readVersion } from '../../../platform/version.js';

/** What every process has: memory, processor, garbage collection, delay of the event loop, connections to the system of record. */
@Injectable()
export class ProcessMetrics implements OnApplicationBootstrap {
  constructor(
    private readonly metrics: Metrics,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  onApplicationBootstrap(): void {
    collectDefaultMetrics({ register: this.metrics.registry });
    const pool = (this.dataSource.driver as PostgresDriver).master as Pool;
    this.metrics.gauge(
      'lumiere_database_connections',
      'Connections to the system of record, by whether somebody uses them.',
      () =>
        new Map([
          ['idle', pool.idleCount],
          ['busy', pool.totalCount - pool.idleCount],
        ]),
      'state',
    );
    this.metrics.gauge(
      'lumiere_database_waiting',
      'Requests for a connection to the system of record that wait for one.',
      () => pool.waitingCount,
    );
    this.metrics.gauge(
      'lumiere_info',
      'Always 1; the version is in the label.',
      () => new Map([[readVersion(), 1]]),
      'version',
    );
  }
}
