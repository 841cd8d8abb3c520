import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { OverviewDto } from './dto/overview.dto.js';

/** Figures of the whole installation: counts and sums, nothing of what anybody asked. */
@Injectable()
export class OverviewService {
  constructor(private readonly dataSource: DataSource) {}

  /** Read in one statement, so that all figures are of the same moment. */
  async read(): Promise<OverviewDto> {
    const rows: { overview: OverviewDto }[] = await this.dataSource.query(OVERVIEW);
    const [row] = rows;
    if (row === undefined) throw new Error('The overview has no row.');
    return row.overview;
  }
}

/** New rows of a table by day, of the days that are looked at. */
function perDay(table: string): string {
  return `
    SELECT (created_at AT TIME ZONE 'UTC')::date AS day, count(*) AS count
    FROM ${table} WHERE created_at >= (SELECT min(day)::timestamp AT TIME ZONE 'UTC' FROM days) GROUP BY 1`;
}

const OVERVIEW = `
  WITH days AS (
    SELECT (now() AT TIME ZONE 'UTC')::date - ago AS day FROM generate_series(0, 29) ago
  ), new_users AS (${perDay('users')}
  ), new_sources AS (${perDay('data_sources')}
  ), new_queries AS (${perDay('queries')}
  ), growth AS (
    SELECT days.day, coalesce(u.count, 0) AS users, coalesce(s.count, 0) AS sources, coalesce(q.count, 0) AS queries
    FROM days LEFT JOIN new_users u USING (day) LEFT JOIN new_sources s USING (day) LEFT JOIN new_queries q USING (day)
  ), people AS (
    SELECT count(*) AS total, count(*) FILTER (WHERE is_active) AS active,
           (SELECT count(*) FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id
            WHERE u.is_active AND r.name = 'admin') AS administrators
    FROM users
  ), sources AS (
    SELECT count(*) AS total, coalesce(sum(row_count), 0) AS rows, coalesce(sum(size_bytes), 0) AS bytes FROM data_sources
  ), results AS (
    SELECT coalesce(sum((result_meta ->> 'bytes')::bigint), 0) AS bytes FROM query_results
  ), states AS (
    SELECT status, count(*) AS count FROM queries GROUP BY status
  ), costs AS (
    SELECT coalesce(sum(cost), 0) AS amount, coalesce(sum(token_usage), 0) AS tokens,
           coalesce(sum(api_calls), 0) AS api_calls, coalesce(sum(execution_time_ms), 0) AS query_time_ms
    FROM query_metrics
  )
  SELECT json_build_object(
    'users', (SELECT to_json(people) FROM people),
    'data_sources', (SELECT json_build_object('total', total, 'rows', rows) FROM sources),
    'queries', (
      SELECT json_build_object('total', coalesce(sum(count), 0),
                               'by_status', coalesce(json_object_agg(status, count), '{}'))
      FROM states
    ),
    'storage', (
      SELECT json_build_object('sources_bytes', s.bytes, 'results_bytes', r.bytes, 'total_bytes', s.bytes + r.bytes)
      FROM sources s, results r
    ),
    'costs', (SELECT to_json(costs) FROM costs),
    'growth', (
      SELECT json_agg(json_build_object('date', day, 'users', users, 'data_sources', sources, 'queries', queries) ORDER BY day)
      FROM growth
    )
  ) AS overview`;
