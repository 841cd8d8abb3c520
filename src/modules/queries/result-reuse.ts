import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { RunSummary } from '../../engine/connectors/connector.js';
import { LocalStorage } from '../../platform/storage/index.js';
import type { ResultMeta } from './entities/query-result.entity.js';
import type { Query } from './entities/query.entity.js';
import { FirstRows } from './first-rows.js';

/** Gives a query the result of an earlier one that must have had the same. */
@Injectable()
export class ResultReuse {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly storage: LocalStorage,
    private readonly firstRows: FirstRows,
  ) {}

  /**
   * @param location where the query's own result is to lie; it outlives the earlier one
   * @returns null when there is no such result
   */
  async take({ id, resultKey }: Query, location: string): Promise<RunSummary | null> {
    const started = performance.now();
    if (resultKey === null) return null;
    const [earlier]: Earlier[] = await this.dataSource.query(EARLIER, [resultKey, id]);
    if (earlier === undefined) return null;
    const { resultLocation, resultMeta } = earlier;
    if (!(await this.storage.keepAgain(resultLocation, location))) return null;
    const { columns, rowCount, bytes } = resultMeta;
    const executionMs = Math.round(performance.now() - started);
    const rows = this.firstRows.get(resultLocation) ?? [];
    return { columns, rowCount, bytes, truncated: earlier.truncated, rows, executionMs };
  }
}

interface Earlier {
  truncated: boolean;
  resultLocation: string;
  resultMeta: ResultMeta;
}

// Every query asks this: a statement of its own, because building one for the entity takes longer than running it.
const EARLIER = `
  SELECT query.truncated, result.result_location AS "resultLocation", result.result_meta AS "resultMeta"
  FROM queries query JOIN query_results result ON result.query_id = query.id
  WHERE query.result_key = $1 AND query.status = 'succeeded' AND query.id <> $2
  ORDER BY query.id DESC LIMIT 1`;
