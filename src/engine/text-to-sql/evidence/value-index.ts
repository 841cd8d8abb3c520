/** The distinct values of a catalogue's text columns, found again by exact, inflected, partial or mistyped spelling. */
import { editDistance, typingErrorLimit } from '../language/edit-distance.js';
import { normalizeValue } from '../language/tokens.js';
import type { Lexicon } from '../lexicon/lexicon.js';
import type { ColumnEntry, SchemaIndex } from './schema-index.js';

export interface ValueHit {
  column: ColumnEntry;
  /** As it stands in the data. */
  value: string;
  /** 0 to 1: how exactly the words of the question spell it. */
  score: number;
}

interface Stored {
  column: ColumnEntry;
  value: string;
}

/** Longer values are prose; nobody asks for them word by word. */
const LONGEST_VALUE = 120;
const MOST_PARTIAL_HITS = 12;
/** Values of one source, at about 500 bytes each; beyond it, columns with the most values are left out. */
export const MOST_VALUES = 200_000;

export class ValueIndex {
  private readonly exact = new Map<string, Stored[]>();
  private readonly byWord = new Map<string, Set<string>>();
  private readonly bySize = new Map<string, string[]>();

  constructor(
    schema: SchemaIndex,
    private readonly lexicon: Lexicon,
  ) {
    const kept = columnsWithin(schema, MOST_VALUES);
    for (const table of schema.tables) {
      for (const column of table.columns) {
        if (!kept.has(column)) continue;
        for (const value of column.column.values ?? []) if (value.length <= LONGEST_VALUE) this.add(column, value);
      }
    }
  }

  /** How many spellings are known. */
  get size(): number {
    return this.exact.size;
  }

  /** Values that the words spell, by exact spelling first. `written` is the phrase as it stands in the question. */
  find(phrase: string, written: string): ValueHit[] {
    const hits: ValueHit[] = [];
    for (const stored of this.exact.get(phrase) ?? [])
      hits.push({ ...stored, score: stored.value === written ? 1 : 0.97 });
    if (hits.length === 0) {
      const singular = this.inflected(phrase);
      for (const stored of this.exact.get(singular) ?? []) hits.push({ ...stored, score: 0.9 });
    }
    return hits;
  }

  /** Values of which the phrase is a whole-word part: "Kennedy" in "John F. Kennedy". */
  findPart(phrase: string): ValueHit[] {
    const words = phrase.split(' ').filter((word) => word.length > 2);
    const first = words[0];
    if (first === undefined) return [];
    const hits: ValueHit[] = [];
    for (const norm of this.byWord.get(first) ?? []) {
      if (!` ${norm} `.includes(` ${phrase} `)) continue;
      const score = 0.55 + 0.3 * (phrase.length / norm.length);
      for (const stored of this.exact.get(norm) ?? []) hits.push({ ...stored, score });
    }
    return hits.length <= MOST_PARTIAL_HITS ? hits : [];
  }

  /** Columns of which some value contains the phrase, wherever its words begin or end. */
  columnsContaining(phrase: string): ColumnEntry[] {
    const columns = new Set<ColumnEntry>();
    for (const [norm, stored] of this.exact)
      if (norm.includes(phrase)) for (const { column } of stored) columns.add(column);
    return [...columns];
  }

  /** Values that differ from the phrase by a typing error or two. */
  findMistyped(phrase: string): ValueHit[] {
    const limit = typingErrorLimit(phrase.length);
    const hits: ValueHit[] = [];
    for (let length = phrase.length - limit; length <= phrase.length + limit; length += 1) {
      for (const norm of this.bySize.get(`${phrase[0]}${length}`) ?? []) {
        const distance = editDistance(phrase, norm, limit);
        if (distance === 0 || distance > limit) continue;
        for (const stored of this.exact.get(norm) ?? []) hits.push({ ...stored, score: 0.84 - 0.06 * distance });
      }
    }
    return hits.length <= MOST_PARTIAL_HITS ? hits : [];
  }

  private inflected(phrase: string): string {
    const words = phrase.split(' ');
    const last = words.pop() ?? '';
    return [...words, this.lexicon.lemma(last)].join(' ');
  }

  private add(column: ColumnEntry, value: string): void {
    const norm = normalizeValue(value);
    if (norm === '') return;
    const stored = { column, value };
    const known = this.exact.get(norm);
    if (known) {
      known.push(stored);
    } else {
      this.exact.set(norm, [stored]);
      const size = `${norm[0]}${norm.length}`;
      const sameSize = this.bySize.get(size);
      if (sameSize) sameSize.push(norm);
      else this.bySize.set(size, [norm]);
      const words = norm.split(' ');
      if (words.length > 1) {
        for (const word of words) {
          const values = this.byWord.get(word);
          if (values) values.add(norm);
          else this.byWord.set(word, new Set([norm]));
        }
      }
    }
    const singular = this.inflected(norm);
    if (singular !== norm && !this.exact.has(singular)) this.exact.set(singular, [stored]);
  }
}

/** The columns whose values are no more than `most` together, those with few values first: they are asked for most. */
function columnsWithin(schema: SchemaIndex, most: number): ReadonlySet<ColumnEntry> {
  const columns = schema.tables.flatMap((table) => table.columns).filter(({ column }) => column.values !== null);
  const kept = new Set<ColumnEntry>();
  let count = 0;
  for (const entry of columns.toSorted((a, b) => valueCount(a) - valueCount(b))) {
    count += valueCount(entry);
    if (count > most) break;
    kept.add(entry);
  }
  return kept;
}

function valueCount({ column }: ColumnEntry): number {
  return column.values?.length ?? 0;
}
