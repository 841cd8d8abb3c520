/** What goes into the text-to-SQL engine and what comes out of it. */
import type { Catalog, ColumnRef, Dialect } from '../catalog/catalog.js';

/** One question of a conversation, with the options that were chosen for it. */
export interface ConversationTurn {
  question: string;
  choices: string[];
}

/** What a follow-up goes on from: plain data, to be kept as JSON and handed in with the next question. */
export interface ConversationState {
  /** The questions that the last reading stands on, oldest first; a question that stands alone begins anew. */
  turns: ConversationTurn[];
  /** True where the last question was not answered, so that "those" stand for nothing. */
  unanswered: boolean;
  /** What was not understood, in English words; it may be said anew. */
  failed?: string;
}

/** A term of the business. With a formula over columns it is a metric: `SUM(price) / COUNT(*)`. */
export interface GlossaryTerm {
  term: string;
  formula: string | null;
}

/** A question that a person has confirmed the statement of. */
export interface VerifiedQuery {
  question: string;
  sql: string;
}

/** What people taught about one source. It holds at once, without training. */
export interface Knowledge {
  glossary?: readonly GlossaryTerm[];
  verified?: readonly VerifiedQuery[];
  /** `value`s of clarification options that were chosen for earlier questions, newest first. */
  choices?: readonly string[];
}

export interface QuestionInput {
  question: string;
  /** The state that came with the outcome of the question before, in a conversation. */
  previous?: ConversationState | null;
  catalog: Catalog;
  dialect: Dialect;
  knowledge?: Knowledge;
  /** The moment that "last month" counts from. */
  now: Date;
  /** The person's locale, as a BCP 47 tag: it decides where the words of a question belong to two languages. */
  locale?: string | null;
  /** `value`s of the clarification options that were chosen so far for this question, oldest first. */
  choices?: string[];
}

/** How one phrase of the question was read. */
export interface Interpretation {
  phrase: string;
  /** A short plain sentence: "the column `fare` of `trips`", "the 5 largest". */
  meaning: string;
  table?: string;
  column?: string;
}

export interface Check {
  name: string;
  ok: boolean;
  detail: string;
}

export interface SqlAnswer {
  kind: 'answer';
  /** One SELECT statement in the wanted dialect, without a trailing semicolon. */
  sql: string;
  /** The chosen reading in plain English. */
  paraphrase: string;
  interpretation: Interpretation[];
  tables: string[];
  columns: ColumnRef[];
  /** Each filter in plain words. */
  filters: string[];
  checks: Check[];
  /** The verified query that the statement was made from, by exchanging values. */
  verified?: VerifiedQuery;
  /** 0 to 1, from evidence: how well the words are covered and how far the second-best reading is. */
  confidence: number;
}

export interface Clarification {
  kind: 'clarification';
  question: string;
  /** `value` is handed back in `choices`; `label` is what a person reads. */
  options: { value: string; label: string }[];
  interpretation: Interpretation[];
  confidence: number;
}

export interface Unanswerable {
  kind: 'unanswerable';
  /** A plain sentence that says what is missing and what could be asked instead. */
  reason: string;
  interpretation: Interpretation[];
}

/** The language that a question was asked in. */
export interface AskedIn {
  /** ISO 639-1. */
  language: string;
  /** The question as it was read, in English; null for a question that is English. */
  rendering: string | null;
}

/** `state` is for the next question of the conversation. */
export type QuestionOutcome = (SqlAnswer | Clarification | Unanswerable) & AskedIn & { state: ConversationState };
