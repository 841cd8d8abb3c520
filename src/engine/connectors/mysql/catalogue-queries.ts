/**
 * What is asked of information_schema: a handful of statements, however many tables there are. `?` is the database; as a
 * constant it spares the server looking into the others.
 */

/** Name, type, engine, rows (about), description. */
export const TABLES = `
  SELECT TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_ROWS, TABLE_COMMENT FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = ? AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW') ORDER BY TABLE_NAME`;

/** Table, name, type, the type as people write it, YES when it may be null, description, characters of the longest value. */
export const COLUMNS = `
  SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, COLUMN_COMMENT, CHARACTER_MAXIMUM_LENGTH
  FROM information_schema.COLUMNS
  WHERE TABLE_SCHEMA = ? AND FIND_IN_SET('select', PRIVILEGES) > 0 ORDER BY TABLE_NAME, ORDINAL_POSITION`;

/** Table, index (PRIMARY is the primary key), column, 0 when unique, distinct values of the columns up to this (about). */
export const INDEXES = `
  SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME, NON_UNIQUE, CARDINALITY FROM information_schema.STATISTICS
  WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`;

/** Table, key, column, other table, its column. */
export const FOREIGN_KEYS = `
  SELECT TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME
  FROM information_schema.KEY_COLUMN_USAGE
  WHERE TABLE_SCHEMA = ? AND REFERENCED_TABLE_SCHEMA = TABLE_SCHEMA
  ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION`;

/** Table and column of what MariaDB's JSON is: a text with a check. */
export const JSON_CHECKS = `
  SELECT TABLE_NAME, CONSTRAINT_NAME FROM information_schema.CHECK_CONSTRAINTS
  WHERE CONSTRAINT_SCHEMA = ? AND CHECK_CLAUSE = CONCAT('json_valid(\`', REPLACE(CONSTRAINT_NAME, '\`', '\`\`'), '\`)')`;
