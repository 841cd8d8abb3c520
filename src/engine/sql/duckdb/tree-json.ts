/** Reads and writes DuckDB's tree as JSON without losing a digit. */

const SOURCE_POSITION = /,"query_location":\d+/g;

// A raw quote followed by a colon ends a key: inside a string it would be escaped, so text never matches.
const NUMBER_MEMBER = /(?<!\\)":(-?(?:Infinity|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?))(?=[,}])/g;
const EXACT_NUMBER = /\{"\$number":"([^"\\]*)"\}/g;

const SAFE_INTEGER = /^-?\d{1,15}$/;

/** Parses what `json_serialize_sql` wrote. Numbers that a double cannot hold become `{ $number: text }`. */
export function parseTree(json: string): unknown {
  const exact = json
    .replace(SOURCE_POSITION, '')
    .replace(NUMBER_MEMBER, (member, number: string) =>
      SAFE_INTEGER.test(number) ? member : `":{"$number":"${number}"}`,
    );
  return JSON.parse(exact);
}

/** Writes a tree for `json_deserialize_sql`; the inverse of {@link parseTree}. */
export function printTree(tree: unknown): string {
  return JSON.stringify(tree).replace(EXACT_NUMBER, '$1');
}
