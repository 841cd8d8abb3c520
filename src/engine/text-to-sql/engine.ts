/** From a question to an answer, a question back, or an abstention. */
import type {
  AskedIn,
  Check,
  Clarification,
  ConversationState,
  ConversationTurn,
  QuestionInput,
  QuestionOutcome,
  SqlAnswer,
  Unanswerable,
} from './contract.js';
import { edited, editIn, editOf } from './conversation/edits.js';
import { changesNothing, dividedAlone, needsMore, type Reading, readingsOf, restIn } from './conversation/follow-up.js';
import { shortens } from './conversation/short-forms.js';
import { type Asked, askedIn } from './conversation/asked.js';
import { saysAnew } from './conversation/retries.js';
import { questionsMeant } from './conversation/transcript.js';
import { bookOf, codeOf, spokenAfter } from './language/detection.js';
import { ENGLISH } from './lexicon/english/index.js';
import { answerByVerified } from './knowledge/verified-queries.js';
import { recalled } from './outcome/recalled.js';
import { clarify, readChoice } from './outcome/clarification.js';
import { filtersInWords } from './outcome/conditions-in-words.js';
import { assess, interpret } from './outcome/evidence-report.js';
import { lostPhrases } from './outcome/lost-phrases.js';
import { inOwnWords } from './outcome/own-words.js';
import { paraphrase } from './outcome/paraphrase.js';
import {
  dividesNothing,
  failureReason,
  missingReason,
  NO_REASONS,
  NO_TABLES,
  NOTHING_BEFORE,
  NOTHING_TO_EDIT,
  NOTHING_YET,
  unclearReason,
} from './outcome/reasons.js';
import { columnsRead, tablesRead } from './outcome/reads.js';
import { refusal } from './outcome/refusal.js';
import { PlanningFailure } from './planning/plan-context.js';
import { type Plan, Planner } from './planning/planner.js';
import { Resolver } from './planning/resolver.js';
import { Printer } from './printing/printer.js';
import { type Prepared, prepare, rendered } from './prepared.js';
import { readSortingVerb } from './reading/imperatives.js';
import { type Segment, Segmenter } from './reading/segments.js';

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
  // "drop the filter" changes the question, and not the data.
  if (refused !== null && editIn(input.question, ENGLISH.followUps) === null)
    return { ...unanswerable(refused), ...english, state: previous };
  const turns = previous.turns.slice(-MOST_TURNS);
  const spoken = spokenAfter(
    turns.map(({ question }) => question),
    input.locale ?? null,
  );
  const book = bookOf(input.question, spoken);
  const prepared = prepare(input.catalog, input.knowledge?.glossary ?? [], book);
  if (prepared.schema.tables.length === 0) return { ...unanswerable(NO_TABLES), ...english, state: previous };
  const rendering = book === null ? null : rendered(input.question, spoken, prepared).text;
  const asked: AskedIn = { language: codeOf(book), rendering };
  const edit = editIn(rendering ?? input.question, ENGLISH.followUps);
  const refusedAsRead = rendering === null || edit !== null ? null : refusal(rendering);
  if (refusedAsRead !== null) return { ...unanswerable(refusedAsRead), ...asked, state: previous };
  const engine = new Understanding(prepared, input);
  if (edit === 'undo')
    return { ...undone(engine, previous.unanswered ? turns : turns.slice(0, -1), previous), ...asked };
  const asRead = rendering ?? input.question;
  const isRetry = previous.failed !== undefined && saysAnew(asRead, previous.failed, prepared.lexicon);
  const { outcome, continues } = engine.understand(turn, engine.replay(turns), previous.unanswered && !isRetry);
  // A wish that cannot be met, or a "why?", leaves everything as it was.
  const isIdle = edit !== null && outcome.kind === 'unanswerable';
  const state = isIdle ? previous : stateAfter(previous, { turn, asRead, outcome, continues });
  return { ...outcome, ...asked, state };
}

/** The outcome of the question before the last answered one, and all before it as it was. */
function undone(
  engine: Understanding,
  turns: ConversationTurn[],
  previous: ConversationState,
): Outcome & { state: ConversationState } {
  const last = turns.at(-1);
  if (!last) return { ...unanswerable(NOTHING_YET), state: previous };
  const { outcome } = engine.understand(last, engine.replay(turns.slice(0, -1)), false);
  return { ...outcome, state: { turns, unanswered: outcome.kind !== 'answer' } };
}

/** A turn with what came of it. */
interface Taken extends Pick<Understood, 'outcome' | 'continues'> {
  turn: ConversationTurn;
  asRead: string;
}

function stateAfter({ turns }: ConversationState, { turn, asRead, outcome, continues }: Taken): ConversationState {
  if (outcome.kind === 'unanswerable') return { turns, unanswered: true, failed: asRead };
  const before = continues ? turns.slice(-MOST_TURNS) : [];
  return { turns: [...before, turn], unanswered: outcome.kind === 'clarification' };
}

class Understanding {
  /** The language that is understood where the words leave it open. */
  private spoken: string | null = null;

