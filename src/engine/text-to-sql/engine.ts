/** From a question to an answer, a question back, or an abstention. */
import type { Catalog } from '../catalog/catalog.js';
import type { QuestionInput, QuestionOutcome } from './contract.js';
import { SchemaIndex } from './evidence/schema-index.js';
import { ValueIndex } from './evidence/value-index.js';
import { ENGLISH } from './lexicon/english/index.js';
import { JoinGraph } from './planning/join-graph.js';
import { Planner, PlanningFailure } from './planning/planner.js';
import { Resolver } from './planning/resolver.js';
import { Printer } from './printing/printer.js';
import { Parser } from './reading/parser.js';
import { type Evidence, Segmenter } from './reading/segments.js';

interface Prepared extends Evidence {
  graph: JoinGraph;
}

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

export function answerQuestion(input: QuestionInput): QuestionOutcome {
  const prepared = prepare(input.catalog);
  const segments = new Segmenter(prepared, input.now).segment(input.question);
  const frame = new Parser(segments).parse();
  const resolver = new Resolver(prepared, prepared.graph, []);
  try {
    const plan = new Planner(prepared, prepared.graph, resolver).plan(frame);
    const sql = new Printer(input.catalog, input.dialect).print(plan.query);
    return { kind: 'answer', sql, paraphrase: '', interpretation: [], tables: [], columns: [], filters: [], checks: [], confidence: 1 };
  } catch (error) {
    if (error instanceof PlanningFailure) return { kind: 'unanswerable', reason: `${error.reason} ${error.phrase}`, interpretation: [] };
    throw error;
  }
}
