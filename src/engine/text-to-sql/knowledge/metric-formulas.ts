/** Reads the formula of a glossary term: `SUM(price * quantity) / COUNT(DISTINCT order_id)`. */
import type { ColumnEntry, TableEntry } from '../evidence/entries.js';
import { fold } from '../language/tokens.js';
import type { AggregateName } from '../lexicon/lexicon.js';
import { type Expression, isAggregate } from '../planning/algebra.js';

export interface Metric {
  expression: Expression;
  /** The columns it is worked out from. */
  columns: ColumnEntry[];
}

const AGGREGATES: ReadonlyMap<string, AggregateName> = new Map([
  ['count', 'count'],
  ['sum', 'sum'],
  ['avg', 'avg'],
  ['min', 'min'],
  ['max', 'max'],
  ['median', 'median'],
  ['stddev', 'stddev'],
]);
/** A name, quoted or not, behind that of its table. */
const NAME = '(?:[\\p{L}_][\\p{L}\\p{N}_$]*|"(?:[^"]|"")+")';
const TOKEN = new RegExp(`\\s*(?:(${NAME}(?:\\.${NAME})*)|(\\d+(?:\\.\\d+)?)|([()+\\-*/,]))`, 'uy');
const NAME_PART = new RegExp(NAME, 'gu');
const LONGEST_FORMULA = 500;

type Token = { kind: 'name'; parts: string[] } | { kind: 'number'; value: number } | { kind: 'mark'; text: string };

/**
 * The metric that a formula defines: aggregates of columns, tied by `+ - * /`. Null where the formula is anything else,
 * names a column that there is not (or several of that name in different tables), or gives no single number.
 */
export function readFormula(formula: string, tables: readonly TableEntry[]): Metric | null {
  if (formula.length > LONGEST_FORMULA) return null;
  const tokens = tokensOf(formula);
  if (!tokens) return null;
  const reader = new FormulaReader(tokens, tables);
  const expression = reader.read();
  return expression && isAggregate(expression) && reader.columns.length > 0
    ? { expression, columns: reader.columns }
    : null;
}

function tokensOf(text: string): Token[] | null {
  const tokens: Token[] = [];
  const rest = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < rest.length) {
    const match = TOKEN.exec(rest);
    if (!match) return null;
    const [, name, number, mark] = match;
    if (number !== undefined) tokens.push({ kind: 'number', value: Number(number) });
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
    else tokens.push({ kind: 'name', parts: (name?.match(NAME_PART) ?? []).map(unquoted) });
  }
  return tokens;
}

const unquoted = (name: string): string => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name);

/** Recursive descent over sums, products and operands. */
class FormulaReader {
  readonly columns: ColumnEntry[] = [];
  private position = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly tables: readonly TableEntry[],
  ) {}

  read(): Expression | null {
    const expression = this.sum();
    return this.position === this.tokens.length ? expression : null;
  }

  private sum(): Expression | null {
    let left = this.product();
    while (left) {
      const op = this.take('+') ?? this.take('-');
      if (op === null) return left;
      const right = this.product();
      left = right && { kind: 'arithmetic', op, left, right };
    }
    return left;
  }

  private product(): Expression | null {
    let left = this.operand();
    while (left) {
      const op = this.take('*') ?? this.take('/');
      if (op === null) return left;
      const right = this.operand();
      left = right && { kind: 'arithmetic', op, left, right };
    }
    return left;
  }

  private operand(): Expression | null {
    const token = this.tokens[this.position];
    this.position += 1;
    if (token?.kind === 'number') return { kind: 'literal', value: token.value };
    if (token?.kind === 'name') {
      const [only = ''] = token.parts;
      const name = token.parts.length === 1 ? AGGREGATES.get(only.toLowerCase()) : undefined;
      return name && this.take('(') !== null ? this.aggregate(name) : this.column(token.parts);
    }
    if (token?.text !== '(') return null;
    const inner = this.sum();
    return this.take(')') === null ? null : inner;
  }

  private aggregate(name: AggregateName): Expression | null {
    if (name === 'count' && this.take('*') !== null)
      return this.take(')') === null ? null : { kind: 'aggregate', name, distinct: false, of: null };
    const distinct = this.takeName('distinct');
    const of = this.sum();
    if (!of || isAggregate(of) || this.take(')') === null) return null;
    return { kind: 'aggregate', name, distinct, of };
  }

  private column(parts: readonly string[]): Expression | null {
    const path = parts.map(fold);
    const name = path.pop() ?? '';
    const table = path.join('.');
    const found = this.tables
      .filter((entry) => table === '' || fold(entry.table.name) === table)
      .flatMap((entry) => entry.columns)
      .filter((entry) => fold(entry.column.name) === name);
    const [first] = found;
    // A name that several tables have belongs to the one that the formula speaks of already.
    const entry =
      found.length === 1 ? first : found.find((other) => this.columns.some((known) => known.table === other.table));
    if (!entry) return null;
    this.columns.push(entry);
    return { kind: 'column', table: entry.table.table.name, column: entry.column.name };
  }

  private take<T extends string>(mark: T): T | null {
    const token = this.tokens[this.position];
    if (token?.kind !== 'mark' || token.text !== mark) return null;
    this.position += 1;
    return mark;
  }

  private takeName(name: string): boolean {
    const token = this.tokens[this.position];
    if (token?.kind !== 'name' || token.parts.join('.').toLowerCase() !== name) return false;
    this.position += 1;
    return true;
  }
}
