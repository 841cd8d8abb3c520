import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Catalog } from '../../engine/catalog/catalog.js';
import { createDuckDbGuard, type DuckDbGuard, type GuardedStatement } from '../../engine/sql/index.js';
import { answerQuestion, type QuestionOutcome, type SqlAnswer } from '../../engine/text-to-sql/index.js';
import type { Query } from './entities/query.entity.js';

/** What is to be done about a query. */
export type Plan =
  | { kind: 'run'; shownSql: string; statement: GuardedStatement; answer: SqlAnswer | null; timingsMs: Timings }
  | { kind: 'stop'; outcome: Exclude<QuestionOutcome, SqlAnswer>; timingsMs: Timings };

export type Timings = Record<string, number>;

/** From a question, or from SQL that a person wrote, to a statement that may run. */
@Injectable()
export class QuestionPlanner implements OnApplicationShutdown {
  private opened: Promise<DuckDbGuard> | undefined;

  /** @throws EngineError `sql_*` when the statement is not a harmless read */
  async plan(query: Query, catalog: Catalog): Promise<Plan> {
    const timingsMs: Timings = {};
    const outcome =
      query.naturalLanguage === null ? null : this.understand(query, query.naturalLanguage, catalog, timingsMs);
    if (outcome !== null && outcome.kind !== 'answer') return { kind: 'stop', outcome, timingsMs };
    const shownSql = outcome?.sql ?? query.generatedSql ?? '';
    const guard = await this.guard();
    const statement = await timed(timingsMs, 'guard', () => guard.check(shownSql, scopeOf(catalog)));
    return { kind: 'run', shownSql, statement, answer: outcome, timingsMs };
  }

  async onApplicationShutdown(): Promise<void> {
    (await this.opened)?.close();
  }

  private understand(query: Query, question: string, catalog: Catalog, timingsMs: Timings): QuestionOutcome {
    const started = performance.now();
    const outcome = answerQuestion({
      question,
      catalog,
      dialect: query.engine,
      choices: query.choices,
      now: query.createdAt,
    });
    timingsMs['text_to_sql'] = elapsed(started);
    return outcome;
  }

  private guard(): Promise<DuckDbGuard> {
    this.opened ??= createDuckDbGuard();
    return this.opened;
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

function scopeOf(catalog: Catalog): { tables: { name: string; columns: string[] }[] } {
  return {
    tables: catalog.tables.map(({ name, columns }) => ({ name, columns: columns.map((column) => column.name) })),
  };
}
