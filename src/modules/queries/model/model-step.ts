import { Injectable } from '@nestjs/common';
import type { Catalog } from '../../../engine/catalog/catalog.js';
import type { GuardedStatement } from '../../../engine/sql/index.js';
import { EngineError } from '../../../engine/errors.js';
import type { Check, Clarification, QuestionOutcome, SqlAnswer } from '../../../engine/text-to-sql/index.js';
import type { ModelUse } from '../../../platform/llm/index.js';
import { type OpenedTable, SqlGuards } from '../../data-sources/index.js';
import type { SourceKnowledge } from '../knowledge/taught-answers.js';
import type { Planning } from '../planning.js';
import { QuestionReader } from '../question-reader.js';
import type { Opened } from '../statement-runs.js';
import type { CandidateReading } from './model-context.js';
import { agreementWith, LEAST_TRUST, weigh } from './model-evidence.js';
import { ModelProposals, type Proposal } from './model-proposals.js';

/** Above it, an answer of the deterministic engine is kept without a call. */
const SURE = 0.75;
const MOST_CANDIDATES = 6;
/** What the value of the option is called that stands for the reading of a model; its SQL is kept with the query. */
export const MODEL_READING = 'model_reading';

/** When a model may be asked: the source, and what stops it. */
export interface ModelOccasion {
  source: Opened['source'];
  signal: AbortSignal;
  /** Called when it begins, because it takes its time. */
  begins: () => void;
}

export interface Considering {
  query: Planning;
  question: string;
  catalog: Catalog;
  tables: OpenedTable[];
  knowledge: SourceKnowledge;
  outcome: QuestionOutcome;
}

/** What has become of a question that the model was asked about. */
export interface Considered {
  notes: Check[];
  use: ModelUse | null;
  decision:
    | { kind: 'keep' }
    | { kind: 'answer'; answer: SqlAnswer; statement: GuardedStatement }
    | { kind: 'ask'; clarification: Clarification; sql: string };
}

/** Asks the model where the deterministic engine is not sure, and judges what it proposes by evidence. */
@Injectable()
export class ModelStep {
  constructor(
    private readonly proposals: ModelProposals,
    private readonly reader: QuestionReader,
    private readonly guards: SqlGuards,
  ) {}

  /** Whether there is a model, and something for it to do. */
  isWantedFor(outcome: QuestionOutcome): boolean {
    if (this.proposals.modelName === null) return false;
    return outcome.kind !== 'answer' || (outcome.confidence < SURE && outcome.verified === undefined);
  }

  /** @throws EngineError, DomainError when the source cannot be asked, or nobody waits any more */
  async consider(considering: Considering, { source, signal, begins }: ModelOccasion): Promise<Considered> {
    begins();
    const { query, question, catalog, tables, knowledge, outcome } = considering;
    const candidates = await this.candidatesOf(considering);
    const subject = {
      question,
      catalog,
      dialect: query.engine,
      now: query.createdAt,
      previous: query.previousState,
      outcome,
      candidates: candidates.map(({ reading }) => reading),
      knowledge,
    };
    const { proposal, use } = await this.proposals.propose(query, subject, { source, tables }, signal);
    if (proposal.kind === 'none') {
      return { notes: [{ name: 'model', ok: false, detail: proposal.reason }], use, decision: { kind: 'keep' } };
    }
    const read = candidates.map(({ statement }) => statement);
    const { confidence, checks } = weigh({ ...proposal, question }, catalog, outcome.interpretation, read);
    const judged = this.judge(proposal, confidence, outcome, read);
    const note = {
      name: 'model',
      ok: judged.kind !== 'keep' || outcome.kind === 'answer',
      detail: NOTES[judged.kind](outcome),
    };
    if (judged.kind === 'keep') return { notes: [note], use, decision: { kind: 'keep' } };
    if (judged.kind === 'ask') return { notes: [note, ...checks], use, decision: judged };
    const { statement, sql, reading } = proposal;
    const answer: SqlAnswer = {
      kind: 'answer',
      sql,
      paraphrase: reading,
      interpretation: outcome.interpretation,
      tables: statement.tables,
      columns: statement.columns,
      filters: [],
      checks: [note, ...checks],
      confidence,
    };
    return { notes: [], use, decision: { kind: 'answer', answer, statement } };
  }

  private judge(
    proposal: Proposal,
    confidence: number,
    outcome: QuestionOutcome,
    candidates: readonly GuardedStatement[],
  ): { kind: 'keep' } | { kind: 'answer' } | { kind: 'ask'; clarification: Clarification; sql: string } {
    if (outcome.kind === 'answer') {
      const isTheSame = agreementWith(proposal.statement, candidates) === 1;
      return isTheSame || confidence <= outcome.confidence ? { kind: 'keep' } : { kind: 'answer' };
    }
    if (confidence >= LEAST_TRUST) return { kind: 'answer' };
    if (outcome.kind === 'clarification') return { kind: 'keep' };
    const { sql, reading } = proposal;
    const option = { value: MODEL_READING, label: reading === '' ? sql.slice(0, 200) : reading };
    const clarification: Clarification = {
      kind: 'clarification',
      question: 'The words of the question do not say it clearly. Is this what you mean?',
      options: [option],
      interpretation: outcome.interpretation,
      confidence,
    };
    return { kind: 'ask', clarification, sql };
  }

  /** The readings that the engine has thought of, those that its options stand for included. */
  private async candidatesOf(
    considering: Considering,
  ): Promise<{ reading: CandidateReading; statement: GuardedStatement }[]> {
    const { outcome, query, tables } = considering;
    const found: CandidateReading[] = [];
    if (outcome.kind === 'answer') found.push({ meaning: outcome.paraphrase, sql: outcome.sql });
    if (outcome.kind === 'clarification') {
      for (const { value, label } of outcome.options.slice(0, MOST_CANDIDATES)) {
        const read = await this.readWith(value, considering);
        if (read.kind === 'answer') found.push({ meaning: `${label}: ${read.paraphrase}`, sql: read.sql });
      }
    }
    const candidates = [];
    for (const reading of found) {
      try {
        candidates.push({ reading, statement: await this.guards.check(reading.sql, query.engine, tables) });
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
      }
    }
    return candidates;
  }

  private readWith(choice: string, { query, question, catalog, knowledge }: Considering): Promise<QuestionOutcome> {
    const { engine: dialect, choices, createdAt: now, previousState: previous } = query;
    const { glossary, choices: earlier } = knowledge;
    const known = { glossary, choices: earlier };
    return this.reader.read({
      question,
      catalog,
      dialect,
      choices: [...choices, choice],
      now,
      previous,
      knowledge: known,
    });
  }
}

const NOTES: Record<'keep' | 'answer' | 'ask', (outcome: QuestionOutcome) => string> = {
  answer: ({ kind }) =>
    kind === 'answer'
      ? 'A model wrote the statement: more speaks for it than for the reading of the deterministic engine.'
      : 'A model wrote the statement: the deterministic engine had no answer that it was sure of.',
  ask: () => 'A model proposed a reading, but too little in the question speaks for it.',
  keep: ({ kind }) =>
    kind === 'answer'
      ? 'A model was asked too; nothing speaks for another reading.'
      : 'A model proposed a statement, but too little in the question speaks for it.',
};
