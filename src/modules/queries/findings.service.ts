import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { EngineError } from '../../engine/errors.js';
import { type Finding, findIn, findInStored } from '../../engine/findings/index.js';
import type { Principal } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { ConnectorsService, DataSourcesService } from '../data-sources/index.js';
import type { Query } from './entities/query.entity.js';
import { unanalysedColumns } from './masked-columns.js';
import { ready, ResultsService } from './results.service.js';

/** What an answer waits for findings, most of all: opening an instance of DuckDB comes on top. */
const WITH_ANSWER_MS = 35;
/** What somebody waits who asks for them. */
const ASKED_FOR_MS = 10_000;
/** Results up to so many cells are searched in memory, which holds up the process for about 20 ms; larger ones by DuckDB. */
const MOST_CELLS = 15_000;
const RESULTS_REMEMBERED = 500;

export interface FindingsSoFar {
  findings: Finding[];
  /** False when the time of the answer was too short to look: ask for the findings by themselves. */
  complete: boolean;
}

/** What stands out in results. */
@Injectable()
export class FindingsService {
  private readonly logger = new Logger(FindingsService.name);
  /** By where the result lies, which never changes, and what of it was left alone. */
  private readonly known = new LRUCache<string, Finding[]>({ max: RESULTS_REMEMBERED });

  constructor(
    private readonly results: ResultsService,
    private readonly sources: DataSourcesService,
    private readonly connectors: ConnectorsService,
    private readonly storage: LocalStorage,
  ) {}

  /** Those that are found while the caller waits for the answer; nothing for a query without a result. */
  async soon(query: Query, caller: Principal, signal: AbortSignal): Promise<FindingsSoFar> {
    if (query.result === null) return { findings: [], complete: true };
    try {
      return { findings: await this.search(query, caller, signal, WITH_ANSWER_MS), complete: true };
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      // The answer is good without them; whoever asks for the findings is told what is wrong.
      if (error.code !== 'query_timeout') this.logger.warn(error);
      return { findings: [], complete: false };
    }
  }

  /**
   * All of them, and the query that they were found in.
   *
   * @throws DomainError `not_found`, `result_not_ready`, `result_outdated`; EngineError `query_timeout`
   */
  async of(id: number, caller: Principal, signal: AbortSignal): Promise<{ query: Query; findings: Finding[] }> {
    const query = await this.results.open(id, caller, { as: 'findings' });
    ready(query);
    return { query, findings: await this.search(query, caller, signal, ASKED_FOR_MS) };
  }

  private async search(query: Query, caller: Principal, signal: AbortSignal, timeoutMs: number): Promise<Finding[]> {
    const { resultLocation, resultMeta } = ready(query);
    const unanalysed = await this.unanalysed(query, caller);
    const key = JSON.stringify([resultLocation, [...unanalysed].sort()]);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const { columns, rows } = await this.results.beginning(ready(query), signal);
    const beginning = { columns, rows, truncated: query.truncated };
    const wish = { now: query.finishedAt ?? new Date(), unanalysed };
    const { rowCount } = resultMeta;
    const fits = rows.length === rowCount && rowCount * columns.length <= MOST_CELLS;
    const findings = fits
      ? await findIn(beginning, wish)
      : await findInStored(beginning, {
          ...wish,
          file: this.storage.pathOf(resultLocation),
          rowCount,
          bounds: this.connectors.bounds,
          signal,
          timeoutMs,
        });
    this.known.set(key, findings);
    return findings;
  }

  private async unanalysed(query: Query, caller: Principal): Promise<ReadonlySet<string>> {
    // Without a rule that held there is no mask.
    if (query.accessKey === null) return new Set();
    const { tables } = await this.sources.openThrough(query.dataSourceId, query.userId, caller);
    return unanalysedColumns(ready(query).resultMeta.columns, query.receipt?.columns ?? [], tables);
  }
}
