import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { QueryConfig } from '../../platform/config/index.js';
import { type Page, type PageQuery, paginate } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { DataSourcesService } from '../data-sources/index.js';
import type { AnswerDto, AskDto } from './dto/ask.dto.js';
import { QueryHistory } from './entities/query-history.entity.js';
import { Query } from './entities/query.entity.js';
import { QueryExecution } from './query-execution.js';
import { QueryPolicy } from './query.policy.js';
import { QuestionPlanner } from './question-planner.js';
import { receiptOf } from './receipt.js';
import { RunningQueries } from './running-queries.js';

/** How long a caller waits for a run, and when they have gone. */
export interface Patience {
  waitMs: number;
  disconnected: AbortSignal;
}

/** Asking, answering what is asked back, running again, cancelling, finding and removing queries. */
@Injectable()
export class QueriesService {
  private readonly logger = new Logger(QueriesService.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly policy: QueryPolicy,
    private readonly sources: DataSourcesService,
    private readonly planner: QuestionPlanner,
    private readonly execution: QueryExecution,
    private readonly running: RunningQueries,
    private readonly storage: LocalStorage,
    private readonly config: QueryConfig,
  ) {}

  /**
   * Puts a question or a statement to a source and waits for the end, as long as the patience lasts.
   *
   * @throws DomainError `not_found` for the source; EngineError `sql_*` when the caller's own SQL is refused
   */
  async ask(request: AskDto, caller: Principal, patience: Patience): Promise<Query> {
    const { source } = await this.sources.open(request.data_source_id, caller);
    const query = await this.insert({
      userId: caller.userId,
      dataSourceId: source.id,
      engine: 'duckdb',
      dryRun: request.dry_run ?? false,
      naturalLanguage: request.question ?? null,
      generatedSql: request.sql ?? null,
      origin: request.sql === undefined ? 'rule_based' : 'user_sql',
      maxRows: Math.min(request.max_rows ?? this.config.maxRows, this.config.maxRows),
      timeoutMs: Math.min(request.timeout_ms ?? this.config.timeoutMs, this.config.timeoutMs),
    });
    return this.proceed(query, caller, patience);
  }

  /**
   * Answers what a query asked back, and resumes it.
   *
   * @throws DomainError `clarification_not_open`, `validation_failed` when the option is none of those offered
   */
  async answer(id: number, { option, text }: AnswerDto, caller: Principal, patience: Patience): Promise<Query> {
    const query = await this.get(id, caller);
    const { clarification } = query;
    if (query.status !== 'needs_clarification' || clarification === null) {
      throw new DomainError('clarification_not_open', 'This query is not waiting for an answer.');
    }
    const wanted = option ?? text ?? '';
    const chosen = clarification.options.find(
      ({ value, label }) => value === wanted || label.toLowerCase() === wanted.trim().toLowerCase(),
    );
    if (chosen === undefined && option !== undefined) {
      throw new DomainError('validation_failed', 'Choose one of the options of the clarification, by its value.', {
        errors: [{ field: 'option', message: 'is none of the options' }],
      });
    }
    query.choices = chosen === undefined ? [] : [...query.choices, chosen.value];
    if (chosen === undefined) query.naturalLanguage = `${query.naturalLanguage ?? ''} ${wanted.trim()}`;
    await this.dataSource.transaction(async (manager) => {
      const { naturalLanguage, choices } = query;
      const reopened = await manager.update(
        Query,
        { id, status: 'needs_clarification' },
        { naturalLanguage, choices, status: 'pending', clarification: null, finishedAt: null },
      );
      if (reopened.affected !== 1) {
        throw new DomainError('clarification_not_open', 'Somebody has answered this already.');
      }
      const details = { answer: chosen?.label ?? wanted };
      await manager.insert(QueryHistory, { queryId: id, userId: caller.userId, action: 'answered', details });
    });
    return this.proceed(query, caller, patience);
  }

  /** Asks the same again, as a new query. */
  async rerun(id: number, caller: Principal, patience: Patience): Promise<Query> {
    const { userId, dataSourceId, engine, dryRun, naturalLanguage, origin, maxRows, timeoutMs, choices, generatedSql } =
      await this.get(id, caller);
    const query = await this.insert({
      userId,
      dataSourceId,
      engine,
      dryRun,
      naturalLanguage,
      origin,
      maxRows,
      timeoutMs,
      choices,
      generatedSql: origin === 'user_sql' ? generatedSql : null,
    });
    return this.proceed(query, caller, patience);
  }

