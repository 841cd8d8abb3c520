/** The question back where two readings are about as likely, and the choices that answer it. */
import type { Clarification, Interpretation } from '../contract.js';
import type { Ambiguity, Choice } from '../planning/resolver.js';
import { nameInWords, rowInWords, rowsInWords } from './names-in-words.js';

const MOST_OPTIONS = 5;

/** Asks what an ambiguous phrase means; each option stands for one column. */
export function clarify(ambiguity: Ambiguity, interpretation: Interpretation[], confidence: number): Clarification {
  const readings = ambiguity.readings.slice(0, MOST_OPTIONS);
  const labels = readings.map(labelOf);
  return {
    kind: 'clarification',
    question: readings.some((reading) => reading.use !== undefined)
      ? `By what should “${ambiguity.phrase}” be measured?`
      : `What does “${ambiguity.phrase}” mean here?`,
    options: readings.map((reading, index) => {
      const { table, column } = reading.column;
      const label = labels[index] ?? '';
      const isShared = labels.filter((other) => other === label).length > 1;
      return {
        value: choiceValue(ambiguity.phrase, table.table.name, column.name),
        label: isShared ? `${label} (\`${table.table.name}.${column.name}\`)` : label,
      };
    }),
    interpretation,
    confidence: Math.round(confidence * 100) / 100,
  };
}

/** "the billing country of the invoice", "“Oslo” as the pickup city of the trip", "the number of orders". */
function labelOf({ column, value, use }: Ambiguity['readings'][number]): string {
  const table = column.table.table.name;
  if (use === 'count') return `the number of ${rowsInWords(table)}`;
  // "pickup_at" is a time to people, "joined_on" a date.
  const name = nameInWords(column.column.name).replace(/ at$/, ' time').replace(/ on$/, ' date');
  if (use === 'sum' && column.formula) return `the ${name}`;
  if (use === 'sum') return `the total ${name} of the ${rowsInWords(table)}`;
  const words = `the ${name} of the ${rowInWords(table)}`;
  return value === null ? words : `“${value}” as ${words}`;
}

/** The stable text of an option: which phrase is read as which column. */
function choiceValue(phrase: string, table: string, column: string): string {
  return JSON.stringify([phrase.toLowerCase(), table, column]);
}

/** Reads an option's `value` back; what this engine did not hand out settles nothing. */
export function readChoice(value: string): Choice[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return [];
  }
  if (!Array.isArray(parsed)) return [];
  const [phrase, table, column] = parsed as unknown[];
  return typeof phrase === 'string' && typeof table === 'string' && typeof column === 'string'
    ? [{ phrase, table, column }]
    : [];
}
