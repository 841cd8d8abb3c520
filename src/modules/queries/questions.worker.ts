/** Questions about large catalogues, read in a thread of their own: its first look at 2,000 tables takes most of a second. */
import type { Catalog } from '../../engine/catalog/catalog.js';
import { answerQuestion, type QuestionInput, type QuestionOutcome } from '../../engine/text-to-sql/index.js';

export type QuestionTask =
  /** Part of a catalogue, in order; `whole` with its last part. */
  | { kind: 'learn'; key: number; part: Catalog; whole: boolean }
  | { kind: 'read'; key: number; input: Omit<QuestionInput, 'catalog'> };

/** Catalogues that are kept, the ones that were asked about last. */
const MOST_KNOWN = 4;

const known = new Map<number, Catalog>();
const learning = new Map<number, Catalog>();

/** @returns null when the catalogue is not known, or was forgotten: it is to be learnt, and the question put again */
export default function run(task: QuestionTask): QuestionOutcome | null {
  return task.kind === 'learn' ? learn(task) : read(task);
}

function learn({ key, part, whole }: Extract<QuestionTask, { kind: 'learn' }>): null {
  const catalog = learning.get(key) ?? { tables: [], relationships: [] };
  const calendar = part.calendar ?? catalog.calendar;
  learning.set(key, {
    ...(calendar && { calendar }),
    tables: [...catalog.tables, ...part.tables],
    relationships: [...catalog.relationships, ...part.relationships],
  });
  if (whole) {
    remember(key, learning.get(key) ?? part);
    learning.delete(key);
  }
  return null;
}

function read({ key, input }: Extract<QuestionTask, { kind: 'read' }>): QuestionOutcome | null {
  const catalog = known.get(key);
  if (catalog === undefined) return null;
  remember(key, catalog);
  return answerQuestion({ ...input, catalog });
}

function remember(key: number, catalog: Catalog): void {
  known.delete(key);
  known.set(key, catalog);
  const [oldest] = known.keys();
  if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
}
