import { Injectable } from '@nestjs/common';
import type { Catalog } from '../../engine/catalog/catalog.js';
import type { GuardedStatement } from '../../engine/sql/index.js';
import { EngineError } from '../../engine/errors.js';
import type { Check, QuestionOutcome, SqlAnswer } from '../../engine/text-to-sql/index.js';
import { type OpenedTable, SqlGuards } from '../data-sources/index.js';
import type { Query } from './entities/query.entity.js';
import type { VerifiedQuery } from './entities/verified-query.entity.js';
import { QuestionReader } from './question-reader.js';
import { VerifiedQuestions } from './verified-questions.js';

/** What is to be done about a query. */
export type Plan = Planned &
  (
    | {
        kind: 'run';
        shownSql: string;
        statement: GuardedStatement;
        answer: SqlAnswer | null;
        /** The question has been answered by a person before: the statement is theirs. */
        verified: VerifiedQuery | null;
      }
    | { kind: 'stop'; outcome: Exclude<QuestionOutcome, SqlAnswer> }
  );

interface Planned {
  /** What was found out on the way. */
  notes: Check[];
  timingsMs: Timings;
}

export type Timings = Record<string, number>;

/** From a question, or from SQL that a person wrote, to a statement that may run. */
@Injectable()
export class QuestionPlanner {
  constructor(
    private readonly guards: SqlGuards,
    private readonly verified: VerifiedQuestions,
    private readonly reader: QuestionReader,
  ) {}

  /** @throws EngineError `sql_*` when the statement is not a harmless read */
  async plan(query: Query, catalog: Catalog, tables: OpenedTable[]): Promise<Plan> {
    const planned: Planned = { notes: [], timingsMs: {} };
    const { timingsMs } = planned;
    const known = await this.asVerified(query, tables, planned);
    if (known !== null) return known;
    const { naturalLanguage: question } = query;
    const outcome =
      question === null ? null : await timed(timingsMs, 'text_to_sql', () => this.understand(query, question, catalog));
    if (outcome !== null && outcome.kind !== 'answer') return { kind: 'stop', outcome, ...planned };
    const shownSql = outcome?.sql ?? query.generatedSql ?? '';
    const statement = await timed(timingsMs, 'guard', () => this.guards.check(shownSql, query.engine, tables));
    return { kind: 'run', shownSql, statement, answer: outcome, verified: null, ...planned };
  }

  /** The plan of a question that has a verified query, under the caller's rules; without one that still fits, null. */
  private async asVerified(query: Query, tables: OpenedTable[], planned: Planned): Promise<Plan | null> {
    const { naturalLanguage, choices, dataSourceId } = query;
    if (naturalLanguage === null || choices.length > 0) return null;
    const verified = await this.verified.find(dataSourceId, naturalLanguage);
    if (verified === null) return null;
    const { sql } = verified;
    try {
      const statement = await timed(planned.timingsMs, 'guard', () => this.guards.check(sql, query.engine, tables));
      query.origin = 'verified';
      return { kind: 'run', shownSql: sql, statement, answer: null, verified, ...planned };
    } catch (error) {
      if (!(error instanceof EngineError && error.code.startsWith('sql_'))) throw error;
      planned.notes.push(DOES_NOT_FIT);
      return null;
    }
  }

  private understand(query: Query, question: string, catalog: Catalog): Promise<QuestionOutcome> {
    const { engine: dialect, choices, createdAt: now } = query;
    return this.reader.read({ question, catalog, dialect, choices, now });
  }
}

const DOES_NOT_FIT: Check = {
  name: 'verified_query',
  ok: false,
  detail:
    'There is a verified query for this question, but it does not fit what you may read of this source, so it was not used.',
};

/** Runs a step and notes how long it took. */
export async function timed<T>(timingsMs: Timings, step: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  try {
    return await work();
  } finally {
    timingsMs[step] = elapsed(started);
  }
}

/** Milliseconds since then, to a tenth. */
export function elapsed(started: number): number {
  return Math.round((performance.now() - started) * 10) / 10;
}
