import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { EngineError } from '../../../engine/errors.js';
import type { GuardedStatement } from '../../../engine/sql/index.js';
import {
  ABOUT_DATA_BLOCKS,
  dataBlock,
  LanguageModel,
  ModelError,
  type ModelUse,
  sumOfUses,
} from '../../../platform/llm/index.js';
import { type OpenedTable, SqlGuards } from '../../data-sources/index.js';
import type { Planning } from '../planning.js';
import type { Opened } from '../statement-runs.js';
import { DryRun } from './dry-run.js';
import { contextOf, type ModelSubject } from './model-context.js';

const MOST_REPAIRS = 2;
const MOST_OUTPUT_TOKENS = 2000;
const LONGEST_SQL = 20_000;
const LONGEST_READING = 300;

/** SQL that a model wrote, and that may run. */
export interface Proposal {
  kind: 'proposal';
  sql: string;
  /** What the model says that it means. */
  reading: string;
  statement: GuardedStatement;
}

/** Why there is none, in a sentence for the receipt. */
interface NoProposal {
  kind: 'none';
  reason: string;
}

type Outcome = { proposal: Proposal | NoProposal; use: ModelUse | null };

const ANSWER = z.object({
  sql: z.string().max(LONGEST_SQL).nullable(),
  reading: z.string(),
});

/** Has the model propose SQL, and holds what it writes to the same guard as everybody's. */
@Injectable()
export class ModelProposals {
  constructor(
    @Inject(LanguageModel) private readonly model: LanguageModel | null,
    private readonly guards: SqlGuards,
    private readonly dryRun: DryRun,
  ) {}

  /** The name of the model; null when there is none. */
  get modelName(): string | null {
    return this.model?.name ?? null;
  }

  /**
   * A statement for the question that is proven to read only and that the source can run. What is refused goes back to the
   * model with the reason, twice at the most.
   *
   * @throws EngineError, DomainError when the source cannot be asked; EngineError `query_cancelled`
   */
  async propose(
    query: Planning,
    subject: ModelSubject,
    opened: Opened & { tables: OpenedTable[] },
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { model } = this;
    if (model === null) return { proposal: { kind: 'none', reason: 'There is no model.' }, use: null };
    const { told, hidden } = contextOf(subject);
    const uses: ModelUse[] = [];
    const uncertain = (reason: string): Outcome => ({ proposal: { kind: 'none', reason }, use: sumOfUses(uses) });
    let refused: { sql: string; because: string } | null = null;
    for (let repairs = 0; repairs <= MOST_REPAIRS; repairs += 1) {
      let answer: z.infer<typeof ANSWER>;
      try {
        const { value, use } = await model.propose({ ...requestFor(told, refused), signal }, ANSWER);
        uses.push(use);
        answer = value;
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        if (error.code === 'cancelled') throw cancelled();
        if (error.use !== null) uses.push(error.use);
        return uncertain(`${error.message} The question was read without it.`);
      }
      if (answer.sql === null || answer.sql.trim() === '') {
        return uncertain('The model found no statement that answers the question.');
      }
      const sql = plainSql(hidden.restoreInSql(answer.sql, HAS_ESCAPES.has(query.engine)));
      const checked = await this.check(query, sql, opened, signal);
      if (!('because' in checked)) {
        const reading = hidden.restore(answer.reading).replaceAll(/\s+/g, ' ').trim().slice(0, LONGEST_READING);
        return { proposal: { kind: 'proposal', sql, reading, statement: checked }, use: sumOfUses(uses) };
      }
      refused = { sql: answer.sql, because: hidden.hide(checked.because) };
    }
    return uncertain('The model proposed statements, but none of them could be run.');
  }

  private async check(
    query: Planning,
    sql: string,
    opened: Opened & { tables: OpenedTable[] },
    signal: AbortSignal,
  ): Promise<GuardedStatement | { because: string }> {
    try {
      const statement = await this.guards.check(sql, query.engine, opened.tables);
      await this.dryRun.try(query, sql, statement, opened, signal);
      return statement;
    } catch (error) {
      const isItsFault =
        error instanceof EngineError && (error.code.startsWith('sql_') || IN_THE_STATEMENT.has(error.code));
      if (!isItsFault) throw error;
      return { because: error.message };
    }
  }
}

/** Dialects whose literals have escapes with backslashes. */
const HAS_ESCAPES: ReadonlySet<string> = new Set(['mysql', 'clickhouse']);
const IN_THE_STATEMENT: ReadonlySet<string> = new Set(['query_failed', 'query_timeout']);

function requestFor(told: Record<string, unknown>, refused: { sql: string; because: string } | null) {
  const correction =
    refused === null
      ? ''
      : `\n\n${dataBlock('Your statement before was refused, for this reason. Write one that is right', refused)}`;
  return {
    purpose: 'sql',
    instructions: INSTRUCTIONS,
    prompt: `${dataBlock('What is asked, and what is known of the data', told)}${correction}`,
    maxOutputTokens: MOST_OUTPUT_TOKENS,
  };
}

const INSTRUCTIONS = `You turn a question into one SELECT statement for a database that you know only by its description.

- Write the dialect that is named. Use only tables and columns that are listed, spelled as they are.
- One statement that only reads. No comments, no semicolon.
- "readings" are statements that a deterministic engine thought of, and "words_found" is what it found in the question. Take them
  up where they fit. "verified_queries" were found right by people. A glossary term means its formula.
- Do not join in a way that counts rows several times. Name result columns so that people understand them.
- [[value_1]] and the like stand for values that you are not told. Write them inside of string literals, as they are.
- Where the data cannot answer the question, "sql" is null. Do not guess.
- "reading" says in one plain sentence what the statement gives.

${ABOUT_DATA_BLOCKS}`;

/** Without what models like to put around SQL. */
function plainSql(sql: string): string {
  return sql
    .trim()
    .replace(/^```(?:sql)?\s*/i, '')
    .replace(/\s*```$/, '')
    .replace(/;\s*$/, '');
}

function cancelled(): EngineError {
  return new EngineError('query_cancelled', 'The run was cancelled.');
}
