/** From a question to an answer, a question back, or an abstention. */
import type { Catalog } from '../catalog/catalog.js';
import type { Check, QuestionInput, QuestionOutcome } from './contract.js';
import { SchemaIndex } from './evidence/schema-index.js';
import { ValueIndex } from './evidence/value-index.js';
import { ENGLISH } from './lexicon/english/index.js';
import { clarify, readChoice } from './outcome/clarification.js';
import { assess, interpret } from './outcome/evidence-report.js';
import { filtersInWords } from './outcome/conditions-in-words.js';
import { lostPhrases } from './outcome/lost-phrases.js';
import { paraphrase } from './outcome/paraphrase.js';
import { columnsRead, tablesRead } from './outcome/reads.js';
import { refusal } from './outcome/refusal.js';
import { JoinGraph } from './planning/join-graph.js';
import { PlanningFailure } from './planning/plan-context.js';
import { type Plan, Planner } from './planning/planner.js';
import { Resolver } from './planning/resolver.js';
import { Printer } from './printing/printer.js';
import { Parser } from './reading/parser.js';
import type { Evidence } from './evidence/evidence.js';
import { type Segment, Segmenter } from './reading/segments.js';

interface Prepared extends Evidence {
  graph: JoinGraph;
}

/** Below it there is no answer. */
const LEAST_CONFIDENCE = 0.62;
/** What two equally likely readings leave of the confidence. */
const UNDECIDED = 0.6;

/** Keeps what was prepared for a catalogue, so that the second question costs little. */
const PREPARED = new WeakMap<Catalog, Prepared>();

function prepare(catalog: Catalog): Prepared {
  const known = PREPARED.get(catalog);
  if (known) return known;
  const lexicon = ENGLISH;
  const schema = new SchemaIndex(catalog, lexicon);
  const prepared = { lexicon, schema, values: new ValueIndex(schema, lexicon), graph: new JoinGraph(catalog, schema) };
  PREPARED.set(catalog, prepared);
  return prepared;
}

/**
 * Turns a question in plain English into one SELECT statement, asks back when two readings are about equally likely, or
 * says what is missing. Deterministic; the same input gives the same outcome. Never throws on any question.
 *
 * The method is described in `docs/text-to-sql.md`.
 */
export function answerQuestion(input: QuestionInput): QuestionOutcome {
  const refused = refusal(input.question);
  if (refused !== null) return { kind: 'unanswerable', reason: refused, interpretation: [] };
  const prepared = prepare(input.catalog);
  if (prepared.schema.tables.length === 0) {
    return {
      kind: 'unanswerable',
      reason: 'The data source has no tables. Upload a file or connect a database with tables first.',
      interpretation: [],
    };
  }
  const segments = new Segmenter(prepared, input.now).segment(input.question);
  const resolver = new Resolver(prepared, prepared.graph, (input.choices ?? []).flatMap(readChoice));
  const frame = new Parser(segments).parse();
  let plan: Plan;
  try {
    plan = new Planner(prepared, prepared.graph, resolver).plan(frame);
  } catch (error) {
    if (!(error instanceof PlanningFailure)) throw error;
    const interpretation = interpret(segments, resolver.decisions);
    return { kind: 'unanswerable', reason: failureReason(error, segments, prepared), interpretation };
  }
  const interpretation = interpret(segments, resolver.decisions);
  const assessment = assess(segments, frame, resolver.decisions, resolver.ambiguities, plan.query, prepared.lexicon);
  const { missing } = assessment;
  const lost = lostPhrases(segments, resolver.decisions, plan.query, input.catalog);
  const unclear = [...new Set([...assessment.unclear, ...lost])];
  if (missing.length + unclear.length > 0 || assessment.confidence < LEAST_CONFIDENCE) {
    const reason =
      missing.length === 0 && unclear.length > 0 ? unclearReason(unclear) : missingReason(missing, prepared);
    return { kind: 'unanswerable', reason, interpretation };
  }
  if (assessment.ambiguity) return clarify(assessment.ambiguity, interpretation, assessment.confidence * UNDECIDED);
  return {
    kind: 'answer',
    sql: new Printer(input.catalog, input.dialect).print(plan.query),
    paraphrase: paraphrase(plan.query),
    interpretation,
    tables: tablesRead(plan.query),
    columns: columnsRead(plan.query),
    filters: filtersInWords(plan.query),
    checks: CHECKS,
    confidence: Math.round(assessment.confidence * 100) / 100,
  };
}

/** What an answer has passed, or it would not be one. */
const CHECKS: Check[] = [
  { name: 'words_covered', ok: true, detail: 'Every telling word of the question was matched to the data.' },
  { name: 'no_double_counting', ok: true, detail: 'No row is counted twice by a join.' },
];

function unclearReason(unclear: readonly string[]): string {
  const quoted = unclear.slice(0, 3).map((word) => `“${word}”`);
  return `It is not clear what ${quoted.join(', ')} is to do in the question. Say what to show, by what to sort or group, or what to compare it with.`;
}

function missingReason(missing: readonly string[], prepared: Prepared): string {
  const quoted = missing.slice(0, 3).map((word) => `“${word}”`);
  const what =
    quoted.length > 0
      ? `Nothing in the data matches ${quoted.join(', ')}.`
      : 'The question was understood too loosely for an answer to be trusted. Ask for one thing at a time, in the words the tables use.';
  return `${what} ${whatThereIs(prepared)}`;
}

function whatThereIs(prepared: Prepared): string {
  const tables = prepared.schema.tables.slice(0, 5).map((entry) => `\`${entry.table.name}\``);
  return `You could ask about ${tables.join(', ')}.`;
}

function failureReason(failure: PlanningFailure, segments: readonly Segment[], prepared: Prepared): string {
  const unknown = segments.filter(
    (segment) =>
      segment.mark === null &&
      segment.cue === null &&
      segment.names.length + segment.values.length === 0 &&
      segment.number === null &&
      segment.period === null,
  );
  switch (failure.reason) {
    case 'nothing-asked':
      return missingReason(
        unknown.map((segment) => segment.phrase),
        prepared,
      );
    case 'unrelated':
      return `The question needs tables that nothing relates to each other (${failure.phrase}). Add a relationship between them, or ask about one of them. ${whatThereIs(prepared)}`;
    case 'double-counting':
      return `The total of ${failure.phrase} would count some rows several times when it is divided this way. Divide it by something that each of its rows belongs to once.`;
    case 'undated':
      return `Nothing in \`${failure.phrase}\` says when: it has no column of dates. Ask for a development of something that has one.`;
    case 'unranked':
      return `It is not said what “${failure.phrase}” ranks by. Add a measure, for example “top 5 products by price”.`;
    case 'unknown-column':
      return `No column was found for “${failure.phrase}”. ${whatThereIs(prepared)}`;
    case 'unknown-value':
      return `The value “${failure.phrase}” was not found in the data. Check its spelling, or say which column it belongs to.`;
    case 'unsupported':
      return `“${failure.phrase}” cannot be worked out from the data that is there. Ask for a number or a column that the data holds.`;
  }
}
