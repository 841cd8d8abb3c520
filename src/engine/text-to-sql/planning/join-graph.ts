/** Tables and the relationships between them, with the cheapest ways from one to another. */
import type { Catalog } from '../../catalog/catalog.js';
import type { ColumnEntry, SchemaIndex } from '../evidence/schema-index.js';

/** One relationship; a composite key has several column pairs. */
interface Edge {
  from: string;
  to: string;
  pairs: { from: string; to: string }[];
  confidence: number;
  /** True when each row of `from` is the only one for its row of `to`. */
  oneToOne: boolean;
}

/** One edge walked in one direction. */
export interface Step {
  edge: Edge;
  source: string;
  target: string;
  /** True when one row of `source` may meet several of `target`. */
  fansOut: boolean;
}

export class JoinGraph {
  private readonly edges = new Map<string, Edge[]>();
  private readonly trees = new Map<string, Map<string, { cost: number; step: Step | null }>>();

  constructor(catalog: Catalog, schema: SchemaIndex) {
    const groups = new Map<string, Edge[]>();
    const visible = new Set(schema.tables.map((entry) => entry.table.name));
    for (const { from, to, confidence } of catalog.relationships) {
      if (!visible.has(from.table) || !visible.has(to.table)) continue;
      const key = JSON.stringify([from.table, to.table]);
      const known = groups.get(key) ?? [];
      groups.set(key, known);
      const target = schema.table(to.table)?.table;
      const source = schema.table(from.table)?.table;
      const composite = known.find(
        (edge) =>
          (target?.primaryKey.length ?? 0) > 1 &&
          target?.primaryKey.includes(to.column) &&
          edge.pairs.every((pair) => pair.to !== to.column && target.primaryKey.includes(pair.to)),
      );
      if (composite) {
        composite.pairs.push({ from: from.column, to: to.column });
        continue;
      }
      const column = source?.columns.find((candidate) => candidate.name === from.column);
      const isOnlyKey = source?.primaryKey.length === 1 && source.primaryKey[0] === from.column;
      const isUnique = source !== undefined && source.rowCount > 0 && column?.stats.distinct === source.rowCount;
      const isTargetKey = target?.primaryKey.length === 1 && target.primaryKey[0] === to.column;
      const oneToOne = isOnlyKey || (isUnique && isTargetKey);
      known.push({
        from: from.table,
        to: to.table,
        pairs: [{ from: from.column, to: to.column }],
        confidence,
        oneToOne,
      });
    }
    for (const edge of [...groups.values()].flat()) {
      if (edge.from === edge.to) continue;
      this.add(edge.from, edge);
      this.add(edge.to, edge);
    }
  }

  /** The number of joins between two tables; Infinity when nothing relates them. */
  distance(source: string, target: string): number {
    return this.tree(source).get(target)?.cost ?? Infinity;
  }

  /** The cheapest way from one table to another, or null. */
  path(source: string, target: string): Step[] | null {
    if (source === target) return [];
    const tree = this.tree(source);
    const steps: Step[] = [];
    for (let at = target; at !== source;) {
      const step = tree.get(at)?.step;
      if (!step) return null;
      steps.unshift(step);
      at = step.source;
    }
    return steps;
  }

  /**
   * The steps that connect all tables, beginning at the first: each table joins by the cheapest way from those that are
   * connected already (the shortest-path heuristic for Steiner trees). Null when some table cannot be reached.
   */
  connect(root: string, tables: Iterable<string>): Step[] | null {
    const connected = new Set([root]);
    const steps: Step[] = [];
    const waiting = new Set(tables);
    waiting.delete(root);
    while (waiting.size > 0) {
      let best: { path: Step[]; cost: number; target: string } | null = null;
      for (const target of waiting) {
        for (const source of connected) {
          const cost = this.distance(source, target);
          if (cost < (best?.cost ?? Infinity)) {
            const path = this.path(source, target);
            if (path) best = { path, cost, target };
          }
        }
      }
      if (!best) return null;
      for (const step of best.path) {
        if (connected.has(step.target)) continue;
        connected.add(step.target);
        waiting.delete(step.target);
        steps.push(step);
      }
    }
    return steps;
  }

  /** True when a relationship stands on these two columns, or both point to the same one. */
  areTied(one: ColumnEntry, other: ColumnEntry): boolean {
    const targets = (column: ColumnEntry): string[] => {
      const name = column.table.table.name;
      const own = JSON.stringify([name, column.column.name]);
      const edges = this.edges.get(name) ?? [];
      const pointed = edges
        .filter((edge) => edge.from === name)
        .flatMap((edge) =>
          edge.pairs
            .filter((pair) => pair.from === column.column.name)
            .map((pair) => JSON.stringify([edge.to, pair.to])),
        );
      return [own, ...pointed];
    };
    const known = new Set(targets(one));
    return targets(other).some((target) => known.has(target));
  }

  private add(table: string, edge: Edge): void {
    const edges = this.edges.get(table);
    if (edges) edges.push(edge);
    else this.edges.set(table, [edge]);
  }

  /** Shortest paths from one table (Dijkstra; a scan for the nearest is enough, since ways are short). */
  private tree(source: string): Map<string, { cost: number; step: Step | null }> {
    const known = this.trees.get(source);
    if (known) return known;
    const tree = new Map<string, { cost: number; step: Step | null }>([[source, { cost: 0, step: null }]]);
    const open = new Set([source]);
    while (open.size > 0) {
      let current = '';
      let cost = Infinity;
      for (const table of open) {
        const candidate = tree.get(table)?.cost ?? Infinity;
        if (candidate < cost) [current, cost] = [table, candidate];
      }
      open.delete(current);
      for (const edge of this.edges.get(current) ?? []) {
        const forward = edge.from === current;
        const target = forward ? edge.to : edge.from;
        const next = cost + 1 + (1 - edge.confidence) + (forward ? 0 : 0.001);
        if (next >= (tree.get(target)?.cost ?? Infinity)) continue;
        tree.set(target, { cost: next, step: { edge, source: current, target, fansOut: !forward && !edge.oneToOne } });
        open.add(target);
      }
    }
    this.trees.set(source, tree);
    return tree;
  }
}
