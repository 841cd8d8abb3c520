import { Injectable } from '@nestjs/common';
import { DataSourcesService } from '../data-sources/index.js';
import { QueriesService } from '../queries/index.js';
import type { Principal } from '../../platform/security/index.js';

/** What tasks are about. */
@Injectable()
export class RunSubjects {
  constructor(
    private readonly sources: DataSourcesService,
    private readonly queries: QueriesService,
  ) {}

  /**
   * The source that a task is about, and the query; both are the caller's to see.
   *
   * @throws DomainError `not_found`
   */
  async of(
    input: { data_source_id?: number | undefined; query_id?: number },
    caller: Principal,
  ): Promise<{ dataSourceId: number | null; queryId: number | null }> {
    const { query_id: queryId = null, data_source_id: sourceId = null } = input;
    if (queryId !== null) return { queryId, dataSourceId: (await this.queries.get(queryId, caller)).dataSourceId };
    if (sourceId !== null) await this.sources.get(sourceId, caller);
    return { queryId: null, dataSourceId: sourceId };
  }
}
