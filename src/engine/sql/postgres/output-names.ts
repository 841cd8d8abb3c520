/** The names that PostgreSQL gives to outputs without AS (FigureColname in its parse_target.c). */
import type { Node, TypeCast } from 'libpg-query';
import { nameParts } from './walker.js';

const UNNAMED = '?column?';

/**
 * @param firstOutput gives the name of the first output of a sub-query, or null when it has none
 */
export function outputName(node: Node, firstOutput: (select: Node) => string | null): string {
  return figure(node, firstOutput)?.name ?? UNNAMED;
}

/** A name is weak when an expression around it may have a better one. */
type Figured = { name: string; weak?: boolean } | null;

function figure(node: Node | undefined, firstOutput: (select: Node) => string | null): Figured {
  if (node === undefined) return null;
  if ('ColumnRef' in node) return { name: lastOf(nameParts(node.ColumnRef.fields)) };
  if ('FuncCall' in node) return { name: lastOf(nameParts(node.FuncCall.funcname)) };
  if ('A_Indirection' in node) {
    const field = (node.A_Indirection.indirection ?? []).findLast((part) => 'String' in part);
    return field === undefined ? figure(node.A_Indirection.arg, firstOutput) : { name: lastOf(nameParts([field])) };
  }
  if ('A_Expr' in node) return node.A_Expr.kind === 'AEXPR_NULLIF' ? { name: 'nullif' } : null;
  if ('TypeCast' in node) return figureCast(node.TypeCast, firstOutput);
  if ('CollateClause' in node) return figure(node.CollateClause.arg, firstOutput);
  if ('CaseExpr' in node) {
    const last = figure(node.CaseExpr.defresult, firstOutput);
    return last === null || last.weak ? { name: 'case', weak: true } : last;
  }
  if ('SubLink' in node) {
    const { subLinkType, subselect } = node.SubLink;
    if (subLinkType === 'EXISTS_SUBLINK') return { name: 'exists' };
    if (subLinkType === 'ARRAY_SUBLINK') return { name: 'array' };
    const name = subLinkType === 'EXPR_SUBLINK' && subselect !== undefined ? firstOutput(subselect) : null;
    return name === null ? null : { name };
  }
  if ('GroupingFunc' in node) return { name: 'grouping' };
  if ('A_ArrayExpr' in node) return { name: 'array' };
  if ('RowExpr' in node) return { name: 'row' };
  if ('CoalesceExpr' in node) return { name: 'coalesce' };
  if ('MinMaxExpr' in node) return { name: node.MinMaxExpr.op === 'IS_LEAST' ? 'least' : 'greatest' };
  if ('SQLValueFunction' in node) {
    const op = node.SQLValueFunction.op ?? '';
    return {
      name: op
        .replace(/^SVFOP_/, '')
        .replace(/_N$/, '')
        .toLowerCase(),
    };
  }
  return null;
}

function figureCast(cast: TypeCast, firstOutput: (select: Node) => string | null): Figured {
  const inner = figure(cast.arg, firstOutput);
  if (inner !== null && !inner.weak) return inner;
  return { name: lastOf(nameParts(cast.typeName?.names)), weak: true };
}

const lastOf = (parts: string[]): string => parts.at(-1) ?? UNNAMED;
