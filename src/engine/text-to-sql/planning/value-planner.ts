/** Conditions about values and texts. */
import type { ColumnEntry, TableEntry } from '../evidence/schema-index.js';
import { normalizeValue } from '../language/tokens.js';
import type { Condition, Mention } from '../reading/frame.js';
import { columnScore } from '../reading/phrases.js';
import type { Predicate } from './algebra.js';
import type { Step } from './join-graph.js';
import { Memberships } from './memberships.js';
import { PlanningFailure } from './plan-context.js';

export abstract class ValuePlanner extends Memberships {
  protected matchColumn(mention: Mention | null, main: TableEntry): ColumnEntry {
    const named = mention && this.target(mention);
    if (named?.kind === 'column') return named.column;
    const table = named?.kind === 'table' ? named.table : main;
    const name = this.evidence.schema.nameColumn(table);
    if (!name) throw new PlanningFailure('unknown-column', mention?.segment.phrase ?? table.table.name);
    return name;
  }

  protected valueCondition(
    condition: Condition & { kind: 'value' },
    main: TableEntry,
  ): { predicate: Predicate; table: TableEntry; negatedValue: boolean; both: boolean } {
    const columnHint = condition.column && columnScore(condition.column.segment) > 0 ? condition.column : null;
    const spoken = condition.near ? this.resolver.table(condition.near) : null;
    const hits = condition.mentions.map((mention) => this.resolver.value(mention, condition.column, spoken ?? main));
    const found = hits.find((hit) => hit !== null);
    let column = found?.column ?? null;
    const values: string[] = [];
    for (const [index, mention] of condition.mentions.entries()) {
      const shared = column && mention.segment.values.find((hit) => hit.column === column);
      const hit = shared ?? hits[index];
      if (hit && (column === null || hit.column === column)) values.push(hit.value);
      else if (mention.segment.quoted) values.push(mention.segment.phrase);
      else if (hit) values.push(hit.value);
    }
    if (!column) {
      const first = condition.mentions[0];
      if (!first?.segment.quoted) throw new PlanningFailure('unknown-value', first?.segment.phrase ?? '');
      const part = this.partColumn(first, columnHint, main);
      if (part) {
        const predicate: Predicate = {
          kind: 'like',
          of: this.bare(part),
          how: 'contains',
          text: first.segment.phrase,
          negated: condition.negated,
        };
        return { predicate, table: part.table, negatedValue: false, both: false };
      }
      column = columnHint ? this.resolver.column(columnHint, main) : this.evidence.schema.nameColumn(main);
      if (!column) throw new PlanningFailure('unknown-value', first.segment.phrase);
      if (column.column.values !== null) throw new PlanningFailure('unknown-value', first.segment.phrase);
    }
    this.assertPlaced(condition, column, main);
    const left = this.bare(column);
    const all = new Set(values);
    const isRemote = this.graph.path(main.table.name, column.table.table.name)?.some((step) => step.fansOut) === true;
    if ((condition.all || (condition.conjoined && isRemote && !condition.negated)) && all.size > 1) {
      if (!isRemote) throw new PlanningFailure('contradiction', [...all].join(', '));
      const terms = [...all].map((value): Predicate =>
        this.somewhere(main, column.table, { kind: 'in', left, values: [value], negated: false }),
      );
      return { predicate: { kind: 'and', terms }, table: main, negatedValue: false, both: false };
    }
    return {
      predicate: { kind: 'in', left, values: [...all], negated: condition.negated },
      table: column.table,
      negatedValue: condition.negated,
      both: false,
    };
  }

  /** "to Los Angeles" is not about the airport that a flight comes from. */
  private leadsElsewhere(preposition: string, path: readonly Step[]): boolean {
    const { prepositionNames } = this.evidence.lexicon;
    const own = prepositionNames.get(preposition);
    if (!own) return false;
    const others = [...prepositionNames.values()].filter((words) => words !== own);
    return path.some(({ edge }) => {
      const columns = this.evidence.schema.table(edge.from)?.columns ?? [];
      const words = columns.find(({ column }) => column.name === edge.pairs[0]?.from)?.words ?? [];
      return words.some((word) => others.some((other) => other.has(word))) && !words.some((word) => own.has(word));
    });
  }

  /**
   * "orders in New York": where the rows, or what they belong to, have places of their own, a place of something else
   * that is related to them in several ways is not meant.
   */
  private assertPlaced(condition: Condition & { kind: 'value' }, column: ColumnEntry, main: TableEntry): void {
    const [mention] = condition.mentions;
    const { prepositionNames, concepts } = this.evidence.lexicon;
    if (!mention || condition.column || mention.segment.quoted) return;
    const path = this.graph.path(main.table.name, column.table.table.name);
    if (path && this.leadsElsewhere(mention.preposition ?? '', path))
      throw new PlanningFailure('unknown-value', mention.segment.phrase);
    if (!prepositionNames.get('in')?.has(mention.preposition ?? '')) return;
    const isFar = path !== null && path.length > 1 && path.some((step) => step.fansOut);
    const isSpoken = this.resolver.anchors.includes(column.table);
    if (!isFar || isSpoken) return;
    const places = new Set(concepts.get('place')?.columns ?? []);
    const isPlaced = (table: TableEntry): boolean =>
      table.columns.some(({ words }) => words.some((word) => places.has(word)));
    const owners = this.evidence.schema.tables.filter((table) => {
      const steps = this.graph.path(main.table.name, table.table.name);
      return steps?.every((step) => !step.fansOut) === true;
    });
    if (owners.some(isPlaced)) throw new PlanningFailure('unknown-value', mention.segment.phrase);
  }

  /** The column whose values contain a quoted text that is no whole value anywhere. */
  protected partColumn(mention: Mention, hint: Mention | null, main: TableEntry): ColumnEntry | null {
    const columns = this.evidence.values.columnsContaining(normalizeValue(mention.segment.phrase));
    const named = hint && this.resolver.column(hint, main, (column) => columns.includes(column));
    if (named) return named;
    const distance = (column: ColumnEntry): number =>
      Math.min(
        ...[main, ...this.resolver.anchors].map((table) =>
          this.graph.distance(table.table.name, column.table.table.name),
        ),
      );
    return columns.toSorted((a, b) => distance(a) - distance(b))[0] ?? null;
  }
}
