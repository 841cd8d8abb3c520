/** From a question to an answer, a question back, or an abstention. */
import { DEFAULT_CALENDAR } from '../catalog/calendar.js';
import type { Catalog } from '../catalog/catalog.js';
import type {
  AskedIn,
  Check,
  Clarification,
  ConversationState,
  ConversationTurn,
  GlossaryTerm,
  QuestionInput,
  QuestionOutcome,
  SqlAnswer,
  Unanswerable,
} from './contract.js';
import { needsMore, type Reading, readingsOf } from './conversation/follow-up.js';
import type { Asked } from './conversation/asked.js';
import { questionsMeant } from './conversation/transcript.js';
import type { Evidence } from './evidence/evidence.js';
import { type ColumnEntry, SchemaIndex, type TableEntry } from './evidence/schema-index.js';
import { knownWords, translatedName } from './evidence/translated-names.js';
import { ValueIndex } from './evidence/value-index.js';
import { bookOf, codeOf } from './language/detection.js';
import type { PhraseBook } from './language/phrase-book.js';
import { asItStands, type KnownWords, render, type Rendering } from './language/rendering.js';
import { ENGLISH } from './lexicon/english/index.js';
import { answerByVerified } from './knowledge/verified-queries.js';
import { recalled } from './outcome/recalled.js';
import { clarify, readChoice } from './outcome/clarification.js';
import { filtersInWords } from './outcome/conditions-in-words.js';
import { assess, interpret } from './outcome/evidence-report.js';
import { lostPhrases } from './outcome/lost-phrases.js';
import { inOwnWords } from './outcome/own-words.js';
import { paraphrase } from './outcome/paraphrase.js';
import { failureReason, missingReason, NO_TABLES, NOTHING_BEFORE, unclearReason } from './outcome/reasons.js';
import { columnsRead, tablesRead } from './outcome/reads.js';
import { refusal } from './outcome/refusal.js';
import type { Query } from './planning/algebra.js';
import { JoinGraph } from './planning/join-graph.js';
import { PlanningFailure } from './planning/plan-context.js';
import { type Plan, Planner } from './planning/planner.js';
import { Resolver } from './planning/resolver.js';
import { Printer } from './printing/printer.js';
import { readSortingVerb } from './reading/imperatives.js';
import { Segmenter } from './reading/segments.js';

interface Prepared extends Evidence {
  catalog: Catalog;
  glossary: readonly GlossaryTerm[];
  graph: JoinGraph;
  /** By the language of a question: what of its words the data knows. */
  known: Map<PhraseBook, KnownWords>;
}

type Outcome = SqlAnswer | Clarification | Unanswerable;

/** An outcome, and what the next question may go on from. */
interface Understood {
  outcome: Outcome;
  asked: Asked | null;
  continues: boolean;
}

/** Below it there is no answer. */
const LEAST_CONFIDENCE = 0.62;
/** What two equally likely readings leave of the confidence. */
const UNDECIDED = 0.6;
/** Questions that a follow-up may stand on; what was asked before them is forgotten. */
const MOST_TURNS = 12;

/** Keeps what was prepared for a catalogue, by language, so that the second question costs little. */
const PREPARED = new WeakMap<Catalog, { glossary: string; byLanguage: Map<string, Prepared> }>();

function prepare(catalog: Catalog, glossary: readonly GlossaryTerm[], book: PhraseBook | null): Prepared {
  const key = JSON.stringify(glossary);
  let kept = PREPARED.get(catalog);
  if (kept?.glossary !== key) kept = { glossary: key, byLanguage: new Map<string, Prepared>() };
  PREPARED.set(catalog, kept);
  const ready = kept.byLanguage.get(codeOf(book));
  if (ready) return ready;
  const lexicon = ENGLISH;
  const translate = book === null ? undefined : (name: string) => translatedName(name, book, lexicon);
  const schema = new SchemaIndex(catalog, lexicon, glossary, translate);
  const values = new ValueIndex(schema, lexicon);
  const graph = new JoinGraph(catalog, schema);
  const calendar = catalog.calendar ?? DEFAULT_CALENDAR;
  const known = new Map<PhraseBook, KnownWords>();
  const prepared = { catalog, glossary, lexicon, calendar, schema, values, graph, known };
  kept.byLanguage.set(codeOf(book), prepared);
  return prepared;
}

