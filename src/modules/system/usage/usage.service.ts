import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { DomainEvents } from '../../../platform/events/index.js';
import { USAGE_RECORDED } from '../domain-events.js';
import type { UsageMetric } from '../usage-metric.js';

/** Units that each metric is counted in. */
const UNITS = { query_time: 'ms', token_usage: 'tokens', storage: 'bytes', model_api_calls: 'calls' } as const;

/** Something that was used. */
export interface Usage {
  /** Whose use it was; null for the server's own. */
  userId: number | null;
  metric: UsageMetric;
  /** Not less than 0, in the unit. */
  value: number;
  /** What the metric is counted in when left out: ms, tokens, bytes, calls. */
  unit?: string;
  /** In the installation's currency; left out where nothing is known of it. */
  cost?: number | null;
  /** What it was used for, by ids and names: the query, the model. Never what was asked. */
  details?: Readonly<Record<string, unknown>>;
}

/** Writes down what was used of what costs. */
@Injectable()
export class UsageService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly events: DomainEvents,
  ) {}

  /** @param manager of a transaction that it is a part of */
  record(usage: Usage, manager?: EntityManager): Promise<void> {
    return this.recordAll([usage], manager);
  }

  /** All of them or none, in one statement. */
  async recordAll(usages: readonly Usage[], manager?: EntityManager): Promise<void> {
    if (usages.length === 0) return;
    const rows = usages.map(({ userId, metric, value, unit = UNITS[metric], cost = null, details = {} }) => ({
      user_id: userId,
      metric,
      value,
      unit,
      cost,
      details,
    }));
    await (manager ?? this.dataSource.manager).query(INSERT, [JSON.stringify(rows)]);
    const userIds = [...new Set(usages.flatMap(({ userId }) => userId ?? []))];
    this.events.publish(USAGE_RECORDED, { userIds }, manager);
  }
}

const INSERT = `
  INSERT INTO usage_costs (user_id, metric, value, unit, cost, details)
  SELECT users.id, entry.metric, entry.value, entry.unit, entry.cost, entry.details
  FROM jsonb_to_recordset($1::jsonb) AS entry (user_id integer, metric varchar, value numeric, unit varchar, cost numeric,
       details jsonb)
       LEFT JOIN users ON users.id = entry.user_id`;
