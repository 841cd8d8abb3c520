/** The question cut into phrases, each with everything it may mean. */
import { PeriodReader } from '../language/periods.js';
import { normalizeValue, type Token, tokenize } from '../language/tokens.js';
import type { Evidence } from '../evidence/evidence.js';
import { isNumeric } from '../evidence/schema-index.js';
import type { Cue } from '../lexicon/lexicon.js';
import { NameLinker } from './name-linking.js';
import { BLANK, type Segment } from './segment.js';
import { ValueLinker } from './value-linking.js';

export type { Segment } from './segment.js';

interface Candidate {
  segment: Segment;
  weight: number;
}

/** From here on a word is the very name of a column. */
const EXACT = 0.97;
const LONGEST_NAME = 5;
const LONGEST_VALUE = 10;
const CURRENCY = /^[$€£¥]$/;

/** Cuts the question where the sum of the evidence is largest. */
export class Segmenter {
  private readonly names: NameLinker;
  private readonly valueLinker: ValueLinker;
  private readonly periods: PeriodReader;
  /** Numbers next to the sign of a currency. */
  private money: ReadonlySet<Token | undefined> = new Set();

  constructor(
    private readonly evidence: Evidence,
    now: Date,
  ) {
    this.names = new NameLinker(evidence);
    this.valueLinker = new ValueLinker(evidence, this.names, (norm) => this.cue(norm));
    this.periods = new PeriodReader(evidence.lexicon, now, evidence.calendar);
  }

  segment(question: string): Segment[] {
    const all = tokenize(question);
    const tokens = all.filter((token) => !CURRENCY.test(token.text));
    this.money = new Set(
      all.flatMap((token, index) => (CURRENCY.test(token.text) ? [all[index - 1], all[index + 1]] : [])),
    );
    this.names.begin(tokens);
    const best: { weight: number; from: number; candidate: Candidate | null }[] = [
      { weight: 0, from: 0, candidate: null },
    ];
    for (let end = 1; end <= tokens.length; end += 1) best.push({ weight: -Infinity, from: 0, candidate: null });
    for (let start = 0; start < tokens.length; start += 1) {
      const base = best[start]?.weight ?? 0;
      for (const candidate of this.candidates(tokens, start, question)) {
        const end = start + candidate.segment.length;
        const known = best[end];
        if (known && base + candidate.weight > known.weight) {
          best[end] = { weight: base + candidate.weight, from: start, candidate };
        }
      }
    }
    const segments: Segment[] = [];
    for (let end = tokens.length; end > 0;) {
      const step = best[end];
      if (!step?.candidate) break;
      segments.unshift(step.candidate.segment);
      end = step.from;
    }
    for (const [index, segment] of segments.entries()) segment.index = index;
    return segments;
  }

