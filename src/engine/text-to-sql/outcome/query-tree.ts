/** A finished query as a tree of plain nodes, to look through whatever its parts are. */
import type { Catalog } from '../../catalog/catalog.js';
import type { Query } from '../planning/algebra.js';
import type { Decision } from '../planning/resolver.js';
import type { Segment } from '../reading/segments.js';

export type Node = Record<string, unknown>;

/** What is needed to tell whether a phrase is carried out by the query. */
export interface Carried {
  segments: readonly Segment[];
  decisions: ReadonlyMap<Segment, Decision>;
  query: Query;
  catalog: Catalog;
  /** Every part of the query, sub-queries included. */
  nodes: readonly Node[];
  /** The query and its sub-queries. */
  queries: readonly Node[];
}

export function isEmpty(list: unknown): boolean {
  return Array.isArray(list) && list.length === 0;
}

/** The tree's nodes, the outermost first. */
export function nodesOf(root: unknown): Node[] {
  if (Array.isArray(root)) return root.flatMap(nodesOf);
  return isNode(root) ? [root, ...Object.values(root).flatMap(nodesOf)] : [];
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The phrases that fit, or the whole question where none does: there is always something to name. */
export function phrasesOr(segments: readonly Segment[], fits: (segment: Segment) => boolean): Segment[] {
  const fitting = segments.filter(fits);
  return fitting.length > 0 ? fitting : segments.filter((segment) => segment.mark === null).slice(-1);
}
