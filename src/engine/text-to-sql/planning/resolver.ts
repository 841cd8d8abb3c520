/** Ties the phrases of a frame to single tables, columns and values, by the strength of the link and by nearness. */
import type { ColumnEntry, NamedEntry, TableEntry } from '../evidence/schema-index.js';
import { isNumeric, isTemporal } from '../evidence/schema-index.js';
import type { ValueHit } from '../evidence/value-index.js';
import type { Frame, Mention } from '../reading/frame.js';
import { columnScore, tableScore } from '../reading/phrases.js';
import { fold } from '../language/tokens.js';
import type { Evidence } from '../evidence/evidence.js';
import type { Segment } from '../reading/segments.js';
import type { JoinGraph } from './join-graph.js';
import { frameMentions, joinable, likelyTables, rivalsOf, tableOf } from './spoken-tables.js';

/** A phrase for which two readings were about as good. */
export interface Ambiguity {
  phrase: string;
  /** `use` where the column is not meant as it is: its sum, or the number of its table's rows. */
  readings: { column: ColumnEntry; value: string | null; score: number; use?: 'sum' | 'count' }[];
}

/** The reading that was settled on for one phrase. */
export interface Decision {
  table: TableEntry;
  column: ColumnEntry | null;
  value: string | null;
  /** Strength of the link between the words and the name or value, 0 to 1. */
  link: number;
  /** True where an earlier answer to a question back settled it. */
  isRecalled?: boolean;
}

export interface Choice {
  phrase: string;
  table: string;
  column: string;
  /** Chosen for an earlier question of the same source. */
  isEarlier?: boolean;
}

const OWN_TABLE = 0.45;
const NEAR_TABLE = 0.25;
/** Decides between tables of one name in the singular and the plural. */
const EXACT_NAME = 0.03;

export class Resolver {
  readonly ambiguities: Ambiguity[] = [];
  anchors: TableEntry[] = [];
  /** What each phrase was read as, by the phrase's segment. */
  readonly decisions = new Map<Segment, Decision>();

  constructor(
    private readonly evidence: Evidence,
    readonly graph: JoinGraph,
    private readonly choices: readonly Choice[],
  ) {}

  /** Fixes the tables that the sentence surely speaks of; everything else is read as near to them as can be. */
  anchor(frame: Frame): void {
    const mentions = frameMentions(frame);
    const sure: TableEntry[] = [];
    const spoken = mentions.map(likelyTables);
    for (const mention of mentions) {
      const best = mention.segment.names[0];
      if (!best || best.score < 0.8) continue;
      const rivals = best.entry.kind === 'table' ? joinable(rivalsOf(mention), spoken, this.graph) : rivalsOf(mention);
      const tables = new Set(rivals.map(tableOf));
      const table = [...tables][0];
      const entry = rivals[0]?.entry;
      if (entry?.kind === 'table' && table && rivals.filter((reading) => reading.entry.kind === 'table').length === 1)
        sure.push(entry);
      else if (tables.size === 1 && table) sure.push(table);
    }
    this.anchors = [...new Set(sure)];
    for (const mention of mentions) {
      if (tableScore(mention.segment) < 0.6 || tableScore(mention.segment) < columnScore(mention.segment)) continue;
      const table = this.table(mention);
      if (table && !this.anchors.includes(table)) this.anchors.push(table);
    }
    if (this.anchors.length === 0) {
      for (const mention of mentions) {
        const column = this.column(mention);
        if (column) {
          this.anchors.push(column.table);
          break;
        }
      }
    }
    this.forgetAmbiguities();
  }

  /** The table a phrase names, nearest to what else the sentence names. */
  table(mention: Mention): TableEntry | null {
    if (mention.segment.names.length === 0) return this.value(mention, null)?.column.table ?? null;
    let best: TableEntry | null = null;
    let bestScore = -Infinity;
    for (const { entry, score } of mention.segment.names) {
      if (entry.kind !== 'table') continue;
      const isExact = fold(mention.segment.phrase) === fold(entry.table.name);
      const total = score + 0.5 * this.nearness(entry) + (isExact ? EXACT_NAME : 0);
      if (total > bestScore) [best, bestScore] = [entry, total];
    }
    if (best)
      this.decisions.set(mention.segment, { table: best, column: null, value: null, link: linkOf(mention, best) });
    return best;
  }

  /**
   * Settles a phrase that names nothing of its own by one of several columns that are as likely: the one that was
   * chosen, or the first, noting that it has to be asked about. Null where there is none.
   */
  oneOf(
    phrase: string,
    readings: readonly Omit<Ambiguity['readings'][number], 'score' | 'value'>[],
  ): (typeof readings)[number] | null {
    const chosen = this.choices.find((choice) => choice.phrase === phrase.toLowerCase());
    const known = readings.find(
      ({ column }) => chosen?.table === column.table.table.name && chosen.column === column.column.name,
    );
    if (known) return known;
    if (readings.length > 1)
      this.ambiguities.push({ phrase, readings: readings.map((reading) => ({ ...reading, value: null, score: 1 })) });
    return readings[0] ?? null;
  }

