import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { DEFAULT_PAGE_SIZE } from '../../platform/database/index.js';
import type { Principal } from '../../platform/security/index.js';
import { QueryDto } from './dto/query.dto.js';
import { QueryResult } from './entities/query-result.entity.js';
import type { Query } from './entities/query.entity.js';
import { FindingsService } from './findings.service.js';
import { QueriesService } from './queries.service.js';
import { ResultsService } from './results.service.js';
import type { Staleness } from './staleness.js';

/** What is said of a result in words, while its rows may be given out. */
export interface Saying {
  /** Null when nothing was said, or the rows may not be given out any more. */
  sentence: string | null;
  /** The first sentences of something longer that is being written. */
  writing: readonly string[];
  /** What the caller may see of the data has changed since. */
  outdated: boolean;
}

/** Queries as they are told: with their first rows, chart and findings, and with what is said of their results in words. */
@Injectable()
export class QueryAnswers {
  constructor(
    @InjectRepository(QueryResult) private readonly stored: Repository<QueryResult>,
    private readonly queries: QueriesService,
    private readonly results: ResultsService,
    private readonly findings: FindingsService,
  ) {}

  /**
   * A query with its first rows, whose reading is recorded.
   *
   * @param details what they are read for
   * @throws DomainError `not_found`, `result_outdated`
   */
  async read(id: number, caller: Principal, signal: AbortSignal, details?: Record<string, unknown>): Promise<QueryDto> {
    const query = await this.results.open(id, caller, details);
    return this.tell(query, caller, signal, await this.results.staleness(query, caller));
  }

  /** The query of a caller who has just run it, or who may read it. */
  async tell(query: Query, caller: Principal, signal: AbortSignal, stale: Staleness | null = null): Promise<QueryDto> {
    const overview = await this.results.overview(query, DEFAULT_PAGE_SIZE, signal);
    return QueryDto.from(query, overview, await this.findings.soon(query, caller, signal), stale);
  }

  /** Keeps what is said of a result, with values of it in the words: it goes when the result goes. */
  async keepSaying(queryId: number, sentence: string): Promise<void> {
    await this.stored.query(
      `UPDATE query_results SET result_meta = result_meta - 'writing' || jsonb_build_object('sentence', $2::text) WHERE query_id = $1`,
      [queryId, sentence],
    );
  }

  /** Keeps the sentences that are written so far of what will be said; `keepSaying` puts the whole in their place. */
  async keepWriting(queryId: number, sentences: readonly string[]): Promise<void> {
    await this.stored.query(
      `UPDATE query_results SET result_meta = result_meta || jsonb_build_object('writing', $2::jsonb) WHERE query_id = $1`,
      [queryId, JSON.stringify(sentences)],
    );
  }

  /** What is said of the results of those of the queries that the caller may see and that have one. */
  async sayings(ids: readonly number[], caller: Principal): Promise<ReadonlyMap<number, Saying>> {
    const wanted = [...new Set(ids)];
    const current = await this.results.current(wanted, caller);
    const known = await this.queries.getAll(wanted, caller);
    return new Map(
      known.flatMap(({ id, result }): [number, Saying][] => {
        if (result === null) return [];
        const outdated = !current.has(id);
        const { sentence = null, writing = [] } = outdated ? {} : result.resultMeta;
        return [[id, { sentence, writing, outdated }]];
      }),
    );
  }
}
