/** What is asked of the system catalogues: a handful of statements, however many tables there are. */

/** Schemas of people, which the role may look into. */
const READABLE_SCHEMA = `
  n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')`;

/** Tables, views, materialised views, foreign and partitioned tables; a partition is read through its parent. */
const READABLE_TABLE = `c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition`;

/** oid, schema, name, kind, rows (-1 when nobody has counted), pages on disk, description, whether its schema is the given one, so that its name needs none. */
export const TABLES = `
  WITH RECURSIVE member(root, oid) AS (
    SELECT c.oid, c.oid FROM pg_catalog.pg_class c WHERE c.relkind = 'p' AND NOT c.relispartition
    UNION ALL
    SELECT member.root, i.inhrelid FROM member JOIN pg_catalog.pg_inherits i ON i.inhparent = member.oid
  ), partitioned AS (
    SELECT member.root, sum(greatest(c.reltuples, 0)) AS rows, sum(c.relpages) AS pages
    FROM member JOIN pg_catalog.pg_class c ON c.oid = member.oid AND c.relkind <> 'p' GROUP BY member.root
  )
  SELECT c.oid, n.nspname, c.relname, c.relkind,
    CASE c.relkind WHEN 'v' THEN 0 WHEN 'p' THEN coalesce(p.rows, 0) ELSE c.reltuples END::pg_catalog.int8,
    coalesce(p.pages, CASE WHEN c.relkind IN ('r', 'm') THEN pg_catalog.pg_relation_size(c.oid) / 8192 ELSE 0 END)::pg_catalog.int8,
    d.description,
    n.nspname = $1
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN partitioned p ON p.root = c.oid
  LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
  WHERE ${READABLE_TABLE} AND ${READABLE_SCHEMA}
    AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT')
  ORDER BY 8 DESC, 2, 3`;

/** oid of the table, position, name, oid and modifier of the type, the type as people write it, NOT NULL, description. */
export const COLUMNS = `
  SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod,
    pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, d.description
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped AND ${READABLE_TABLE} AND ${READABLE_SCHEMA}
    AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')
  ORDER BY a.attrelid, a.attnum`;

/** kind (`p` primary, `u` unique, `f` foreign), oid of the table, its columns, oid of the other table, its columns. */
export const KEYS = `
  SELECT k.contype, k.conrelid, pg_catalog.array_to_json(k.conkey), k.confrelid, pg_catalog.array_to_json(k.confkey)
  FROM pg_catalog.pg_constraint k
  JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE k.contype IN ('p', 'u', 'f') AND ${READABLE_TABLE} AND ${READABLE_SCHEMA}
  ORDER BY k.conrelid, k.contype, k.oid`;

/**
 * schema, table, column, share of nulls, distinct values (negative: share of the rows), mean bytes, up to forty most frequent
 * values, how many of them are kept, and the ends of the histogram. Of a partitioned table, what holds for all of it.
 */
export const STATISTICS = `
  SELECT DISTINCT ON (s.schemaname, s.tablename, s.attname)
    s.schemaname, s.tablename, s.attname, s.null_frac, s.n_distinct, s.avg_width,
    pg_catalog.array_to_json((s.most_common_vals::pg_catalog.text::pg_catalog.text[])[1:40]),
    pg_catalog.array_length(s.most_common_freqs, 1),
    (s.histogram_bounds::pg_catalog.text::pg_catalog.text[])[1],
    (s.histogram_bounds::pg_catalog.text::pg_catalog.text[])[
      pg_catalog.array_upper(s.histogram_bounds::pg_catalog.text::pg_catalog.text[], 1)]
  FROM pg_catalog.pg_stats s
  WHERE s.schemaname <> 'information_schema' AND s.schemaname NOT LIKE 'pg\\_%'
  ORDER BY s.schemaname, s.tablename, s.attname, s.inherited DESC`;