  /** Stops a run; a query that has ended stays as it is. */
  async cancel(id: number, caller: Principal): Promise<Query> {
    await this.get(id, caller);
    await this.running.cancel(id);
    return this.get(id, caller);
  }

  /** @throws DomainError `not_found`, also when it is somebody else's */
  async get(id: number, caller: Principal): Promise<Query> {
    const query = await this.visible(caller)
      .leftJoinAndSelect('query.result', 'result')
      .andWhere('query.id = :id', { id })
      .getOne();
    if (query === null) throw notFound('query');
    return query;
  }

  async list(caller: Principal, page: PageQuery, dataSourceId?: number): Promise<Page<Query>> {
    const query = this.visible(caller);
    if (dataSourceId !== undefined) query.andWhere('query.dataSourceId = :dataSourceId', { dataSourceId });
    return paginate(query, page);
  }

  /** What happened to a query, oldest first. */
  async history(id: number, caller: Principal): Promise<QueryHistory[]> {
    await this.get(id, caller);
    return this.dataSource.manager.find(QueryHistory, { where: { queryId: id }, order: { id: 'ASC' }, take: 200 });
  }

  /** Removes a query with its result; a running one is cancelled first. */
  async remove(id: number, caller: Principal): Promise<void> {
    await this.cancel(id, caller);
    const { result } = await this.get(id, caller);
    await this.dataSource.manager.delete(Query, { id });
    if (result !== null) await this.storage.remove(result.resultLocation);
  }

  private async insert(values: Partial<Query>): Promise<Query> {
    return this.dataSource.transaction(async (manager) => {
      const query = await manager.save(manager.create(Query, { ...values, status: 'pending' }));
      const details = { origin: query.origin };
      await manager.insert(QueryHistory, { queryId: query.id, userId: query.userId, action: 'created', details });
      return query;
    });
  }

  /** Plans the query, then runs it, or stops where it asks back or cannot be answered. */
  private async proceed(query: Query, caller: Principal, patience: Patience): Promise<Query> {
    const { source, catalog, tables } = await this.sources.open(query.dataSourceId, caller);
    const plan = await this.planner.plan(query, catalog).catch(async (error: unknown) => {
      await this.execution.fail(query, error);
      throw error;
    });
    const receipt = receiptOf(plan, source);
    if (plan.kind === 'stop') {
      await this.execution.record(query, 'executed', stopped(plan.outcome, receipt));
    } else {
      const { shownSql: generatedSql, answer } = plan;
      const planned: Partial<Query> = { generatedSql, receipt, confidence: answer?.confidence ?? null };
      if (query.dryRun) await this.execution.record(query, 'executed', { ...planned, status: 'succeeded' });
      else {
        await this.dataSource.manager.update(Query, { id: query.id }, planned);
        await this.runPatiently(query.id, patience, (signal) =>
          this.execution.run(query, plan, receipt, tables, signal),
        );
      }
    }
    return this.get(query.id, caller);
  }

  /** Starts the run and comes back when it ends or patience does; a caller who goes away while waiting takes the run along. */
  private async runPatiently(
    queryId: number,
    { waitMs, disconnected }: Patience,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const done = this.running.start(queryId, work).catch((error: unknown) => {
      this.logger.error(error);
    });
    const cancel = (): void => void this.running.cancel(queryId);
    disconnected.addEventListener('abort', cancel, { once: true });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs);
    });
    await Promise.race([done, late]);
    clearTimeout(timer);
    disconnected.removeEventListener('abort', cancel);
  }

  private visible(caller: Principal): SelectQueryBuilder<Query> {
    return this.policy.restrict(this.dataSource.getRepository(Query).createQueryBuilder('query'), caller);
  }
}

type Stopped = Extract<Awaited<ReturnType<QuestionPlanner['plan']>>, { kind: 'stop' }>['outcome'];

function stopped(outcome: Stopped, receipt: Query['receipt']): Partial<Query> {
  if (outcome.kind === 'clarification') {
    const { question, options, confidence } = outcome;
    return { status: 'needs_clarification', receipt, confidence, clarification: { question, options } };
  }
  return { status: 'unanswerable', receipt, errorCode: 'unanswerable', errorMessage: outcome.reason };
}