/** The question in the words that are read. Questions before it may have been asked in another language. */
function rendered(question: string, locale: string | null, prepared: Prepared): Rendering {
  const { known } = prepared;
  const book = bookOf(question, locale);
  if (book === null) return asItStands(question);
  const words = known.get(book) ?? knownWords(prepared, book, prepared.glossary);
  known.set(book, words);
  return render(question, book, words);
}

/**
 * Turns a question in plain words, in English or another language that it knows, into one SELECT statement, asks back when two readings are about equally likely, or
 * says what is missing. Deterministic; the same input gives the same outcome. Never throws on any question.
 *
 * With `previous`, the question may go on from those before it ("and by month?", "only those in France"): what they
 * asked is edited. The method is described in `docs/text-to-sql.md`.
 */
export function answerQuestion(input: QuestionInput): QuestionOutcome {
  const turn: ConversationTurn = { question: input.question, choices: input.choices ?? [] };
  const previous = input.previous ?? { turns: [], unanswered: false };
  const refused = refusal(input.question);
  const english: AskedIn = { language: codeOf(null), rendering: null };
  if (refused !== null) return { ...unanswerable(refused), ...english, state: previous };
  const book = bookOf(input.question, input.locale ?? null);
  const prepared = prepare(input.catalog, input.knowledge?.glossary ?? [], book);
  if (prepared.schema.tables.length === 0) return { ...unanswerable(NO_TABLES), ...english, state: previous };
  const rendering = book === null ? null : rendered(input.question, input.locale ?? null, prepared).text;
  const asked: AskedIn = { language: codeOf(book), rendering };
  const refusedAsRead = rendering === null ? null : refusal(rendering);
  if (refusedAsRead !== null) return { ...unanswerable(refusedAsRead), ...asked, state: previous };
  const engine = new Understanding(prepared, input);
  const turns = previous.turns.slice(-MOST_TURNS);
  const { outcome, continues } = engine.understand(turn, engine.replay(turns), previous.unanswered);
  return { ...outcome, ...asked, state: stateAfter(previous, turns, turn, outcome, continues) };
}

function stateAfter(
  previous: ConversationState,
  turns: ConversationTurn[],
  turn: ConversationTurn,
  outcome: Outcome,
  continues: boolean,
): ConversationState {
  if (outcome.kind === 'unanswerable') return { turns: previous.turns, unanswered: true };
  return { turns: continues ? [...turns, turn] : [turn], unanswered: outcome.kind === 'clarification' };
}

class Understanding {
  constructor(
    private readonly prepared: Prepared,
    private readonly input: Pick<QuestionInput, 'now' | 'dialect' | 'knowledge' | 'locale'>,
  ) {}

  /** What was asked before: every turn is read again, so that nothing but words has to be kept. */
  replay(turns: readonly ConversationTurn[]): Asked | null {
    let asked: Asked | null = null;
    for (const turn of turns) asked = this.understand(turn, asked, false).asked;
    return asked;
  }

  /** The first reading that can be answered; else what became of the likeliest. */
  understand(turn: ConversationTurn, before: Asked | null, unanswered: boolean): Understood {
    const known = before === null ? this.recall(turn.question) : null;
    if (known) return { ...this.read(turn.question, turn.choices, null, false), outcome: known, continues: false };
    let first: Understood | null = null;
    for (const questions of questionsMeant(turn.question, this.prepared.lexicon.followUps)) {
      let understood: Understood = { outcome: unanswerable(NOTHING_BEFORE), asked: before, continues: true };
      let isOpen = unanswered;
      for (const question of questions) {
        understood = this.read(question, turn.choices, understood.asked ?? before, isOpen);
        isOpen &&= understood.asked === null;
      }
      if (understood.outcome.kind !== 'unanswerable') return understood;
      first ??= understood;
    }
    return first ?? { outcome: unanswerable(NOTHING_BEFORE), asked: null, continues: false };
  }

  /** What a verified query says about other values. */
  private recall(question: string): SqlAnswer | null {
    const { knowledge, now } = this.input;
    const asRead = (text: string): string => rendered(text, this.input.locale ?? null, this.prepared).text;
    const verified = (knowledge?.verified ?? []).map((query) => ({ query, asRead: asRead(query.question) }));
    const found = answerByVerified(asRead(question), verified, this.prepared, now);
    return found && recalled(found);
  }