  /** The entity that a phrase belongs to, when it names a table. */
  ownerTable(mention: Mention): TableEntry | null {
    const { owner } = mention;
    if (!owner) return null;
    if (owner.segment.names.length === 0 && owner.segment.values.length > 0)
      return this.value(owner, null)?.column.table ?? null;
    return tableScore(owner.segment) > 0.5 ? this.table(owner) : null;
  }

  /** The column a phrase names; `near` is a table it should rather belong to. */
  column(
    mention: Mention,
    near: TableEntry | null = null,
    accepts: (column: ColumnEntry) => boolean = anyColumn,
  ): ColumnEntry | null {
    const owner = this.ownerTable(mention) ?? near;
    const chosen = this.choices.find((choice) => choice.phrase === mention.segment.phrase.toLowerCase());
    const scored: { column: ColumnEntry; value: null; score: number }[] = [];
    const ownNameOnly = this.ownerTable(mention) !== null && this.isDisplayWord(mention);
    for (const { entry, score, qualified } of mention.segment.names) {
      if (entry.kind !== 'column' || !accepts(entry)) continue;
      // The name of one thing is never the name of another.
      if (ownNameOnly && entry.table !== owner) continue;
      if (chosen && chosen.table === entry.table.table.name && chosen.column === entry.column.name) {
        const isRecalled = chosen.isEarlier === true;
        this.decisions.set(mention.segment, { table: entry.table, column: entry, value: null, link: 1, isRecalled });
        return entry;
      }
      const keyBonus = entry.isForeignKey ? -0.04 : entry.isKey ? 0.03 : 0;
      const total =
        score +
        this.closeness(entry.table, owner) +
        (qualified ? 0.2 : isWholeName(score, entry) ? 0.1 : 0) +
        keyBonus +
        sharedName(mention, entry);
      scored.push({ column: entry, value: null, score: total });
    }
    const name = owner && accepts === anyColumn && this.displayColumn(mention, owner);
    if (name) scored.push({ column: name, value: null, score: 0.95 + this.closeness(owner, owner) });
    scored.sort((a, b) => b.score - a.score);
    this.noteAmbiguity(mention.segment.phrase, scored);
    const best = scored[0]?.column ?? null;
    if (best)
      this.decisions.set(mention.segment, {
        table: best.table,
        column: best,
        value: null,
        link: linkOf(mention, best),
      });
    return best;
  }

  private isDisplayWord(mention: Mention): boolean {
    const { lexicon } = this.evidence;
    return lexicon.displayWords.has(lexicon.lemma(mention.segment.phrase.toLowerCase()));
  }

  /** "name" of an entity is the column that names its rows, whatever it is called. */
  private displayColumn(mention: Mention, owner: TableEntry): ColumnEntry | null {
    const { lexicon, schema } = this.evidence;
    const isDisplay = this.isDisplayWord(mention);
    const hasOwn = owner.columns.some(
      (column) => column.words.length === 1 && lexicon.displayWords.has(column.words[0] ?? ''),
    );
    return isDisplay && !hasOwn ? schema.nameColumn(owner) : null;
  }

  /** Reads a phrase as one column, whatever else it may name. */
  settle(mention: Mention, column: ColumnEntry): void {
    this.decisions.set(mention.segment, { table: column.table, column, value: null, link: linkOf(mention, column) });
  }

  /** Reads a phrase as several columns together, so that there is nothing to choose between them. */
  unite(mention: Mention, columns: readonly ColumnEntry[]): void {
    const at = this.ambiguities.findIndex(({ phrase }) => phrase === mention.segment.phrase);
    const readings = this.ambiguities[at]?.readings ?? [];
    if (at !== -1 && readings.every(({ column }) => columns.includes(column))) this.ambiguities.splice(at, 1);
  }

