/** A table as it looks to somebody for whom access rules hold. */
import { type ColumnMask, digestKey, maskOf } from '../../sql/index.js';
import { identifier, literal } from './sql-text.js';

export interface Restriction {
  /** All columns of the table, in their order. */
  columns: readonly string[];
  /** Conditions from `SqlGuard.checkPredicate`; rows for which all of them hold are there. */
  rowRules: readonly string[];
  masks: Readonly<Record<string, ColumnMask>>;
  /** Goes into fingerprints, so that nobody can make a table of those of likely values. */
  salt: string;
}

/** Filters are never moved below a LIMIT, and this one lets everything pass. */
const FENCE = 'LIMIT 9223372036854775807';

/**
 * The SELECT of a view that stands in the place of the table. Whatever a statement does with the view, the rows and values
 * that the rules keep back are not in it. The limit keeps conditions of the statement above the rules: evaluated below them,
 * a failing cast would tell that there is a value, and which.
 *
 * @param rows where the table's rows come from, as it stands in FROM
 * @param table what conditions may call it
 */
export function restrictedSelect(rows: string, table: string, restriction: Restriction): string {
  const { columns, rowRules, masks, salt } = restriction;
  const output = columns.map((column) => {
    const mask = maskOf(masks, column);
    const name = identifier(column);
    return mask === undefined ? name : `${masked(name, mask, salt)} AS ${name}`;
  });
  const alias = identifier(table);
  const where = rowRules.length === 0 ? '' : ` WHERE ${rowRules.join(' AND ')} ${FENCE}`;
  return `SELECT ${output.join(', ')} FROM (FROM ${rows} AS ${alias}${where}) AS ${alias}`;
}

function masked(column: string, mask: ColumnMask, salt: string): string {
  const asText = `CAST(${column} AS VARCHAR)`;
  switch (mask) {
    // Keeps the column's type.
    case 'hide':
      return `CASE WHEN false THEN ${column} END`;
    case 'hash':
      return `sha256(${literal(`${digestKey(salt)}:`)} || ${asText})`;
    // The first letter, and of an email the domain as well.
    case 'partial':
      return `CASE WHEN ${asText} LIKE '_%@%' THEN left(${asText}, 1) || '***@' || split_part(${asText}, '@', 2)
        WHEN length(${asText}) > 3 THEN left(${asText}, 1) || '***'
        WHEN ${column} IS NOT NULL THEN '***' END`;
  }
}
