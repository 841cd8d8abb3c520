import { Injectable } from '@nestjs/common';
import type { Principal } from '../../../platform/security/index.js';
import { DataSourcesService } from '../../data-sources/index.js';
import { type Query, ResultsService } from '../../queries/index.js';
import { privateColumns } from './private-columns.js';
import type { Subject } from './subject.js';

const ROWS = 30;

/** Results as texts are written about them. */
@Injectable()
export class ResultSubjects {
  constructor(
    private readonly sources: DataSourcesService,
    private readonly results: ResultsService,
  ) {}

  /** @param query that the caller may see, with its rows */
  async of(query: Query, findings: Subject['findings'], caller: Principal, signal: AbortSignal): Promise<Subject> {
    const { catalog, tables } = await this.sources.open(query.dataSourceId, caller);
    const page = await this.results.overview(query, ROWS, signal);
    const columns = page?.columns ?? [];
    const { receipt } = query;
    return {
      question: query.naturalLanguage,
      meaning: receipt?.paraphrase ?? null,
      columns,
      rows: page?.rows ?? [],
      rowCount: query.executedRows ?? 0,
      truncated: query.truncated,
      findings,
      warnings: (receipt?.checks ?? [])
        .filter(({ ok, name }) => !ok && !name.startsWith('model'))
        .map(({ detail }) => detail),
      privateColumns: privateColumns(columns, receipt?.columns ?? [], catalog, tables),
    };
  }
}