  /** The value of a column that a phrase spells. `column` is the phrase that names the column, when there is one. */
  value(mention: Mention, column: Mention | null, near: TableEntry | null = null): ValueHit | null {
    const chosen = this.choices.find((choice) => choice.phrase === mention.segment.phrase.toLowerCase());
    const named = new Map<ColumnEntry, number>();
    for (const { entry, score } of column?.segment.names ?? []) {
      if (entry.kind === 'column') named.set(entry, score);
      else for (const own of entry.columns) if (!named.has(own)) named.set(own, score * 0.5);
    }
    const scored: { column: ColumnEntry; value: string; score: number; hit: ValueHit }[] = [];
    for (const hit of mention.segment.values) {
      if (chosen && chosen.table === hit.column.table.table.name && chosen.column === hit.column.column.name) {
        const isRecalled = chosen.isEarlier === true;
        const { column: read, value } = hit;
        this.decisions.set(mention.segment, { table: read.table, column: read, value, link: 1, isRecalled });
        return hit;
      }
      const score =
        hit.score +
        this.closeness(hit.column.table, near) +
        0.5 * (named.get(hit.column) ?? 0) +
        this.prepositionFit(mention, hit.column) -
        (hit.column.isForeignKey ? 0.05 : 0);
      scored.push({ column: hit.column, value: hit.value, score, hit });
    }
    scored.sort((a, b) => b.score - a.score);
    const best = scored[0];
    if (!best) return null;
    this.noteAmbiguity(
      mention.segment.phrase,
      scored.filter((candidate) => candidate.column !== best.column || candidate === best),
    );
    const { hit } = best;
    this.decisions.set(mention.segment, {
      table: hit.column.table,
      column: hit.column,
      value: hit.value,
      link: hit.score,
    });
    return hit;
  }

  /** "from LAX to ORD": columns of origins fit "from", those of destinations fit "to". */
  private prepositionFit(mention: Mention, column: ColumnEntry): number {
    const words = this.evidence.lexicon.prepositionNames.get(mention.preposition ?? '');
    return words && column.words.some((word) => words.has(word)) ? 0.3 : 0;
  }

  /** The column that measures a quality such as "age" or "price"; `reversed` when it runs the other way. */
  concept(name: string, near: readonly TableEntry[]): { column: ColumnEntry; reversed: boolean } | null {
    const concept = this.evidence.lexicon.concepts.get(name);
    if (!concept) return null;
    for (const table of near) {
      for (const [words, reversed] of [
        [concept.columns, false],
        [concept.inverse, true],
      ] as const) {
        for (const word of words) {
          const column = table.columns.find(
            (entry) =>
              entry.words.includes(word) &&
              !entry.isKey &&
              (isNumeric(entry) || isTemporal(entry) || name === 'time' || entry.column.type === 'text'),
          );
          if (column) return { column, reversed };
        }
      }
      if (name === 'time') {
        const temporal = table.columns.find(isTemporal);
        if (temporal) return { column: temporal, reversed: false };
      }
    }
    return null;
  }

  private closeness(table: TableEntry, owner: TableEntry | null): number {
    let score = this.nearness(table);
    if (owner === table) score += OWN_TABLE;
    else if (owner) score += 0.1 / Math.max(1, this.graph.distance(owner.table.name, table.table.name));
    return score;
  }

  /** From -0.5 (unrelated) to 0.25 (named in the sentence). */
  private nearness(table: TableEntry): number {
    if (this.anchors.length === 0) return 0;
    let best = -0.5;
    for (const [index, anchor] of this.anchors.entries()) {
      const distance = this.graph.distance(anchor.table.name, table.table.name);
      if (distance === Infinity) continue;
      const score = distance === 0 ? NEAR_TABLE - 0.02 * Math.min(index, 4) : 0.12 - 0.06 * distance;
      best = Math.max(best, score);
    }
    return best;
  }

  /** Forgets what was noted while the anchors were not yet known. */
  private forgetAmbiguities(): void {
    this.ambiguities.length = 0;
  }

  private noteAmbiguity(phrase: string, scored: { column: ColumnEntry; value: string | null; score: number }[]): void {
    const best = scored[0];
    const known = this.ambiguities.findIndex((ambiguity) => ambiguity.phrase === phrase);
    if (known !== -1) this.ambiguities.splice(known, 1);
    if (!best) return;
    const readings: typeof scored = [];
    for (const candidate of scored) {
      if (candidate.score <= best.score - 0.1 || readings.length === 5) break;
      // Two columns that a relationship ties together hold the same values.
      if (
        !readings.some(
          (known) => known.column === candidate.column || this.graph.areTied(known.column, candidate.column),
        )
      )
        readings.push(candidate);
    }
    if (readings.length > 1) this.ambiguities.push({ phrase, readings });
  }
}

/** A name of several words that is said in full is as telling as one with its table's. */
function isWholeName(score: number, { words }: ColumnEntry): boolean {
  return score > 0.98 && words.length > 1;
}

function linkOf(mention: Mention, entry: NamedEntry): number {
  return mention.segment.names.find((reading) => reading.entry === entry)?.score ?? 0.9;
}

/** "the name of the song" may be one column `song_name`, which both words speak of. */
function sharedName(mention: Mention, column: ColumnEntry): number {
  const owner = mention.owner?.segment;
  if (!owner || tableScore(owner) > 0.6) return 0;
  return owner.names.some((reading) => reading.entry === column) ? 0.5 : 0;
}

const anyColumn = (): boolean => true;