  private candidates(tokens: Token[], start: number, question: string): Candidate[] {
    const first = tokens[start];
    if (!first) return [];
    if (first.kind === 'quoted') return [this.quoted(tokens, start, question)];
    if (first.kind === 'mark')
      return [{ segment: { ...this.blank(tokens, start, 1, question), mark: first.text }, weight: 0 }];
    const candidates: Candidate[] = [];
    const longest = Math.min(tokens.length - start, LONGEST_VALUE);
    for (let length = 1; length <= longest; length += 1) {
      const last = tokens[start + length - 1];
      if (!last || last.kind === 'quoted' || (last.kind === 'mark' && /[?;"]/.test(last.text))) break;
      if (last.kind === 'mark' && last.text !== ')') continue;
      if (tokens.slice(start, start + length).some((token) => token.kind === 'mark')) {
        const spelled = this.markedValue(tokens, start, length, question);
        if (spelled) candidates.push(spelled);
        continue;
      }
      const candidate = this.span(tokens, start, length, question);
      if (candidate) candidates.push(candidate);
    }
    const period = this.periods.read(tokens, start);
    // A day that the data holds by name is a value.
    const isValue =
      period?.period.weekdays !== undefined && this.evidence.values.find(first.norm, first.text).length > 0;
    if (period && !isValue) {
      const segment = { ...this.blank(tokens, start, period.length, question), period: period.period };
      if (period.length === 1) segment.number = first.kind === 'number' ? first.value : null;
      if (segment.number !== null) segment.values = this.evidence.values.find(first.norm, first.text);
      candidates.push({ segment, weight: 1.2 * period.length + 0.2 * (period.length - 1) });
    }
    const number = this.number(tokens, start, question);
    if (number) candidates.push(number);
    const ordinal = this.ordinal(tokens, start, question);
    if (ordinal) candidates.push(ordinal);
    return candidates;
  }

  /** "quantity of" counts nothing where a column holds quantities. */
  private namesAmount({ kind }: Cue, start: number, length: number): boolean {
    const isCount = length === 2 && (kind === 'number-of' || kind === 'how-much');
    const best = isCount ? this.names.read(start, 1)[0] : undefined;
    return best?.entry.kind === 'column' && best.score >= EXACT && isNumeric(best.entry) && !best.entry.isKey;
  }

  private span(tokens: Token[], start: number, length: number, question: string): Candidate | null {
    const segment = this.blank(tokens, start, length, question);
    const norm = tokens
      .slice(start, start + length)
      .map((token) => token.norm)
      .join(' ');
    const first = tokens[start]?.norm ?? '';
    let weight = length === 1 ? 0 : -Infinity;
    const known = length <= this.evidence.lexicon.longestCue ? this.cue(norm) : null;
    const isVerb = known?.kind === 'hint' && known.opens === true && tokens[start - 1]?.kind !== 'mark';
    const cue: Cue | null = isVerb ? { kind: 'verb' } : known;
    if (cue && !this.namesAmount(cue, start, length)) {
      segment.cue = cue;
      const isMisplaced =
        (cue.kind === 'request' && length === 1 && !this.mayRequest(tokens[start - 1])) ||
        (cue.kind === 'number-of' && this.isNamed(tokens, start - 1));
      weight = isMisplaced ? 0.6 : length * cueWeight(cue) + 0.15 * (length - 1);
    }
    if (length <= LONGEST_NAME) {
      const names = this.names.read(start, length);
      // "phone numbers of the suppliers" speaks of no "number of the supplier".
      segment.names = names[0]?.isLinked && this.isNamed(tokens, start - 1) ? [] : names;
      const score = segment.names[0]?.score ?? 0;
      segment.isState = length > 1 && this.cue(first)?.kind === 'in' && segment.names[0]?.entry.words[0] === first;
      if (score > 0) {
        const nameWeight = score * length + (score >= 0.97 ? 0.25 : 0.12) * (length - 1) + (score >= 0.9 ? 0.1 : 0);
        if (segment.cue?.kind === 'order-by') segment.verbNames = segment.names;
        if (segment.cue && segment.cue.kind !== 'verb' && nameWeight <= weight && score < 0.9) segment.names = [];
        else if (segment.cue?.kind === 'verb' && (nameWeight <= weight || this.isPastForm(segment, norm))) {
          segment.verbNames = segment.names;
          segment.names = [];
        } else if (segment.cue?.kind === 'request' && this.surelyRequests(tokens, start + length)) segment.names = [];
        else if (nameWeight > weight && segment.cue && score >= 0.9 && !keepsCue(segment.cue)) segment.cue = null;
        weight = Math.max(weight, nameWeight);
      }
    }
    if (segment.cue?.kind === 'verb' && length === 1 && segment.names.length + segment.verbNames.length === 0)
      segment.verbNames = this.names.deeds(norm);
    if (!segment.cue || segment.capital || segment.cue.kind === 'verb' || segment.cue.kind === 'new') {
      segment.values = this.valueLinker.read(norm, segment.phrase, tokens.slice(start, start + length));
      const score = segment.values[0]?.score ?? 0;
      // Where things have a state that is called so, "new" is that state.
      if (segment.cue?.kind === 'new' && score > 0) segment.cue = null;
      if (score > 0) {
        weight = Math.max(weight, score * length + 0.15 * (length - 1) + (length > 1 || segment.capital ? 0.1 : 0));
      }
    }
    return weight === -Infinity ? null : { segment, weight };
  }

  /** "state", "report" ask for something only where a sentence or a new clause begins. */
  private mayRequest(before: Token | undefined): boolean {
    if (!before || before.kind === 'mark') return true;
    const kind = this.cue(before.norm)?.kind;
    return kind === 'request' || kind === 'and' || kind === 'pronoun' || kind === 'what' || kind === 'or';
  }

  /** "spent" says what somebody did, though what was spent is called so; "injured" is the name of a column itself. */
  private isPastForm({ isParticiple, names }: Segment, norm: string): boolean {
    return isParticiple && names[0]?.entry.kind === 'column' && !this.evidence.schema.byWord.has(norm);
  }

  /** "Show the …" asks, where a table is called `show`. */
  private surelyRequests(tokens: readonly Token[], next: number): boolean {
    const kind = this.cue(tokens[next]?.norm ?? '')?.kind;
    return kind !== undefined && ['filler', 'pronoun', 'any', 'each', 'distinct', 'what', 'how-many'].includes(kind);
  }

  /** "phone number of": the number belongs to the word before it. */
  private isNamed(tokens: readonly Token[], at: number): boolean {
    const token = tokens[at];
    if (!token || token.kind !== 'word' || this.cue(token.norm)) return false;
    const best = this.names.read(at, 1)[0];
    return best?.entry.kind === 'column' && best.score > 0.9 && best.entry.column.type === 'text';
  }

  /** A value with marks inside, "Widget 3000 (large)", which nothing but a value can be. */
  private markedValue(tokens: Token[], start: number, length: number, question: string): Candidate | null {
    const segment = this.blank(tokens, start, length, question);
    // "ORD)" closes what was opened before it.
    if (segment.phrase.endsWith(')') && !segment.phrase.includes('(')) return null;
    segment.values = this.evidence.values.find(normalizeValue(segment.phrase), segment.phrase);
    return segment.values.length > 0 ? { segment, weight: 1.2 * length } : null;
  }

  private cue(norm: string): Cue | null {
    const { cues, isVerb } = this.evidence.lexicon;
    return cues.get(norm) ?? (isVerb(norm) ? { kind: 'verb', mayBeNoun: norm.endsWith('s') } : null);
  }

  private quoted(tokens: Token[], start: number, question: string): Candidate {
    const token = tokens[start];
    const text = token?.text ?? '';
    const segment = { ...this.blank(tokens, start, 1, question), phrase: text, quoted: true };
    const { values } = this.evidence;
    segment.values = values.find(normalizeValue(text), text);
    if (/^-?\d+(?:\.\d+)?$/.test(text)) segment.number = Number(text);
    return { segment, weight: 1.5 };
  }

  /** "second" in "the second largest". */
  private ordinal(tokens: Token[], start: number, question: string): Candidate | null {
    const place = this.evidence.lexicon.ordinals.get(tokens[start]?.norm ?? '');
    if (place === undefined) return null;
    const { cues, longestCue } = this.evidence.lexicon;
    for (let length = 1; length <= longestCue; length += 1) {
      const phrase = tokens.slice(start + 1, start + 1 + length).map(({ norm }) => norm);
      const cue = cues.get(phrase.join(' '));
      if (phrase.length === length && (cue?.kind === 'superlative' || cue?.kind === 'frequent'))
        return { segment: { ...this.blank(tokens, start, 1, question), cue: { kind: 'ordinal', place } }, weight: 1.5 };
    }
    return null;
  }

  /** "20", "3k", "2.5 million", "20 %", "twenty five". */
  private number(tokens: Token[], start: number, question: string): Candidate | null {
    const { lexicon } = this.evidence;
    const first = tokens[start];
    if (!first) return null;
    const glued = /^(\d+(?:\.\d+)?)(\p{L}+)$/u.exec(first.norm);
    let value = first.value ?? lexicon.numberWords.get(first.norm) ?? null;
    let length = 1;
    if (value === null && glued) {
      const factor = lexicon.magnitudes.get(glued[2] ?? '');
      if (factor !== undefined) value = Number(glued[1]) * factor;
    }
    if (value === null) return null;
    const next = tokens[start + 1];
    const tail = next && first.kind === 'word' && value >= 20 ? (lexicon.numberWords.get(next.norm) ?? null) : null;
    if (tail !== null && tail < 10) {
      value += tail;
      length = 2;
    }
    const joined = tokens[start + length];
    const factor = joined?.kind === 'word' ? lexicon.magnitudes.get(joined.norm) : undefined;
    if (factor !== undefined && (joined?.norm.length !== 1 || joined.start === first.end)) {
      value *= factor;
      length += 1;
    }
    const percent = tokens[start + length]?.text === '%' || tokens[start + length]?.norm === 'percent';
    if (percent) length += 1;
    const unit = tokens[start + length];
    const isMoney = this.money.has(first) || (unit !== undefined && lexicon.moneyWords.has(unit.norm));
    const span = percent ? undefined : lexicon.durations.get(unit?.norm ?? '');
    // "euros" says no more than that it is money, unless something in the data is called so.
    const isSpoken = unit !== undefined && lexicon.moneyWords.has(unit.norm);
    if (span !== undefined || (isSpoken && this.names.read(start + length, 1).length === 0)) length += 1;
    const duration = span === undefined ? null : value * span;
    const segment = { ...this.blank(tokens, start, length, question), number: value, percent, isMoney, duration };
    if (length === 1) segment.values = this.evidence.values.find(first.norm, first.text);
    return { segment, weight: 1.05 * length + 0.1 * (length - 1) };
  }

  private blank(tokens: Token[], start: number, length: number, question: string): Segment {
    const { lexicon } = this.evidence;
    const first = tokens[start];
    const last = tokens[start + length - 1];
    const from = first?.start ?? 0;
    const to = last?.end ?? 0;
    return {
      ...BLANK,
      index: 0,
      phrase: question.slice(from, to),
      start: from,
      end: to,
      length,
      capital: first?.capital ?? false,
      isParticiple: lexicon.isParticiple(first?.norm ?? '', last?.norm ?? ''),
      isEmptyVerb: lexicon.isEmptyVerb(first?.norm ?? ''),
      isPlural: last !== undefined && lexicon.lemma(last.norm) !== last.norm,
      isShareWord: length === 1 && lexicon.shareWords.has(first?.norm ?? ''),
      countsTimes: length === 1 && lexicon.timesWords.has(first?.norm ?? ''),
      timeUnit: length === 1 ? (lexicon.timeUnits.get(first?.norm ?? '') ?? null) : null,
      isUnit: length === 1 && lexicon.unitWords.has(first?.norm ?? ''),
      isRangeWord: length === 1 && lexicon.rangeWords.has(first?.norm ?? ''),
    };
  }
}

function cueWeight(cue: Cue): number {
  if (cue.kind === 'verb' || cue.kind === 'filler') return 0.75;
  if (cue.kind === 'share' || cue.kind === 'how-much') return 0.9;
  if (cue.kind === 'unit') return 0.8;
  if (cue.kind === 'aggregate' || cue.kind === 'superlative' || cue.kind === 'direction') return 1.2;
  return 1.05;
}

/** Cues that a question cannot do without give way to no name. */
function keepsCue(cue: Cue): boolean {
  return cue.kind === 'top' || cue.kind === 'unit' || cue.kind === 'number-of';
}
