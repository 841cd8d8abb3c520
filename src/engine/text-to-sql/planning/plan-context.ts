/** What every step of planning stands on: the tables joined so far, the targets of phrases, plain expressions. */
import {
  holdsDateText,
  holdsNumberText,
  isNumeric,
  isText,
  type ColumnEntry,
  type TableEntry,
} from '../evidence/schema-index.js';
import { fold } from '../language/tokens.js';
import type { Measure, Mention, Superlative } from '../reading/frame.js';
import { columnScore, tableScore } from '../reading/phrases.js';
import type { Evidence } from '../evidence/evidence.js';
import { isAggregate, sameExpression, type Expression, type Query } from './algebra.js';
import type { JoinGraph, Step } from './join-graph.js';
import type { Resolver } from './resolver.js';

/** Says why a frame cannot become a query. */
export class PlanningFailure extends Error {
  constructor(
    readonly reason:
      | 'nothing-asked'
      | 'double-counting'
      | 'left-out'
      | 'not-grouped'
      | 'unranked'
      | 'undated'
      | 'unspread'
      | 'uncounted'
      | 'parts'
      | 'unrelated'
      | 'unknown-column'
      | 'unknown-value'
      | 'contradiction'
      | 'unsupported',
    readonly phrase: string,
  ) {
    super(`${reason}: ${phrase}`);
  }
}

/** What a phrase names: the rows of a table, or one of their columns. */
export type Target = { kind: 'table'; table: TableEntry } | { kind: 'column'; column: ColumnEntry };

export abstract class PlanContext {
  protected readonly joined = new Set<string>();
  protected main: TableEntry | null = null;
  /** What "in each …" divides rows by, where nothing is worked out over them. */
  protected partition: Expression[] = [];

  constructor(
    protected readonly evidence: Evidence,
    protected readonly graph: JoinGraph,
    protected readonly resolver: Resolver,
  ) {}

  protected emptyQuery(main: TableEntry): Query {
    return {
      select: [],
      distinct: false,
      from: main.table.name,
      joins: [],
      where: null,
      groupBy: [],
      having: null,
      orderBy: [],
      limit: null,
      perGroup: null,
    };
  }

  /** Whether a phrase names the rows of a table or one of their columns. */
  protected target(
    mention: Mention | null,
    measure: Measure | null = null,
    near: TableEntry | null = null,
  ): Target | null {
    if (!mention) return null;
    if (mention.segment.names.length === 0) {
      const hit = this.resolver.value(mention, null);
      return hit ? { kind: 'table', table: hit.column.table } : null;
    }
    // Things are counted, so where rows are counted a table's name weighs more.
    const counts = measure?.aggregate === 'count' && !measure.distinct;
    const tables = tableScore(mention.segment) + (counts ? 0.12 : 0);
    const columns = columnScore(mention.segment);
    const owner = this.resolver.ownerTable(mention);
    const ofOwner =
      owner &&
      mention.segment.names.some(
        (reading) =>
          reading.entry.kind === 'column' &&
          reading.entry.table === owner &&
          reading.score > 0.6 &&
          !reading.entry.isForeignKey,
      );
    const wantsValue =
      measure?.aggregate !== null && measure?.aggregate !== 'count' && measure !== null && !measure.quantity;
    const prefersColumn =
      (ofOwner && columns > tables - 0.35) ||
      columns > tables + 0.02 ||
      (wantsValue && columns > 0.6) ||
      (!counts && isExactMeasure(mention));
    if (tables > 0.5 && !prefersColumn && !mention.isEntity) {
      const table = this.resolver.table(mention);
      if (table) return { kind: 'table', table };
    }
    if (mention.isEntity && tables > 0.5) {
      const table = this.resolver.table(mention);
      if (table) return { kind: 'table', table };
    }
    const accepts =
      wantsValue && measure?.aggregate !== 'min' && measure?.aggregate !== 'max'
        ? (column: ColumnEntry): boolean => isNumeric(column) || holdsNumberText(column)
        : undefined;
    const column = (accepts && this.resolver.column(mention, near, accepts)) ?? this.resolver.column(mention, near);
    if (column) return { kind: 'column', column };
    const table = this.resolver.table(mention);
    return table ? { kind: 'table', table } : null;
  }

  protected column(entry: ColumnEntry): Expression {
    const parts = entry.metric ? (entry.formula?.factors ?? []) : [entry];
    for (const { table } of parts) this.joined.add(table.table.name);
    return this.bare(entry);
  }

  protected bare(entry: ColumnEntry): Expression {
    if (entry.metric) return entry.metric;
    if (entry.formula) {
      const { factors, discount } = entry.formula;
      return {
        kind: 'product',
        factors: factors.map((factor) => this.bare(factor)),
        discount: discount && { of: this.bare(discount.column), whole: discount.whole },
      };
    }
    return { kind: 'column', table: entry.table.table.name, column: entry.column.name };
  }

  /** A column as a number, also where it is stored as text. */
  protected numeric(entry: ColumnEntry, expression: Expression = this.column(entry)): Expression {
    return isText(entry) ? { kind: 'cast', to: 'number', of: expression } : expression;
  }

  /** What a list of a table's rows shows: their name, or all their columns. */
  protected display(table: TableEntry): ColumnEntry[] {
    const name = this.evidence.schema.nameColumn(table);
    if (name) {
      if (name.words.includes('first') || name.words.includes('last')) {
        const first = table.columns.find((column) => column.words.includes('first') && column.words.includes('name'));
        const last = table.columns.find((column) => column.words.includes('last') && column.words.includes('name'));
        if (first && last) return [first, last];
      }
      return [name];
    }
    return table.columns;
  }