  constructor(
    private readonly prepared: Prepared,
    private readonly input: Pick<QuestionInput, 'now' | 'dialect' | 'knowledge' | 'locale'>,
  ) {}

  /** What was asked before: every turn is read again, so that nothing but words has to be kept. */
  replay(turns: readonly ConversationTurn[]): Asked | null {
    let asked: Asked | null = null;
    for (const [index, turn] of turns.entries()) {
      this.hear(turns.slice(0, index));
      asked = this.understand(turn, asked, false).asked;
    }
    this.hear(turns);
    return asked;
  }

  private hear(turns: readonly ConversationTurn[]): void {
    this.spoken = spokenAfter(
      turns.map(({ question }) => question),
      this.input.locale ?? null,
    );
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
    const asRead = (text: string): string => rendered(text, this.spoken, this.prepared).text;
    const verified = (knowledge?.verified ?? []).map((query) => ({ query, asRead: asRead(query.question) }));
    const found = answerByVerified(asRead(question), verified, this.prepared, now);
    return found && recalled(found);
  }

  private read(question: string, choices: readonly string[], before: Asked | null, unanswered: boolean): Understood {
    let first: Understood | null = null;
    const rendering = rendered(question, this.spoken, this.prepared);
    const segments = new Segmenter(this.prepared, this.input.now).segment(rendering.text);
    readSortingVerb(segments, this.prepared.lexicon.sortingVerbs);
    const leansOnNothing = unanswered && needsMore(segments, this.prepared);
    if (leansOnNothing) return { outcome: unanswerable(NOTHING_BEFORE), asked: null, continues: true };
    const without = this.withoutReading(segments, unanswered ? null : before);
    if (without !== null) return { outcome: unanswerable(without), asked: null, continues: false };
    for (const reading of readingsOf(segments, unanswered ? null : before, this.prepared)) {
      const { outcome, ...rest } = this.answer(reading, choices, before);
      const understood = {
        ...rest,
        outcome: rendering.text === question ? outcome : inOwnWords(outcome, segments, rendering),
      };
      if (understood.outcome.kind !== 'unanswerable') return understood;
      first ??= understood;
    }
    const isLost = before === null && first?.outcome.kind === 'unanswerable' && shortens(segments);
    if (first && !isLost) return first;
    return { outcome: unanswerable(isLost ? NOTHING_YET : NOTHING_BEFORE), asked: null, continues: false };
  }

  /** Why nothing can be read: the question leans on another one that there is not, or that has nothing of the kind. */
  private withoutReading(segments: readonly Segment[], before: Asked | null): string | null {
    const edit = editOf(segments, this.prepared.lexicon.followUps);
    if (edit === 'reason') return NO_REASONS;
    if (edit !== null) {
      if (before === null) return NOTHING_YET;
      return edited(before, edit, this.prepared.lexicon) === null ? NOTHING_TO_EDIT : null;
    }
    const rest = restIn(segments, this.prepared.lexicon);
    if (rest !== null) return unclearReason([rest]);
    const divided = before === null ? dividedAlone(segments) : null;
    return divided === null ? null : dividesNothing(divided);
  }

  private answer(reading: Reading, choices: readonly string[], before: Asked | null): Understood {
    const { segments, frame, continues } = reading;
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
      continues ? (before?.query ?? null) : null,
    );
    const { missing } = assessment;
    const confidence = before && continues ? standingOn(before, reading, assessment.confidence) : assessment.confidence;
    const lost = lostPhrases(segments, resolver.decisions, plan.query, catalog);
    const idle = before && continues && !reading.isEdit ? changesNothing(segments, plan.query, before) : [];
    const unclear = [...new Set([...assessment.unclear, ...lost, ...idle])];
    if (missing.length + unclear.length > 0 || confidence < LEAST_CONFIDENCE) {
      const isUnclear = missing.length === 0 && unclear.length > 0;
      const reason = isUnclear ? unclearReason(unclear) : missingReason(missing, prepared.schema);
      return { outcome: unanswerable(reason, interpretation), asked: null, continues };
    }
    const asked = askedIn(frame, plan, prepared.schema, confidence);
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

/**
 * A reading that stands on a wrong one is wrong; but who goes on has seen what came of it. A wish about the whole result adds
 * no doubt of its own.
 */
function standingOn(before: Asked, { isEdit }: Reading, confidence: number): number {
  return isEdit === true ? before.confidence : confidence * (1 - INHERITED_DOUBT * (1 - before.confidence));
}

/** How much of the doubt about what was asked before is left. */
const INHERITED_DOUBT = 0.3;

/** What an answer has passed, or it would not be one. */
const CHECKS: Check[] = [
  { name: 'words_covered', ok: true, detail: 'Every telling word of the question was matched to the data.' },
  { name: 'no_double_counting', ok: true, detail: 'No row is counted twice by a join.' },
];

function unanswerable(reason: string, interpretation: Unanswerable['interpretation'] = []): Unanswerable {
  return { kind: 'unanswerable', reason, interpretation };
}
