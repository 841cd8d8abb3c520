import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { Injectable, Logger } from '@nestjs/common';
import { type Chart, type ChartType, chooseChart, renderPng, renderSvg } from '../../engine/charts/index.js';
import {
  arrowFormat,
  csvFormat,
  type CsvOptions,
  exportResult,
  FIRST_ROWS_BYTES,
  ndjsonFormat,
  type Page,
  readPage,
} from '../../engine/connectors/duckdb/index.js';
import { AuditLog } from '../../platform/audit/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import type { ReadingLimits } from '../../platform/http/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { ConnectorsService, DataSourcesService, type OpenedTable } from '../data-sources/index.js';
import type { QueryResult } from './entities/query-result.entity.js';
import type { Query } from './entities/query.entity.js';
import { FIRST_ROWS, FirstRows } from './first-rows.js';
import { QueriesService } from './queries.service.js';
import { accessKeyOf } from './result-keys.js';
import { ResultStreams } from './result-streams.js';
import { type Staleness, stalenessOf } from './staleness.js';

const CONTENT_TYPES = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  arrow: 'application/vnd.apache.arrow.stream',
} as const;
export type FileFormat = keyof typeof CONTENT_TYPES;

export interface FileStream {
  stream: Readable;
  /** Absent where the size is not known before the end. */
  bytes?: number;
  contentType: string;
  fileName: string;
  /** How long its client may take for it. */
  limits: ReadingLimits;
}

/** Stored results: pages, files and charts. The source is never asked again. */
@Injectable()
export class ResultsService {
  private readonly logger = new Logger(ResultsService.name);

  constructor(
    private readonly queries: QueriesService,
    private readonly sources: DataSourcesService,
    private readonly connectors: ConnectorsService,
    private readonly storage: LocalStorage,
    private readonly firstRows: FirstRows,
    private readonly streams: ResultStreams,
    private readonly audit: AuditLog,
  ) {}

  /**
   * A query whose rows are about to be read, which is recorded.
   *
   * @param details what of them
   * @throws DomainError `not_found`, `result_outdated` when what the caller may see of the data has changed since it ran
   */
  async open(id: number, caller: Principal, details: Record<string, unknown> = {}): Promise<Query> {
    const query = await this.queries.get(id, caller);
    if (query.result !== null) {
      const { dataSourceId } = query;
      const { tables } = await this.sources.open(dataSourceId, caller);
      if (isOutdated(query, tables)) throw outdated();
      await this.audit.record({
        action: 'query.rows_read',
        objectId: id,
        details: { data_source_id: dataSourceId, ...details },
      });
    }
    return query;
  }

  /** Those of the ids whose query has rows that may be given out to the caller. */
  async current(ids: readonly number[], caller: Principal): Promise<ReadonlySet<number>> {
    const queries = await this.queries.getAll(ids, caller);
    const sources = new Map<number, Promise<readonly OpenedTable[] | null>>();
    const current = new Set<number>();
    for (const query of queries) {
      const opened = sources.get(query.dataSourceId) ?? this.tablesOf(query.dataSourceId, caller);
      sources.set(query.dataSourceId, opened);
      const tables = await opened;
      if (query.result !== null && tables !== null && !isOutdated(query, tables)) current.add(query.id);
    }
    return current;
  }

  /** Why the result of a query is not what it would be now; null when nothing is known to have changed. */
  async staleness(query: Query, caller: Principal): Promise<Staleness | null> {
    if (query.result === null) return null;
    const { source, catalog } = await this.sources.open(query.dataSourceId, caller);
    return stalenessOf(query, source, catalog);
  }

  /** @throws DomainError `result_not_ready` when the query has not succeeded */
  async page(
    id: number,
    offset: number,
    limit: number,
    caller: Principal,
    signal: AbortSignal,
  ): Promise<Page & { rowCount: number }> {
    const result = ready(await this.open(id, caller, { offset, limit }));
    return { ...(await this.read(result, offset, limit, signal)), rowCount: result.resultMeta.rowCount };
  }

  /** The first rows and the chart of a query that has succeeded; null for any other. */
  async overview(query: Query, pageSize: number, signal: AbortSignal): Promise<(Page & { chart: Chart }) | null> {
    if (query.result === null) return null;
    const page = await this.beginning(query.result, signal);
    return { columns: page.columns, rows: page.rows.slice(0, pageSize), chart: this.choose(query, query.result, page) };
  }

  /**
   * The chart of a result, of the wished type or of the one that suits it.
   *
   * @throws DomainError `result_not_ready`; EngineError `chart_not_possible` when the type does not suit the result
   */
  async chart(id: number, type: ChartType | undefined, caller: Principal, signal: AbortSignal): Promise<Chart> {
    const query = await this.open(id, caller, { as: 'chart' });
    const result = ready(query);
    return this.choose(query, result, await this.beginning(result, signal), type);
  }

