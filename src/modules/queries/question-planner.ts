import { Injectable } from '@nestjs/common';
import type { Catalog } from '../../engine/catalog/catalog.js';
import type { GuardedStatement } from '../../engine/sql/index.js';
import { EngineError } from '../../engine/errors.js';
import type { Check, ConversationState, QuestionOutcome, SqlAnswer } from '../../engine/text-to-sql/index.js';
import type { ModelUse } from '../../platform/llm/index.js';
import { type OpenedTable, SqlGuards } from '../data-sources/index.js';
import { type SourceKnowledge, type TaughtAnswer, TaughtAnswers } from './knowledge/taught-answers.js';
import { type Considering, MODEL_READING, type ModelOccasion, ModelStep } from './model/model-step.js';
import type { Planning } from './planning.js';
import { QuestionReader } from './question-reader.js';

/** What is to be done about a query. */
export type Plan = Planned &
  (
    | {
        kind: 'run';
        shownSql: string;
        statement: GuardedStatement;
        answer: SqlAnswer | null;
        /** What a person has taught, where the statement comes from it. */
        taught: TaughtAnswer | null;
      }
    | {
        kind: 'stop';
        outcome: Exclude<QuestionOutcome, SqlAnswer>;
        /** What a model has proposed, where a person is asked whether it is what they mean. */
        proposedSql?: string;
      }
  );

interface Planned {
  /** What was found out on the way. */
  notes: Check[];
  /** Terms of the glossary that the question was read by. */
  glossaryTerms: string[];
  /** The language of the question, and how it was read in English where it is in another one; null for SQL. */
  language: string | null;
  rendering: string | null;
  /** What a model was used for; null when none was. */
  model: ModelUse | null;
  timingsMs: Timings;
}

export type Timings = Record<string, number>;

/** From a question, or from SQL that a person wrote, to a statement that may run. */
@Injectable()
export class QuestionPlanner {
  constructor(
    private readonly guards: SqlGuards,
    private readonly taught: TaughtAnswers,
    private readonly reader: QuestionReader,
    private readonly modelStep: ModelStep,
  ) {}

  /**
   * @param learned whether verified queries, corrections and earlier choices count, as they do for everybody who asks
   * @param occasion to ask a model, where one is configured and the engine is not sure; without it, none is asked
   * @throws EngineError `sql_*` when the statement is not a harmless read; with a model, whatever asking the source leads to
   */
  async plan(
    query: Planning,
    catalog: Catalog,
    tables: OpenedTable[],
    learned = true,
    occasion?: ModelOccasion,
  ): Promise<Plan> {
    const planned: Planned = {
      notes: [],
      glossaryTerms: [],
      language: null,
      rendering: null,
      model: null,
      timingsMs: {},
    };
    const { naturalLanguage: question } = query;
    if (question === null) {
      const statement = await this.guard(query, query.generatedSql ?? '', tables, planned);
      return { kind: 'run', shownSql: query.generatedSql ?? '', statement, answer: null, taught: null, ...planned };
    }
    if (query.choices.at(-1) === MODEL_READING && query.generatedSql !== null) {
      return this.asConfirmed(query, question, query.generatedSql, tables, planned);
    }
    const known = learned ? await this.asTaught(query, question, tables, planned) : null;
    if (known !== null) return known;
    const knowledge = await (learned ? this.taught.of(query) : this.taught.glossary(query));
    const outcome = await this.understand(query, question, catalog, knowledge, planned);
    const considering = { query, question, catalog, tables, knowledge, outcome };
    const byModel = occasion === undefined ? null : await this.askModel(considering, occasion, planned);
    if (byModel !== null) return byModel;
    if (outcome.kind !== 'answer') return { kind: 'stop', outcome, ...planned };
    return this.asUnderstood({ query, question, catalog, tables, knowledge, outcome, planned });
  }

  /** What the model makes of a question that the engine is not sure about; null where the engine's own outcome stands. */
  private async askModel(considering: Considering, occasion: ModelOccasion, planned: Planned): Promise<Plan | null> {
    const { query, question, outcome } = considering;
    if (!this.modelStep.isWantedFor(outcome)) return null;
    const { decision, notes, use } = await timed(planned.timingsMs, 'model', () =>
      this.modelStep.consider(considering, occasion),
    );
    planned.model = use;
    planned.notes.push(...notes);
    if (decision.kind === 'keep') return null;
    if (decision.kind === 'ask') {
      const { clarification, sql: proposedSql } = decision;
      const { language, rendering, state } = outcome;
      const asked = { ...clarification, language, rendering, state };
      return { kind: 'stop', outcome: asked, proposedSql, ...planned };
    }
    const { answer, statement } = decision;
    query.origin = 'model';
    query.state = afterModel(query, question);
    return { kind: 'run', shownSql: answer.sql, statement, answer, taught: null, ...planned };
  }

  /** The plan of what a model proposed and the asker has found right. */
  private async asConfirmed(
    query: Planning,
    question: string,
    sql: string,
    tables: OpenedTable[],
    planned: Planned,
  ): Promise<Plan> {
    const statement = await this.guard(query, sql, tables, planned);
    query.origin = 'model';
    query.state = afterModel(query, question);
    const { tables: read, columns } = statement;
    const answer = { ...CONFIRMED, sql, tables: read, columns };
    return { kind: 'run', shownSql: sql, statement, answer, taught: null, ...planned };
  }

