/** How names, texts and lists are spelled in DuckDB's SQL. Every value that reaches a statement passes through here. */

/** A name in double quotes. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text in single quotes. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A list of texts: `['a', 'b']`. */
export function literalList(texts: readonly string[]): string {
  return `[${texts.map(literal).join(', ')}]`;
}

/** The rows of one Parquet file, with the columns of the file and no others (a folder called `year=2024` adds none). */
export function parquetRows(file: string): string {
  return `read_parquet(${literal(file)}, hive_partitioning = false)`;
}

/**
 * Options of COPY for a table that is kept: the second version of Parquet's encodings is smaller and quicker to write,
 * which lets the lightest level of zstd give the size that the default level gives with the first version.
 */
export const TABLE_FORMAT =
  'FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, COMPRESSION_LEVEL 1, USE_TMP_FILE false';
