/** Which CTEs are visible where, and what they give. */
import type { CommonTableExpr, Node, SelectStmt, WithClause } from 'libpg-query';
import { EngineError } from '../../errors.js';
import { type Frame, named, type Output, renamed } from './frame.js';
import type { Lookup } from './lookup.js';
import { nameParts } from './walker.js';

/** CTEs visible at one place, by name. */
export type Ctes = ReadonlyMap<string, Cte>;

/** What WITH and FROM need to resolve the queries and expressions in them. */
export interface Queries {
  readonly lookup: Lookup;
  /** @param onFirstBranch is told the output of the left side of a set operation, before the right side is resolved */
  query(select: SelectStmt, ctes: Ctes, outer: Frame | null, onFirstBranch?: (output: Output) => void): Output;
  /** Resolves a query that hangs in a node of its own. */
  subquery(node: Node | undefined, ctes: Ctes, outer: Frame | null): Output;
  expression(node: Node, ctes: Ctes, frame: Frame): void;
}

interface Cte {
  definition: CommonTableExpr;
  /** What its query sees; filled after the CTE is in it, when the WITH is recursive. */
  visible: Ctes;
  outer: Frame | null;
  isResolved: boolean;
  /** Known halfway through a recursive one, which may then refer to itself. */
  output: Output | null;
}

export class CteList {
  constructor(private readonly queries: Queries) {}

  /** The CTEs that a query with this WITH sees. Each sees those before it; a recursive one all, and itself. */
  declare(clause: WithClause, outerCtes: Ctes, outer: Frame | null): Ctes {
    const ctes = new Map(outerCtes);
    const own = new Set<string>();
    const waiting: Cte[] = [];
    for (const node of clause.ctes ?? []) {
      if (!('CommonTableExpr' in node)) continue;
      const definition = node.CommonTableExpr;
      const name = definition.ctename ?? '';
      if (own.has(name)) throw new EngineError('sql_invalid', `There are two CTEs called ${name}. Rename one.`);
      own.add(name);
      const cte: Cte = { definition, visible: ctes, outer, isResolved: false, output: null };
      if (clause.recursive) {
        waiting.push(cte);
      } else {
        cte.visible = new Map(ctes);
        resolveCte(this.queries, cte);
      }
      ctes.set(name, cte);
    }
    for (const cte of waiting) outputOf(this.queries, cte);
    return ctes;
  }
}

/**
 * What a reference to a CTE gives.
 *
 * @throws EngineError `sql_invalid` for one that refers to itself where it cannot
 */
export function outputOf(queries: Queries, cte: Cte): Output {
  if (!cte.isResolved) resolveCte(queries, cte);
  if (cte.output === null) {
    const name = cte.definition.ctename ?? '';
    throw new EngineError(
      'sql_invalid',
      `The CTE ${name} refers to itself before its first part. Use UNION behind a first part.`,
    );
  }
  return cte.output;
}

function resolveCte(queries: Queries, cte: Cte): void {
  cte.isResolved = true;
  const { definition, visible, outer } = cte;
  const query = definition.ctequery;
  if (query === undefined || !('SelectStmt' in query)) return;
  cte.output = finished(
    definition,
    queries.query(query.SelectStmt, visible, outer, (first) => {
      cte.output = finished(definition, first);
    }),
  );
}

/** Adds the columns that SEARCH and CYCLE add. */
function finished(definition: CommonTableExpr, output: Output): Output {
  const { columns, certain } = renamed(output, nameParts(definition.aliascolnames));
  const { search_clause: search, cycle_clause: cycle } = definition;
  const added = [search?.search_seq_column, cycle?.cycle_mark_column, cycle?.cycle_path_column];
  return { columns: [...columns, ...named(...added.filter((name) => name !== undefined))], certain };
}