  /** @throws EngineError `chart_not_possible` when the result is best read as a table */
  async draw(chart: Chart, format: 'svg' | 'png'): Promise<string | Buffer> {
    if (chart.spec === null) {
      throw new DomainError('chart_not_possible', `${chart.reason} Ask for a type, or take the rows.`);
    }
    return format === 'svg' ? renderSvg(chart.spec) : renderPng(chart.spec, { scale: 2 });
  }

  /**
   * The whole result as a stream: Parquet as it is stored, the other formats made while they are sent.
   *
   * @throws DomainError `not_found`, `result_not_ready`, `result_outdated`, `rate_limited` and `overloaded` while too many files are
   *   on their way; EngineError `query_failed` when the file cannot be read
   */
  async file(
    id: number,
    { format, ...csv }: { format: FileFormat } & CsvOptions,
    caller: Principal,
    signal: AbortSignal,
  ): Promise<FileStream> {
    return this.streams.admit(caller.userId, signal, async () => {
      const file = this.storage.pathOf(ready(await this.open(id, caller, { as: format })).resultLocation);
      const { limits } = this.streams;
      const told = { contentType: CONTENT_TYPES[format], fileName: `query-${id}.${format}`, limits };
      if (format === 'parquet') return { ...told, bytes: (await stat(file)).size, stream: createReadStream(file) };
      const made = { csv: csvFormat(csv), ndjson: ndjsonFormat, arrow: arrowFormat }[format];
      const pieces = exportResult({ file, format: made, bounds: this.connectors.bounds, signal });
      return { ...told, stream: await this.begun(pieces) };
    });
  }

  /** The first rows, enough for a page and a chart; fewer where they are long. */
  async beginning(result: QueryResult, signal: AbortSignal): Promise<Page> {
    const known = this.firstRows.get(result.resultLocation);
    if (known !== undefined) return { columns: result.resultMeta.columns, rows: known };
    const page = await this.read(result, 0, FIRST_ROWS, signal, FIRST_ROWS_BYTES);
    this.firstRows.keep(result.resultLocation, page.rows);
    return page;
  }

  /** The pieces as a stream, once the first of them is there: what fails before it can still be told. */
  private async begun(pieces: AsyncGenerator<Uint8Array, void, void>): Promise<Readable> {
    const first = await pieces.next();
    const stream = Readable.from(following(first, pieces), { objectMode: false });
    // However it ends, and also when nobody has begun to read.
    stream.once('close', () => {
      pieces.return().catch((error: unknown) => this.logger.error(error));
    });
    return stream;
  }

  /** The tables of a source as the caller may read them; null when it is not theirs to see any more. */
  private async tablesOf(dataSourceId: number, caller: Principal): Promise<readonly OpenedTable[] | null> {
    try {
      return (await this.sources.open(dataSourceId, caller)).tables;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'not_found') return null;
      throw error;
    }
  }

  private choose(query: Query, result: QueryResult, page: Page, type?: ChartType): Chart {
    return chooseChart(
      { columns: page.columns, rows: page.rows, truncated: result.resultMeta.rowCount > page.rows.length },
      {
        ...(type === undefined ? {} : { type }),
        ...(query.naturalLanguage === null ? {} : { question: query.naturalLanguage }),
      },
    );
  }

  private read(
    result: QueryResult,
    offset: number,
    limit: number,
    signal: AbortSignal,
    maxBytes = Number.POSITIVE_INFINITY,
  ): Promise<Page> {
    const file = this.storage.pathOf(result.resultLocation);
    return readPage({ file, offset, limit, maxBytes, signal, bounds: this.connectors.bounds });
  }
}

async function* following(
  first: IteratorResult<Uint8Array, void>,
  rest: AsyncGenerator<Uint8Array, void, void>,
): AsyncGenerator<Uint8Array, void, void> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}

/** What the caller may see of the tables is not what the query was allowed to see. */
function isOutdated({ receipt, accessKey }: Query, tables: readonly OpenedTable[]): boolean {
  return accessKeyOf(receipt?.tables ?? [], tables) !== accessKey;
}

function outdated(): DomainError {
  return new DomainError(
    'result_outdated',
    'What you may see of this data has changed since this query ran. Run it again.',
  );
}

/** @throws DomainError `result_not_ready` when the query has not succeeded */
export function ready(query: Query): QueryResult {
  if (query.result === null) {
    throw new DomainError('result_not_ready', `This query has no rows: it is ${query.status.replaceAll('_', ' ')}.`);
  }
  return query.result;
}
