import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { RunSummary } from '../../engine/connectors/connector.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { Query } from './entities/query.entity.js';
import { FirstRows } from './first-rows.js';

/** Gives a query the result of an earlier one that must have had the same. */
@Injectable()
export class ResultReuse {
  constructor(
    @InjectRepository(Query) private readonly queries: Repository<Query>,
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
    const [earlier] = await this.queries.find({
      where: { resultKey, status: 'succeeded' },
      relations: { result: true },
      order: { id: 'DESC' },
      take: 1,
    });
    if (earlier === undefined || earlier.result === null || earlier.id === id) return null;
    const { resultLocation, resultMeta } = earlier.result;
    if (!(await this.storage.keepAgain(resultLocation, location))) return null;
    const { columns, rowCount, bytes } = resultMeta;
    const executionMs = Math.round(performance.now() - started);
    const rows = this.firstRows.get(resultLocation) ?? [];
    return { columns, rowCount, bytes, truncated: earlier.truncated, rows, executionMs };
  }
}