  /** The plan of a question that a person has given the SQL for, under the caller's rules; without one that still fits, null. */
  private async asTaught(
    query: Planning,
    question: string,
    tables: OpenedTable[],
    planned: Planned,
  ): Promise<Plan | null> {
    if (query.choices.length > 0) return null;
    const taught = await this.taught.find(query, question);
    if (taught === null) return null;
    const statement = await this.guardTaught(query, taught.sql, tables, planned);
    if (statement === null) return null;
    query.origin = 'verified';
    query.state = { turns: [{ question, choices: [] }], unanswered: false };
    noteCorrection(taught, planned);
    return { kind: 'run', shownSql: taught.sql, statement, answer: null, taught, ...planned };
  }

  /** The plan of an answer. One that was made of what somebody taught may not fit what the caller may read: it is read anew then. */
  private async asUnderstood(understood: Understood): Promise<Plan> {
    const { query, question, catalog, tables, knowledge, outcome, planned } = understood;
    const taught =
      knowledge.taught.find((one) => one.sql === outcome.verified?.sql && one.question === outcome.verified.question) ??
      null;
    if (taught === null) {
      const statement = await this.guard(query, outcome.sql, tables, planned);
      return { kind: 'run', shownSql: outcome.sql, statement, answer: outcome, taught, ...planned };
    }
    const statement = await this.guardTaught(query, outcome.sql, tables, planned);
    if (statement !== null) {
      query.origin = 'verified';
      noteCorrection(taught, planned);
      return { kind: 'run', shownSql: outcome.sql, statement, answer: outcome, taught, ...planned };
    }
    const rest = { ...knowledge, taught: [] };
    const again = await this.understand(query, question, catalog, rest, planned);
    if (again.kind !== 'answer') return { kind: 'stop', outcome: again, ...planned };
    return this.asUnderstood({ ...understood, knowledge: rest, outcome: again });
  }

  private guard(query: Planning, sql: string, tables: OpenedTable[], planned: Planned): Promise<GuardedStatement> {
    return timed(planned.timingsMs, 'guard', () => this.guards.check(sql, query.engine, tables));
  }

  /** Null, and a note, when the statement does not fit what the caller may read. */
  private async guardTaught(
    query: Planning,
    sql: string,
    tables: OpenedTable[],
    planned: Planned,
  ): Promise<GuardedStatement | null> {
    try {
      return await this.guard(query, sql, tables, planned);
    } catch (error) {
      if (!(error instanceof EngineError && error.code.startsWith('sql_'))) throw error;
      planned.notes.push(DOES_NOT_FIT);
      return null;
    }
  }

  private async understand(
    query: Planning,
    question: string,
    catalog: Catalog,
    { glossary, taught, choices: chosenBefore, locale }: SourceKnowledge,
    planned: Planned,
  ): Promise<QuestionOutcome> {
    const { engine: dialect, createdAt: now, previousState: previous } = query;
    const choices = query.choices.filter((choice) => choice !== MODEL_READING);
    const verified = taught.map(({ question: asked, sql }) => ({ question: asked, sql }));
    const knowledge = { glossary, verified, choices: chosenBefore };
    const outcome = await timed(planned.timingsMs, 'text_to_sql', () =>
      this.reader.read({ question, catalog, dialect, choices, now, previous, knowledge, locale }),
    );
    query.state = outcome.state;
    planned.language = outcome.language;
    planned.rendering = outcome.rendering;
    if (previous !== null && outcome.kind !== 'unanswerable') planned.notes.push(followUp(outcome.state));
    planned.glossaryTerms = termsIn(outcome, glossary);
    return outcome;
  }
}

interface Understood {
  query: Planning;
  question: string;
  catalog: Catalog;
  tables: OpenedTable[];
  knowledge: SourceKnowledge;
  outcome: SqlAnswer;
  planned: Planned;
}

function noteCorrection({ correctedQueryId }: TaughtAnswer, { notes }: Planned): void {
  if (correctedQueryId === null) return;
  notes.push({ name: 'correction', ok: true, detail: `Your correction of query ${correctedQueryId} was used.` });
}

function followUp({ turns }: ConversationState): Check {
  const before = turns.slice(0, -1).map(({ question }) => `“${question}”`);
  const detail =
    before.length === 0
      ? 'Read as a question of its own: nothing of the one before counts.'
      : `Read as going on from ${before.join(', then ')}.`;
  return { name: 'follow_up', ok: true, detail };
}

function termsIn({ interpretation }: QuestionOutcome, glossary: SourceKnowledge['glossary']): string[] {
  const metrics = interpretation.filter(({ meaning }) => meaning.includes('glossary'));
  const phrases = new Set(metrics.map(({ phrase }) => phrase.toLowerCase()));
  return glossary.filter(({ term }) => phrases.has(term.toLowerCase())).map(({ term }) => term);
}

/** What may be gone on from: the engine reads these words again, as far as it can, and a model is told of them. */
function afterModel({ previousState }: Planning, question: string): ConversationState {
  const turns = [...(previousState?.turns ?? []), { question, choices: [] }].slice(-MOST_TURNS);
  return { turns, unanswered: false };
}

const MOST_TURNS = 12;

const CONFIRMED = {
  kind: 'answer',
  paraphrase: 'What a model proposed and you have found right.',
  interpretation: [],
  filters: [],
  checks: [
    { name: 'model', ok: true, detail: 'A model wrote the statement, and you have said that it is what you mean.' },
  ],
  confidence: 0.9,
} satisfies Partial<SqlAnswer>;

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