  protected primaryKey(table: TableEntry): ColumnEntry[] {
    return this.evidence.schema.keyColumns(table);
  }

  protected rowKey(table: TableEntry): ColumnEntry {
    const key = this.primaryKey(table)[0] ?? table.columns[0];
    if (!key) throw new PlanningFailure('unsupported', table.table.name);
    return key;
  }

  /** True where each row of `table` has one row of `other` at most. */
  protected hasOne(table: TableEntry, other: TableEntry): boolean {
    return this.graph.path(table.table.name, other.table.name)?.every((step) => !step.fansOut) === true;
  }

  /** All tables that are related to one, nearest first. */
  protected nearTables(main: TableEntry): TableEntry[] {
    const distance = (table: TableEntry): number => this.graph.distance(main.table.name, table.table.name);
    return this.evidence.schema.tables.filter((table) => distance(table) < 4).sort((a, b) => distance(a) - distance(b));
  }

  protected superlativeColumn(
    superlative: Superlative,
    main: TableEntry,
  ): { column: ColumnEntry; reversed: boolean } | null {
    const { measure } = superlative;
    if (measure.concept !== null) {
      const entity = superlative.entity ? this.resolver.table(superlative.entity) : null;
      const near = [...(entity ? [entity] : []), main, ...this.resolver.anchors];
      // Whatever else is related says nothing of the thing itself: a member is not as old as the books that they read.
      const related = this.nearTables(main).filter((table) => this.hasOne(main, table));
      return this.resolver.concept(measure.concept, [...near, ...related]);
    }
    if (!measure.of) return null;
    const target = this.target(measure.of, null, main);
    return target?.kind === 'column' ? { column: target.column, reversed: false } : null;
  }

  /** Groups by what is shown, and by the key of the rows whose name is shown, unless each has one row of what is `counted`. */
  protected groupByShown(query: Query, counted: TableEntry | null = null): void {
    if (query.groupBy.length > 0) return;
    for (const { expression } of query.select) {
      if (isAggregate(expression)) continue;
      if (expression.kind === 'column') {
        const table = this.evidence.schema.table(expression.table);
        const shown = table?.columns.find((column) => column.column.name === expression.column);
        const isEntity =
          table &&
          shown &&
          (query.select.filter((item) => !isAggregate(item.expression)).length > 1 ||
            shown === this.evidence.schema.nameColumn(table)) &&
          !isLabel(shown);
        const path = table && counted && this.graph.path(table.table.name, counted.table.name);
        const hasOne = path != null && path.length > 0 && path.every((step) => !step.fansOut);
        if (table && isEntity && !hasOne)
          for (const key of this.primaryKey(table)) pushUnique(query.groupBy, this.bare(key));
      }
      pushUnique(query.groupBy, expression);
    }
  }

  /** True where all that is shown is a label that many rows share: "countries with …" speaks of the countries. */
  protected isLabelShown(query: Query, main: TableEntry): boolean {
    const [only] = query.select;
    if (query.select.length !== 1 || only?.expression.kind !== 'column') return false;
    const shown = only.expression;
    const entry = main.columns.find(({ column }) => column.name === shown.column);
    const isOwn = shown.table === main.table.name && entry !== undefined;
    return isOwn && !entry.isKey && isLabel(entry) && entry !== this.evidence.schema.nameColumn(main);
  }

  protected joins(root: string, tables: ReadonlySet<string>): Query['joins'] {
    const steps = this.graph.connect(root, tables);
    if (!steps) throw new PlanningFailure('unrelated', [root, ...tables].join(', '));
    return steps.map((step) => joinOf(step));
  }
}

/** "price" where a table is called `prices` and a column of amounts is called just `price`. */
function isExactMeasure({ segment }: Mention): boolean {
  const phrase = fold(segment.phrase);
  const exact = segment.names.filter(
    ({ entry }) => fold(entry.kind === 'table' ? entry.table.name : entry.column.name) === phrase,
  );
  return exact.length > 0 && exact.every(({ entry }) => entry.kind === 'column' && isNumeric(entry) && !entry.isKey);
}

function joinOf(step: Step): Query['joins'][number] {
  const forward = step.edge.from === step.source;
  return {
    table: step.target,
    on: step.edge.pairs.map((pair) => ({
      left: { kind: 'column', table: step.source, column: forward ? pair.from : pair.to },
      right: { kind: 'column', table: step.target, column: forward ? pair.to : pair.from },
    })),
  };
}

/** Nearly as many different values as rows: the few that are the same are namesakes. */
const NAMESAKES = 0.8;

/** True for a column whose values many rows share, so that it says which group a row is of, and not which row it is. */
export function isLabel({ column, table }: ColumnEntry): boolean {
  const { distinct } = column.stats;
  return distinct !== null && distinct < table.table.rowCount * NAMESAKES;
}

/** True for what has more and less: numbers, dates, and texts that spell them. */
export function isRankable(column: ColumnEntry): boolean {
  return !isText(column) || holdsNumberText(column) || holdsDateText(column);
}

export function pushUnique(expressions: Expression[], expression: Expression): void {
  if (!expressions.some((known) => sameExpression(known, expression))) expressions.push(expression);
}

export function phraseOf(superlative: Superlative): string {
  return [...superlative.segments.map((segment) => segment.phrase), superlative.measure.of?.segment.phrase ?? '']
    .join(' ')
    .trim();
}
