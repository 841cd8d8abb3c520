import { Injectable } from '@nestjs/common';
import type { Catalog } from '../../engine/catalog/catalog.js';
import type { GuardedStatement } from '../../engine/sql/index.js';
import type { QuestionOutcome, SqlAnswer } from '../../engine/text-to-sql/index.js';
import { type OpenedTable, SqlGuards } from '../data-sources/index.js';
import type { Query } from './entities/query.entity.js';
import { QuestionReader } from './question-reader.js';

/** What is to be done about a query. */
export type Plan =
  | { kind: 'run'; shownSql: string; statement: GuardedStatement; answer: SqlAnswer | null; timingsMs: Timings }
  | { kind: 'stop'; outcome: Exclude<QuestionOutcome, SqlAnswer>; timingsMs: Timings };

export type Timings = Record<string, number>;

/** From a question, or from SQL that a person wrote, to a statement that may run. */
@Injectable()
export class QuestionPlanner {
  constructor(
    private readonly guards: SqlGuards,
    private readonly reader: QuestionReader,
  ) {}

  /** @throws EngineError `sql_*` when the statement is not a harmless read */
  async plan(query: Query, catalog: Catalog, tables: OpenedTable[]): Promise<Plan> {
    const timingsMs: Timings = {};
    const { naturalLanguage: question } = query;
    const outcome =
      question === null ? null : await timed(timingsMs, 'text_to_sql', () => this.understand(query, question, catalog));
    if (outcome !== null && outcome.kind !== 'answer') return { kind: 'stop', outcome, timingsMs };
    const shownSql = outcome?.sql ?? query.generatedSql ?? '';
    const statement = await timed(timingsMs, 'guard', () => this.guards.check(shownSql, query.engine, tables));
    return { kind: 'run', shownSql, statement, answer: outcome, timingsMs };
  }

  private understand(query: Query, question: string, catalog: Catalog): Promise<QuestionOutcome> {
    const { engine: dialect, choices, createdAt: now } = query;
    return this.reader.read({ question, catalog, dialect, choices, now });
  }
}

/** Runs a step and notes how long it took. */
export async function timed<T>(timingsMs: Timings, step: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  try {
    return await work();
  } finally {
    timingsMs[step] = elapsed(started);
  }
}

function elapsed(started: number): number {
  return Math.round((performance.now() - started) * 10) / 10;
}
