import { Injectable, Logger } from '@nestjs/common';
import { EngineError } from '../../engine/errors.js';
import type { ConversationState } from '../../engine/text-to-sql/index.js';
import { QueryConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { dialectOf, DataSourcesService, type OpenedSource, SourceAvailability } from '../data-sources/index.js';
import type { AnswerDto, AskDto } from './dto/ask.dto.js';
import type { EstimateCaps, Query } from './entities/query.entity.js';
import { QueriesService } from './queries.service.js';
import { confidenceOf, QueryExecution, type RunPlan } from './query-execution.js';
import { type QueryEnd, QueryJournal } from './query-journal.js';
import { elapsed, type Plan, QuestionPlanner } from './question-planner.js';
import { type Receipt, receiptOf } from './receipt.js';
import { QueryBudget } from './query-budget.js';
import { accessKeyOf, resultKeyOf } from './result-keys.js';
import { RunningQueries } from './running-queries.js';

/** How long a caller waits for a run, when they have gone, and whether an earlier result will do. */
export interface Patience {
  waitMs: number;
  disconnected: AbortSignal;
  /** The statement must run, even when its result is known. */
  fresh: boolean;
  /** Nobody is to react to how it ends. */
  isTrial?: boolean;
}

/** What a question is a part of. */
export interface Occasion {
  conversationId?: number;
}

/** Asking, answering what is asked back, and asking again: from a request to a recorded outcome. */
@Injectable()
export class AskService {
  private readonly logger = new Logger(AskService.name);

  constructor(
    private readonly journal: QueryJournal,
    private readonly queries: QueriesService,
    private readonly sources: DataSourcesService,
    private readonly planner: QuestionPlanner,
    private readonly budget: QueryBudget,
    private readonly execution: QueryExecution,
    private readonly running: RunningQueries,
    private readonly availability: SourceAvailability,
    private readonly config: QueryConfig,
  ) {}

  /**
   * Puts a question or a statement to a source and waits for the end, as long as the patience lasts.
   *
   * @throws DomainError `not_found` for the source or the earlier query, `validation_failed` when both are given, or the earlier query is about another source; EngineError `sql_*` when the caller's own SQL is refused; DomainError `query_over_budget`, `overloaded`, `source_unavailable`
   */
  async ask(request: AskDto, caller: Principal, patience: Patience, occasion: Occasion = {}): Promise<Query> {
    const { question = null, sql = null, previous_query_id: previousId = null } = request;
    if (question !== null && sql !== null) {
      throw new DomainError('validation_failed', 'Give either a question or SQL, not both.', {
        errors: [{ field: 'sql', message: 'cannot be combined with question' }],
      });
    }
    this.running.admit(caller.userId);
    const opened = await this.sources.open(request.data_source_id, caller, 'use');
    const previousState = previousId === null ? null : await this.stateOf(previousId, opened.source.id, caller);
    const query = await this.journal.create({
      userId: caller.userId,
      dataSourceId: opened.source.id,
      previousQueryId: previousId,
      previousState,
      conversationId: occasion.conversationId ?? null,
      engine: dialectOf(opened.source.type),
      dryRun: request.dry_run ?? false,
      naturalLanguage: question,
      generatedSql: sql,
      origin: sql === null ? 'rule_based' : 'user_sql',
      maxRows: Math.min(request.max_rows ?? this.config.maxRows, this.config.maxRows),
      timeoutMs: Math.min(request.timeout_ms ?? this.config.timeoutMs, this.config.timeoutMs),
      caps: this.budget.capsOf(capsWished(request)),
    });
    return this.proceed(query, opened, caller, patience);
  }

  /**
   * Answers what a query asked back, and resumes it.
   *
   * @throws DomainError `clarification_not_open`, `overloaded`, `source_unavailable`, `validation_failed` when the option is none of those offered
   */
  async answer(id: number, { option = null, text }: AnswerDto, caller: Principal, patience: Patience): Promise<Query> {
    const query = await this.queries.get(id, caller);
    const { clarification } = query;
    if (query.status !== 'needs_clarification' || clarification === null) {
      throw new DomainError('clarification_not_open', 'This query is not waiting for an answer.');
    }
    const wanted = option ?? text ?? '';
    const chosen = clarification.options.find(
      ({ value, label }) => value === wanted || label.toLowerCase() === wanted.trim().toLowerCase(),
    );
    if (chosen === undefined && option !== null) {
      throw new DomainError('validation_failed', 'Choose one of the options of the clarification, by its value.', {
        errors: [{ field: 'option', message: 'is none of the options' }],
      });
    }
    this.running.admit(caller.userId);
    const opened = await this.sources.open(query.dataSourceId, caller, 'use');
    query.choices = chosen === undefined ? [] : [...query.choices, chosen.value];
    if (chosen === undefined) query.naturalLanguage = `${query.naturalLanguage ?? ''} ${wanted.trim()}`;
    if (!(await this.journal.reopen(query, chosen?.label ?? wanted))) {
      throw new DomainError('clarification_not_open', 'Somebody has answered this already.');
    }
    return this.proceed(query, opened, caller, patience);
  }

  /**
   * Asks the same again, as a new query of the caller's.
   *
   * @throws DomainError `not_found`, `overloaded`, `source_unavailable`
   */
  async rerun(id: number, caller: Principal, patience: Patience): Promise<Query> {
    return this.askAgain(await this.queries.get(id, caller, 'see'), caller, patience);
  }

  /**
   * Asks what a query has asked, in the name of somebody who need not be the one who asked it, and as they may ask it.
   *
   * @throws DomainError `not_found` for the source, `overloaded`, `source_unavailable`; EngineError `sql_*`
   */
  async askAgain(earlier: Query, caller: Principal, patience: Patience): Promise<Query> {
    const { dataSourceId, engine, dryRun, naturalLanguage, maxRows, timeoutMs, choices, caps } = earlier;
    const { previousQueryId, previousState } = earlier;
    const isSql = earlier.origin === 'user_sql';
    this.running.admit(caller.userId);
    const opened = await this.sources.open(dataSourceId, caller, 'use');
    const isOwn = earlier.userId === caller.userId;
    const query = await this.journal.create({
      userId: caller.userId,
      dataSourceId,
      engine,
      dryRun,
      naturalLanguage,
      origin: isSql ? 'user_sql' : 'rule_based',
      maxRows: Math.min(maxRows, this.config.maxRows),
      timeoutMs: Math.min(timeoutMs, this.config.timeoutMs),
      choices,
      // The earlier query of somebody else is not theirs to see; what the question goes on from is part of the question.
      previousQueryId: isOwn ? previousQueryId : null,
      previousState,
      conversationId: isOwn ? earlier.conversationId : null,
      rerunOfId: earlier.rerunOfId ?? earlier.id,
      isTrial: patience.isTrial ?? false,
      caps: this.budget.capsOf(caps),
      generatedSql: isSql ? earlier.generatedSql : null,
    });
    return this.proceed(query, opened, caller, patience);
  }

  /** What a question may go on from. */
  private async stateOf(id: number, dataSourceId: number, caller: Principal): Promise<ConversationState | null> {
    const previous = await this.queries.get(id, caller, 'see');
    if (previous.dataSourceId === dataSourceId && previous.naturalLanguage !== null) return previous.state;
    const message = 'must be a question about the same data source';
    throw new DomainError('validation_failed', 'A question can only go on from one about the same data source.', {
      errors: [{ field: 'previous_query_id', message }],
    });
  }

  /**
   * Plans the query and runs it, and comes back when it ends or patience does, which counts from where it can take long; a
   * caller who goes away while waiting takes it along.
   */
  private async proceed(query: Query, opened: OpenedSource, caller: Principal, patience: Patience): Promise<Query> {
    const { waitMs, disconnected } = patience;
    let begins: () => void = () => undefined;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      begins = () => {
        timer ??= setTimeout(() => resolve('late'), waitMs);
      };
    });
    const done = this.running.prepare(query.id, (signal) =>
      this.carryOut(query, opened, { fresh: patience.fresh, begins, signal }),
    );
    const cancel = (): void => void this.running.cancel(query.id);
    disconnected.addEventListener('abort', cancel, { once: true });
    if (disconnected.aborted) cancel();
    try {
      const ended = await Promise.race([done, late]);
      // How it ends then is recorded with the query, and what nobody foresaw is logged.
      if (ended === 'late') done.catch((error: unknown) => isForeseen(error) || this.logger.error(error));
    } finally {
      clearTimeout(timer);
      disconnected.removeEventListener('abort', cancel);
    }
    return this.queries.get(query.id, caller);
  }

  /** Plans the query, then runs it, or stops where it asks back or cannot be answered. However it goes, the query ends. */
  private async carryOut(query: Query, { source, catalog, tables }: OpenedSource, way: Way): Promise<void> {
    let receipt: Receipt | undefined;
    try {
      const plan = await this.planner.plan(query, catalog, tables, true, { source, ...way });
      receipt = receiptOf(plan, source);
      if (way.signal.aborted) throw new EngineError('query_cancelled', 'The run was cancelled.');
      if (plan.kind === 'run') {
        query.accessKey = accessKeyOf(plan.statement.tables, tables);
        query.resultKey = resultKeyOf(query, source, plan.statement, query.accessKey, tables);
        await this.budget.check(query, plan, receipt, { source, tables }, way.signal);
      }
      if (plan.kind === 'stop') await this.journal.end(query, 'executed', stopped(plan, receipt));
      else if (query.dryRun) await this.journal.end(query, 'executed', notRun(query, plan, receipt));
      else await this.run(query, plan, receipt, { source, tables }, way);
    } catch (error) {
      await this.execution.fail(query, error, { receipt });
      if (!(error instanceof EngineError && error.code === 'query_cancelled')) throw error;
    }
  }

  private run(
    query: Query,
    plan: RunPlan,
    receipt: Receipt,
    opened: Pick<OpenedSource, 'source' | 'tables'>,
    { fresh, begins }: Way,
  ): Promise<void> {
    this.availability.check(opened.source);
    const claim = { userId: query.userId, sourceId: query.dataSourceId };
    const asked = performance.now();
    begins();
    return this.running.start(query.id, claim, (context) => {
      receipt.timingsMs['queue'] = elapsed(asked);
      return this.execution.run(query, plan, receipt, opened, fresh, context);
    });
  }
}

