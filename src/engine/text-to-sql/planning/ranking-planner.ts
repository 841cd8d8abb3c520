/** Superlatives. */
import {
  holdsNumberText,
  isNumeric,
  isTemporal,
  isText,
  type ColumnEntry,
  type TableEntry,
} from '../evidence/schema-index.js';
import type { AggregateName } from '../lexicon/lexicon.js';
import type { Frame, Measure, Mention, Superlative } from '../reading/frame.js';
import { columnScore, tableScore } from '../reading/phrases.js';
import { isAggregate, sameExpression, type Expression, type Query, type SelectItem } from './algebra.js';
import { rankingMeasures } from './ranking-measures.js';
import { isRankable, PlanningFailure, phraseOf, pushUnique } from './plan-context.js';
import { NestedSuperlatives } from './nested-superlatives.js';

export abstract class RankingPlanner extends NestedSuperlatives {
  protected applySuperlative(
    query: Query,
    superlative: Superlative,
    frame: Frame,
    main: TableEntry,
    grouped: boolean,
  ): void {
    const { measure, direction } = superlative;
    const wasGrouped = query.groupBy.length > 0;
    if (frame.offset > 0) query.offset = frame.offset;
    if (
      measure.aggregate === 'count' ||
      (measure.of && !measure.aggregate && this.target(measure.of)?.kind === 'table')
    ) {
      this.orderByCount(query, superlative, main);
      return;
    }
    if (measure.concept === 'rank') {
      this.orderByRank(query, superlative, frame, main);
      return;
    }
    const worth = this.worthMean(measure);
    if (worth) {
      this.orderByWorked(query, superlative, { expression: this.take(worth), alias: null }, frame);
      return;
    }
    const found = this.superlativeColumn(superlative, main);
    if (!found) throw new PlanningFailure('unknown-column', phraseOf(superlative));
    const { column, reversed } = found;
    if (column.metric) {
      const item = { expression: this.column(column), alias: column.words.join('_') };
      this.orderByWorked(query, superlative, item, frame);
      return;
    }
    const counts = superlative.segments.some(({ cue }) => cue?.kind === 'superlative' && cue.counts !== undefined);
    // "the most prescribed" is not the latest.
    if (counts && isTemporal(column)) throw new PlanningFailure('unranked', phraseOf(superlative));
    if (!isRankable(column) && measure.concept === null) {
      // Texts have no amount: "the most versions" counts the different ones.
      if (!counts) throw new PlanningFailure('unranked', phraseOf(superlative));
      this.orderByCount(query, { ...superlative, measure: { ...measure, aggregate: 'count', distinct: true } }, main);
      return;
    }
    const flipped = reversed ? (direction === 'asc' ? 'desc' : 'asc') : direction;
    const aggregated = this.sameAggregate(query, column, measure.aggregate);
    if (aggregated) {
      query.orderBy.push({ expression: aggregated, direction: flipped });
    } else {
      const fansOut = this.graph.path(main.table.name, column.table.table.name)?.some((step) => step.fansOut) === true;
      const isTop = saysTop(superlative);
      const isRate = this.isRate(column);
      const ofRows = [superlative.entity, ...frame.subjects].some((thing) => this.namesTable(thing));
      // "the highest salary" may be that of one row; "the most rain" and "the highest revenue" are not.
      const isAmount = column.words.some((word) => this.evidence.lexicon.amountWords.has(word));
      const isOfAll = !isRate && !ofRows && (isTop || isAmount || saysMost(superlative));
      const isShared = (superlative.limit > 1 || isOfAll) && this.groupsByLabel(query, main, column);
      const isTotal =
        measure.aggregate !== null ||
        (fansOut && isTop && !isRate) ||
        column.formula !== null ||
        (grouped && isAggregatedQuery(query)) ||
        (fansOut && isNumeric(column) && superlative.limit > 1) ||
        isShared;
      const of = isText(column) && holdsNumberText(column) ? this.numeric(column) : this.column(column);
      if (isTotal && isNumeric(column)) {
        const isSum = grouped || isShared || superlative.limit > 1 || column.formula !== null || (fansOut && isTop);
        const mean = isShared && isRate && !fansOut ? 'avg' : 'max';
        const name = measure.aggregate ?? (isSum && !isRate ? 'sum' : mean);
        const expression: Expression = { kind: 'aggregate', name, distinct: false, of };
        this.groupByShown(query);
        query.orderBy.push({ expression, direction: flipped });
        if (superlative.limit > 1 && !query.select.some((item) => sameExpression(item.expression, expression)))
          query.select.push({ expression, alias: null });
      } else {
        // "the longest album" of tracks that have a length: by all of them, or by one, is not said.
        const ranked = superlative.entity ? this.target(superlative.entity) : null;
        const isOfMain = ranked?.kind !== 'table' || ranked.table === main;
        if (fansOut && isOfMain && measure.concept !== null && measure.of === null)
          throw new PlanningFailure('unranked', phraseOf(superlative));
        query.orderBy.push({ expression: of, direction: flipped });
        if (this.showsRank(superlative, query, frame, main))
          query.select.push({ expression: this.column(column), alias: null });
      }
    }
    query.limit = frame.limit ?? superlative.limit;
    if (query.perGroup === null && !wasGrouped) this.limitEachPart(query);
  }

