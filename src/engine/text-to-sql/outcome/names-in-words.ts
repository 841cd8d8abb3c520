/** Names of tables and columns as people would say them. */

const PLAIN_WORD = /^\p{L}+\p{N}{0,2}$/u;
const PLAIN_PLURAL = /(?:s|people|children|men|women|data|media|series|information|staff|equipment)$/;

/** The words of a name when all of them are plain words, as in "order date" and "CO2"; null otherwise. */
function plainWords(name: string): string[] | null {
  const words = name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .split(/[\s_]+/)
    .filter((word) => word !== '');
  if (words.length === 0 || !words.every((word) => PLAIN_WORD.test(word))) return null;
  return words.map((word) => (/^[\p{Lu}\p{N}]+$/u.test(word) && /\p{N}/u.test(word) ? word : word.toLowerCase()));
}

/** "order date" for `order_date`; a name that is no plain words stands in backticks. */
export function nameInWords(name: string): string {
  return plainWords(name)?.join(' ') ?? `\`${name}\``;
}

/** The rows of a table: "airports", "rows of `x-17`". */
export function rowsInWords(table: string): string {
  const words = plainWords(table);
  if (!words) return `rows of \`${table}\``;
  const last = words.at(-1) ?? '';
  const plural = PLAIN_PLURAL.test(last) ? last : /[^aeiou]y$/.test(last) ? `${last.slice(0, -1)}ies` : `${last}s`;
  return [...words.slice(0, -1), plural].join(' ');
}

/** One row of a table: "airport", "row of `x-17`". */
export function rowInWords(table: string): string {
  const words = plainWords(table);
  if (!words) return `row of \`${table}\``;
  const last = words.at(-1) ?? '';
  const singular = last.endsWith('ies')
    ? `${last.slice(0, -3)}y`
    : /(?:ss|us|is|news|series)$/.test(last)
      ? last
      : last.replace(/(?<=ss|x|ch|sh)es$|s$/, '');
  return [...words.slice(0, -1), singular].join(' ');
}

/** True for `name` and for `product_name` of products; a first or a last name is a part. */
export function namesRow(column: string, table: string): boolean {
  const row = rowInWords(table).split(' ');
  const rest = nameInWords(column)
    .split(' ')
    .filter((word) => !row.includes(word));
  const last = rest.at(-1);
  return (last === 'name' || last === 'title') && !rest.includes('first') && !rest.includes('last');
}

/** "a, b and c". */
export function listInWords(words: readonly string[]): string {
  return words.length <= 1 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}
