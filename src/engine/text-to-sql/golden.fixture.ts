/** Questions with the statement that a person wrote for each, for the tests of whole schemas. */
import type { Shop } from './shop.fixture.js';

/** A question, and the statement whose rows its answer must have; in the same order where that matters. */
export interface Golden {
  question: string;
  sql: string;
  isOrdered?: boolean;
}

/** The rows of the answer and those that are right, in a form that can be compared. */
export async function rowsOf(shop: Shop, { question, sql, isOrdered }: Golden): Promise<[unknown, unknown]> {
  const [rows, right] = [await shop.rows(question), await shop.run(sql)].map((all) => {
    const texts = all.map((row) => JSON.stringify(row.map(plain)));
    return isOrdered ? texts : texts.toSorted();
  });
  return [rows, right];
}

/** Numbers to nine digits, whatever they are stored as. */
function plain(value: unknown): unknown {
  const number = typeof value === 'number' || (typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value));
  return number ? Number(Number(value).toPrecision(9)) : value;
}

/** "question | statement" a line; "question |> statement" where the order of the rows counts. */
export function goldenOf(lines: string, parts: Readonly<Record<string, string>>): Golden[] {
  const spelled = Object.entries(parts).reduce((text, [name, part]) => text.replaceAll(`{${name}}`, part), lines);
  return spelled
    .split('\n')
    .filter((line) => line.includes('|'))
    .map((line) => {
      const [question = '', sql = ''] = line.split(/ \|>? /);
      return { question: question.trim(), sql: sql.trim(), isOrdered: line.includes(' |> ') };
    });
}