  /** "top 3 salespersons by average selling price", where the glossary says what that is; "by average order value". */
  private orderByWorked(query: Query, superlative: Superlative, item: SelectItem, frame: Frame): void {
    const { expression } = item;
    const wasGrouped = query.groupBy.length > 0;
    this.groupByShown(query);
    query.orderBy.push({ expression, direction: superlative.direction });
    query.limit = frame.limit ?? superlative.limit;
    const isShown = query.select.some((shown) => sameExpression(shown.expression, expression));
    if (superlative.limit > 1 && !isShown) query.select.push(item);
    if (!wasGrouped) this.limitEachPart(query);
  }

  /** "the top 3 of each country": the first rows of each part. */
  private limitEachPart(query: Query): void {
    if (this.partition.length === 0 || query.limit === null) return;
    if (query.groupBy.length > 0) for (const part of this.partition) pushUnique(query.groupBy, part);
    query.perGroup = { partition: this.partition, limit: query.limit };
    query.limit = null;
  }

  /** A list of the top few shows what it is ranked by. */
  protected showsRank(superlative: Superlative, query: Query, { outputs }: Frame, main: TableEntry): boolean {
    const isTop =
      superlative.limit > 1 && superlative.segments[0]?.cue?.kind === 'top' && superlative.measure.concept === null;
    // "the names of the top 3" says what to show.
    const isThing = outputs.every(
      ({ of }) => of === null || tableScore(of.segment) >= columnScore(of.segment) || this.standsForRow(of, main),
    );
    return isTop && isThing && query.select.length === 1 && !query.select.some((item) => isAggregate(item.expression));
  }

  /** "countries" of a table whose rows go by their `country`; a `name` is shown because it is asked for. */
  private standsForRow(of: Mention, main: TableEntry): boolean {
    const { schema, lexicon } = this.evidence;
    const target = this.target(of);
    if (target?.kind !== 'column' || target.column !== schema.nameColumn(main)) return false;
    return !target.column.words.some((word) => lexicon.displayWords.has(word));
  }

  /** "top 5 countries by sales" on rows that are no countries: what is shown is a label or a time that many rows share. */
  protected groupsByLabel(query: Query, main: TableEntry, column: ColumnEntry): boolean {
    const [only] = query.select;
    if (query.select.length !== 1 || !only || !isNumeric(column)) return false;
    if (only.expression.kind === 'truncate') return true;
    if (only.expression.kind !== 'column') return false;
    const shown = only.expression;
    const entry = this.evidence.schema
      .table(shown.table)
      ?.columns.find((candidate) => candidate.column.name === shown.column);
    const distinct = entry?.column.stats.distinct ?? null;
    if (!entry || distinct === null || entry.table !== main || isNumeric(entry) || holdsNumberText(entry)) return false;
    return this.evidence.schema.nameColumn(main) !== entry && distinct < main.table.rowCount * 0.5;
  }

  private namesTable(thing: Mention | null): boolean {
    return thing !== null && this.target(thing)?.kind === 'table';
  }

  protected sameAggregate(query: Query, column: ColumnEntry, name: AggregateName | null): Expression | null {
    for (const { expression } of query.select) {
      if (expression.kind !== 'aggregate' || expression.of === null) continue;
      const matches = sameExpression(expression.of, this.bare(column));
      if (matches && (name === null || name === expression.name)) return expression;
    }
    return null;
  }