  private read(question: string, choices: readonly string[], before: Asked | null, unanswered: boolean): Understood {
    let first: Understood | null = null;
    const rendering = rendered(question, this.input.locale ?? null, this.prepared);
    const segments = new Segmenter(this.prepared, this.input.now).segment(rendering.text);
    readSortingVerb(segments, this.prepared.lexicon.sortingVerbs);
    const leansOnNothing = unanswered && needsMore(segments, this.prepared);
    if (leansOnNothing) return { outcome: unanswerable(NOTHING_BEFORE), asked: null, continues: true };
    for (const reading of readingsOf(segments, unanswered ? null : before, this.prepared)) {
      const { outcome, ...rest } = this.answer(reading, choices);
      const understood = {
        ...rest,
        outcome: rendering.text === question ? outcome : inOwnWords(outcome, segments, rendering),
      };
      if (understood.outcome.kind !== 'unanswerable') return understood;
      first ??= understood;
    }
    return first ?? { outcome: unanswerable(NOTHING_BEFORE), asked: null, continues: false };
  }

  private answer({ segments, frame, continues }: Reading, choices: readonly string[]): Understood {
    const { prepared } = this;
    const { catalog, graph, lexicon } = prepared;
    const earlier = this.input.knowledge?.choices ?? [];
    const recalled = earlier.flatMap(readChoice).map((choice) => ({ ...choice, isEarlier: true }));
    const resolver = new Resolver(prepared, graph, [...choices.flatMap(readChoice), ...recalled]);
    let plan: Plan;
    try {
      plan = new Planner(prepared, graph, resolver).plan(frame);
    } catch (error) {
      if (!(error instanceof PlanningFailure)) throw error;
      const reason = failureReason(error, segments, prepared.schema);
      return { outcome: unanswerable(reason, interpret(segments, resolver.decisions, null)), asked: null, continues };
    }
    const interpretation = interpret(segments, resolver.decisions, plan.query);
    const assessment = assess(
      segments,
      frame,
      resolver.decisions,
      resolver.ambiguities,
      plan.query,
      lexicon,
      continues,
    );
    const { missing, confidence } = assessment;
    const lost = lostPhrases(segments, resolver.decisions, plan.query, catalog);
    const unclear = [...new Set([...assessment.unclear, ...lost])];
    if (missing.length + unclear.length > 0 || confidence < LEAST_CONFIDENCE) {
      const isUnclear = missing.length === 0 && unclear.length > 0;
      const reason = isUnclear ? unclearReason(unclear) : missingReason(missing, prepared.schema);
      return { outcome: unanswerable(reason, interpretation), asked: null, continues };
    }
    const asked = {
      frame,
      entity: plan.main,
      label: labelOf(plan.query, plan.main),
      shown: shownIn(plan.query, prepared.schema),
    };
    if (assessment.ambiguity) {
      const outcome = clarify(assessment.ambiguity, interpretation, confidence * UNDECIDED);
      return { outcome, asked, continues };
    }
    const outcome: SqlAnswer = {
      kind: 'answer',
      sql: new Printer(catalog, this.input.dialect).print(plan.query),
      paraphrase: paraphrase(plan.query),
      interpretation,
      tables: tablesRead(plan.query),
      columns: columnsRead(plan.query),
      filters: filtersInWords(plan.query),
      checks: CHECKS,
      confidence: Math.round(confidence * 100) / 100,
    };
    return { outcome, asked, continues };
  }
}

/** The one column that is shown, where the rows that share a value of it are many. */
function labelOf({ select }: Query, main: TableEntry): ColumnEntry | null {
  const [only] = select;
  if (select.length !== 1 || only?.expression.kind !== 'column') return null;
  const { table, column } = only.expression;
  const entry = main.table.name === table ? main.columns.find(({ column: { name } }) => name === column) : undefined;
  const distinct = entry?.column.stats.distinct ?? null;
  return entry && distinct !== null && distinct < main.table.rowCount ? entry : null;
}

/** The columns that are shown as they stand. */
function shownIn({ select }: Query, schema: SchemaIndex): ColumnEntry[] {
  return select.flatMap(({ expression }) => {
    if (expression.kind !== 'column') return [];
    const entry = schema.table(expression.table)?.columns.find(({ column }) => column.name === expression.column);
    return entry ? [entry] : [];
  });
}

/** What an answer has passed, or it would not be one. */
const CHECKS: Check[] = [
  { name: 'words_covered', ok: true, detail: 'Every telling word of the question was matched to the data.' },
  { name: 'no_double_counting', ok: true, detail: 'No row is counted twice by a join.' },
];

function unanswerable(reason: string, interpretation: Unanswerable['interpretation'] = []): Unanswerable {
  return { kind: 'unanswerable', reason, interpretation };
}
