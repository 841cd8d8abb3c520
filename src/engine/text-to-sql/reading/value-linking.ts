/** Finds the values that words of a question may spell, by themselves, by another form, a code or a synonym. */
import type { Evidence } from '../evidence/evidence.js';
import type { ColumnEntry, NamedEntry } from '../evidence/schema-index.js';
import type { ValueHit } from '../evidence/value-index.js';
import { normalizeValue, type Token } from '../language/tokens.js';
import type { Cue } from '../lexicon/lexicon.js';
import type { NameLinker } from './name-linking.js';

export class ValueLinker {
  constructor(
    private readonly evidence: Evidence,
    private readonly names: NameLinker,
    private readonly cueOf: (norm: string) => Cue | null,
  ) {}

  /** Values that a span of words may spell, best first. */
  read(norm: string, phrase: string, tokens: readonly Token[]): ValueHit[] {
    const only = tokens.length === 1 ? tokens[0] : undefined;
    if (only && only.norm.length === 1 && (!only.capital || /^[AI]$/.test(only.text))) return [];
    if (tokens.every((token) => token.kind === 'number') && tokens.length > 1) return [];
    const { values, lexicon } = this.evidence;
    const hits = values.find(normalizeValue(phrase), phrase);
    if (hits.length === 0) {
      const forms = lexicon.valueForms.get(norm) ?? [];
      hits.push(
        ...forms.flatMap((form) => values.find(normalizeValue(form), form)).map((hit) => ({ ...hit, score: 0.9 })),
      );
    }
    if (hits.length === 0 && only) hits.push(...this.codedValues(lexicon.lemma(only.norm)));
    if (hits.length === 0 && only && !this.cueOf(only.norm)) hits.push(...this.synonymValues(lexicon.lemma(only.norm)));
    const isUnknown =
      hits.length === 0 &&
      (tokens.length > 1 ||
        (only &&
          !this.cueOf(only.norm) &&
          this.names.read(tokens[0] ? this.names.position(tokens[0]) : 0, 1).length === 0));
    const isProper = tokens.every((token) => token.capital || token.kind === 'number');
    if (isUnknown && isProper && !this.isPlaced(tokens[0])) hits.push(...values.findPart(normalizeValue(phrase)));
    if (isUnknown && hits.length === 0 && (isProper || tokens.length === 1))
      hits.push(...values.findMistyped(normalizeValue(phrase)));
    return hits.toSorted((a, b) => b.score - a.score);
  }

  /** "in Texas" is a place; a name that merely contains the word is not meant. */
  private isPlaced(token: Token | undefined): boolean {
    const before = token && this.names.before(token);
    return before !== undefined && this.cueOf(before.norm)?.kind === 'in';
  }

  /** "puppies" for the value `dog`, where no value and no name is spelled like the word. */
  private synonymValues(word: string): ValueHit[] {
    const { lexicon, schema, values } = this.evidence;
    if (schema.byWord.has(word)) return [];
    return [...(lexicon.synonyms.get(word) ?? [])]
      .flatMap((synonym) => values.find(synonym, synonym))
      .map((hit) => ({ ...hit, score: 0.8 }));
  }

  /** "female" for the value `F` of a column about sex. */
  private codedValues(word: string): ValueHit[] {
    const hits: ValueHit[] = [];
    for (const code of this.evidence.lexicon.codes) {
      if (!code.words.includes(word)) continue;
      for (const column of this.columnsNamed(code.columns)) {
        const value = column.column.values?.find((candidate) => code.values.includes(normalizeValue(candidate)));
        if (value !== undefined) hits.push({ column, value, score: 0.9 });
      }
    }
    return hits;
  }

  private columnsNamed(words: readonly string[]): ColumnEntry[] {
    const entries = words.flatMap((word) => this.evidence.schema.byWord.get(word) ?? []);
    return entries.filter((entry: NamedEntry): entry is ColumnEntry => entry.kind === 'column');
  }
}