  protected orderByRank(query: Query, superlative: Superlative, frame: Frame, main: TableEntry): void {
    query.limit = superlative.limit;
    if (frame.superlatives.length > 1 || frame.orders.length > 0) return;
    const aggregated = query.select.find((item) => isAggregate(item.expression));
    if (aggregated) {
      query.orderBy.push({ expression: aggregated.expression, direction: superlative.direction });
      return;
    }
    const cue = superlative.segments[0]?.cue;
    const key = this.primaryKey(main)[0];
    // "the first five" may follow the key; what "top" ranks by has to be said.
    const time = this.ownTime(main);
    if (cue?.kind !== 'top' || !cue.byPosition || !(key || time)) {
      this.orderByChosen(query, superlative, frame, main);
      return;
    }
    const order = superlative.direction === 'desc' ? ('asc' as const) : ('desc' as const);
    // The last orders are the latest ones, where orders have a date.
    if (time) query.orderBy.push({ expression: this.bare(time), direction: order });
    if (key) query.orderBy.push({ expression: this.bare(key), direction: order });
    this.limitEachPart(query);
  }

  /** "best customers": by what is asked back, unless there is only one measure. */
  private orderByChosen(query: Query, superlative: Superlative, frame: Frame, main: TableEntry): void {
    const { segment } = superlative.measure;
    const [opening] = superlative.segments;
    // "which brand sells best": the best brand.
    const shown = opening?.cue?.kind === 'superlative' ? frame.outputs[0]?.of?.segment.phrase : undefined;
    const phrase = `${opening?.phrase ?? ''} ${superlative.entity?.segment.phrase ?? shown ?? ''}`.trim();
    const reading = this.resolver.oneOf(phrase, rankingMeasures(main, this.evidence, this.graph));
    if (!reading || !segment) throw new PlanningFailure('unranked', phraseOf(superlative));
    const { column, use } = reading;
    const entry = use === 'count' ? column.table : column;
    const named = { ...segment, cue: null, names: [{ entry, score: 1, qualified: true }], values: [] };
    const of = { segment: named, owner: null, isEntity: use === 'count' };
    const measure: Measure = { ...superlative.measure, of, concept: null, aggregate: use ?? null };
    this.applySuperlative(query, { ...superlative, measure }, frame, main, false);
  }

  /** "the most orders", "most common": order by how many rows stand behind each shown thing. */
  protected orderByCount(query: Query, superlative: Superlative, main: TableEntry): void {
    const { measure } = superlative;
    const target = measure.of ? this.target(measure.of) : null;
    const shownCount = query.select.find(
      (item) => item.expression.kind === 'aggregate' && item.expression.name === 'count',
    );
    let expression: Expression;
    if (shownCount && (!target || !measure.distinct)) expression = shownCount.expression;
    else if (target?.kind === 'table') {
      this.joined.add(target.table.table.name);
      expression =
        target.table === main
          ? { kind: 'aggregate', name: 'count', distinct: false, of: null }
          : this.countRows(target.table, main);
    } else if (target?.kind === 'column') {
      const { column } = target;
      if (isNumeric(column) && !column.isKey && !measure.distinct) {
        query.orderBy.push({ expression: this.column(column), direction: superlative.direction });
        query.limit = superlative.limit;
        return;
      }
      expression = { kind: 'aggregate', name: 'count', distinct: measure.distinct, of: this.column(column) };
    } else {
      expression = { kind: 'aggregate', name: 'count', distinct: false, of: null };
    }
    this.groupByShown(query, target?.kind === 'table' ? target.table : null);
    query.orderBy.push({ expression, direction: superlative.direction });
    query.limit = superlative.limit;
    if (superlative.limit > 1 && !query.select.some((item) => sameExpression(item.expression, expression)))
      query.select.push({ expression, alias: null });
  }
}

function isAggregatedQuery(query: Query): boolean {
  return query.groupBy.length > 0 || query.select.some((item) => isAggregate(item.expression));
}

/** "top", "best-selling": all that belongs to a thing counts, and not its best row. */
function saysTop({ segments }: Superlative): boolean {
  const cue = segments[0]?.cue;
  return cue?.kind === 'top' || (cue?.kind === 'superlative' && cue.isOfAll === true);
}

/** "the most water": an amount of all rows, and not the largest of one. */
function saysMost({ segments }: Superlative): boolean {
  return segments.some(({ cue }) => cue?.kind === 'superlative' && cue.counts === 'things');
}