/** How a query is carried out: whether an earlier result will do, who is told that it begins to take long, and what stops it. */
interface Way {
  fresh: boolean;
  begins: () => void;
  signal: AbortSignal;
}

function isForeseen(error: unknown): boolean {
  return error instanceof EngineError || error instanceof DomainError;
}

type Stopped = Extract<Plan, { kind: 'stop' }>;

function capsWished(request: AskDto): EstimateCaps {
  const { max_estimated_rows: rows, max_estimated_bytes: bytes, max_estimated_cost: cost } = request;
  return {
    ...(rows === undefined ? {} : { rows }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(cost === undefined ? {} : { cost }),
  };
}

function notRun({ origin }: Query, plan: RunPlan, receipt: Receipt): QueryEnd {
  return { status: 'succeeded', origin, generatedSql: plan.shownSql, receipt, confidence: confidenceOf(plan) };
}

function stopped({ outcome, proposedSql }: Stopped, receipt: Receipt): QueryEnd {
  if (outcome.kind === 'clarification') {
    const { question, options, confidence } = outcome;
    const clarification = { question, options };
    return { status: 'needs_clarification', receipt, confidence, clarification, generatedSql: proposedSql ?? null };
  }
  const { reason: errorMessage } = outcome;
  return { status: 'unanswerable', receipt, errorCode: 'unanswerable', errorMessage, generatedSql: null };
}
