/** Names of tables that come from names of files. */

const MAX_LENGTH = 60;

/**
 * A table name from a file name or from what the caller asks for: lower snake case of letters and digits, starting with
 * a letter, different from the names already taken. `Sales 2024 (final).csv` becomes `sales_2024_final`.
 */
export function tableName(fileName: string, taken: Iterable<string> = []): string {
  const base = fileName
    .split(/[\\/]/)
    .at(-1)
    ?.replace(/(\.(csv|tsv|psv|tab|txt|dat|parquet|pq|json|jsonl|ndjson|geojson|xlsx|xlsm|gz|gzip|zst|zstd))+$/i, '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '');
  const letterFirst = base && /^\p{L}/u.test(base) ? base : `table_${base ?? ''}`.replace(/_$/, '');
  const wanted = [...letterFirst].slice(0, MAX_LENGTH).join('').replace(/_+$/, '');
  const used = new Set([...taken].map((name) => name.toLowerCase()));
  let name = wanted;
  for (let copy = 2; used.has(name); copy += 1) name = `${wanted}_${copy}`;
  return name;
}
