/** Reads expressions. Only what is written here can be read, so whatever else there is in a dialect is refused. */
import { EngineError } from '../../errors.js';
import type { Cursor } from './cursor.js';
import type { OperatorSet, Reader } from './dialect.js';
import { refuseConstruct } from './refusal.js';
import type { Argument, Call, Expression, Part, Query, Sorting, Window } from './tree.js';

/** What can follow a query in brackets that is part of another query. */
const BEHIND_QUERY: ReadonlySet<string> = new Set([
  'UNION',
  'EXCEPT',
  'INTERSECT',
  'ORDER',
  'LIMIT',
  'OFFSET',
  'FETCH',
]);

export class ExpressionReader implements Reader {
  constructor(
    readonly cursor: Cursor,
    private readonly readQuery: () => Query,
  ) {}

  expression(without = ''): Expression {
    return this.cursor.nested(() => {
      const parts: Part[] = [];
      do this.operand(parts);
      while (this.infix(parts, without));
      const [first] = parts;
      return parts.length === 1 && first !== undefined ? (first as Expression) : { kind: 'chain', parts };
    });
  }

  expressions(): Expression[] {
    return this.cursor.list(() => this.expression());
  }

  /** `ORDER BY …`, when it comes next. */
  orderBy(): Sorting[] {
    return this.cursor.takePhrase('ORDER BY') ? this.cursor.list(() => this.sorting()) : [];
  }

  /** Whether a query comes next, maybe in brackets: `((SELECT 1) UNION …`, but not `((SELECT 1) + …`. */
  isQuery(ahead = 0): boolean {
    const { cursor } = this;
    if (cursor.isSign('(', ahead)) {
      if (!this.isQuery(ahead + 1)) return false;
      if (!cursor.isSign('(', ahead + 1)) return true;
      const behind = cursor.closing(ahead + 1) + 1;
      return cursor.isSign(')', behind) || BEHIND_QUERY.has(cursor.peek(behind).word);
    }
    return (
      cursor.isPhrase('SELECT', ahead) ||
      (cursor.isPhrase('WITH', ahead) && !cursor.isSign('(', ahead + 1)) ||
      (cursor.has('values') && cursor.isPhrase('VALUES', ahead))
    );
  }

  // Operands

  private operand(parts: Part[]): void {
    const { cursor } = this;
    const { prefix, postfix } = cursor.dialect.operators;
    for (let text = this.operator(prefix); text !== null; text = this.operator(prefix)) {
      parts.push({ kind: 'operator', text, place: 'prefix' });
    }
    parts.push(this.primary());
    while (this.suffix(parts)) continue;
    for (let text = this.operator(postfix); text !== null; text = this.operator(postfix)) {
      parts.push({ kind: 'operator', text, place: 'postfix' });
      while (this.suffix(parts)) continue;
    }
  }

  private infix(parts: Part[], without: string): boolean {
    if (without !== '' && this.cursor.isPhrase(without)) return false;
    const text = this.operator(this.cursor.dialect.operators.infix);
    if (text === null) return false;
    parts.push({ kind: 'operator', text, place: 'infix' });
    return true;
  }

  private operator({ signs, phrases }: OperatorSet): string | null {
    const { kind, text } = this.cursor.peek();
    if (kind !== 'sign') return this.cursor.takeOneOf(phrases);
    if (!signs.has(text)) return null;
    this.cursor.next();
    return text;
  }

  /** What stands directly behind an operand and belongs to it. */
  private suffix(parts: Part[]): boolean {
    const { cursor } = this;
    if (cursor.has('subscript') && cursor.takeSign('[')) {
      parts.push({ kind: 'subscript', index: this.expression() });
      cursor.expectSign(']');
      return true;
    }
    if (cursor.has('cast-sign') && cursor.takeSign('::')) {
      parts.push({ kind: 'conversion', text: `::${this.type()}` });
      return true;
    }
    if (cursor.isPhrase('COLLATE')) {
      cursor.next();
      const { kind, text } = cursor.next();
      if (!/^(word|name|string)$/.test(kind) || !/^\w+$/.test(text)) refuseConstruct('This collation');
      parts.push({ kind: 'conversion', text: ` COLLATE ${kind === 'string' ? `'${text}'` : text}` });
      return true;
    }
    if (cursor.has('json-arrow') && (cursor.isSign('->') || cursor.isSign('->>'))) {
      parts.push(this.jsonPath(parts.pop()));
      return true;
    }
    if (!cursor.isSign('.')) return false;
    const member = cursor.peek(1);
    const isElement = cursor.has('tuple-element') && member.kind === 'number' && /^\d+$/.test(member.text);
    const isField = cursor.has('row-fields') && cursor.isName(1);
    if (!isElement && !isField) return false;
    cursor.next();
    cursor.next();
    parts.push({
      kind: 'member',
      text: isElement ? `.${member.text}` : `.${cursor.dialect.lexical.name(member.text)}`,
    });
    return true;
  }

  /** `a->'$.b'` is a shorter `JSON_EXTRACT(a, '$.b')`, which MariaDB reads too. */
  private jsonPath(of: Part | undefined): Expression {
    const { cursor } = this;
    const isText = cursor.next().text === '->>';
    if (of?.kind !== 'column') throw cursor.invalid('only a column stands before ->');
    const path: Expression = { kind: 'text', value: this.text(), type: '' };
    const value: Expression = { ...emptyCall('JSON_EXTRACT'), args: [of, path].map(behindComma) };
    return isText ? { ...emptyCall('JSON_UNQUOTE'), args: [behindComma(value, 0)] } : value;
  }

  private primary(): Expression {
    const { cursor } = this;
    const { kind, text, word } = cursor.peek();
    if (kind === 'number') return { kind: 'constant', text: cursor.next().text };
    if (kind === 'string') return { kind: 'text', value: this.text(), type: '' };
    if (this.isLambda()) return this.lambda();
    if (kind === 'sign') {
      if (text === '(') return this.brackets();
      if (text === '[' && cursor.has('array-literal')) return this.list('');
      return cursor.refuse();
    }
    if (kind === 'name') return this.column();
    if (kind !== 'word') return cursor.refuse();
    return this.fromWord(word) ?? (cursor.dialect.reserved.has(word) ? cursor.refuse() : this.column());
  }

  /** What a word begins when it is not a column. */
  private fromWord(word: string): Expression | null {
    const { cursor } = this;
    const { constants, typedLiterals, reserved } = cursor.dialect;
    if (word === 'CASE') return this.cases();
    if (word === 'INTERVAL') return this.interval();
    if (/^(EXISTS|ANY|ALL|SOME)$/.test(word) && cursor.isSign('(', 1) && this.isQuery(1)) {
      cursor.next();
      return { kind: 'subquery', word, query: cursor.bracketed(this.readQuery) };
    }
    if (word === 'ARRAY' && cursor.has('array-constructor') && cursor.isSign('[', 1)) {
      cursor.next();
      return this.list('ARRAY');
    }
    if (typedLiterals.has(word) && cursor.peek(1).kind === 'string') {
      cursor.next();
      return { kind: 'text', value: this.text(), type: word };
    }
    if (cursor.isSign('(', 1) && (!reserved.has(word) || cursor.dialect.isFunction(word.toLowerCase()))) {
      return this.call();
    }
    if (constants.has(word) && !cursor.isSign('.', 1)) {
      cursor.next();
      return { kind: 'constant', text: word };
    }
    // `_utf8'text'` and `X'41'` are strings of another kind.
    if (cursor.peek(1).kind === 'string') refuseConstruct(`${word} before a string`);
    return null;
  }

  private text(): string {
    let value = this.cursor.string();
    while (this.cursor.has('adjacent-strings') && this.cursor.peek().kind === 'string') value += this.cursor.string();
    return value;
  }

  private column(): Expression {
    const { cursor } = this;
    const path = [cursor.name()];
    while (cursor.isSign('.') && (cursor.peek(1).kind === 'name' || cursor.peek(1).kind === 'word')) {
      cursor.next();
      path.push(cursor.next().text);
    }
    if (path.some((part) => part === '')) throw cursor.invalid('a name is empty');
    if (cursor.isSign('(')) throw functionNotAllowed(path.join('.'));
    return { kind: 'column', path };
  }

  private brackets(): Expression {
    const { cursor } = this;
    if (this.isQuery()) return { kind: 'subquery', word: '', query: cursor.bracketed(this.readQuery) };
    return { kind: 'brackets', items: cursor.bracketed(() => (cursor.isSign(')') ? [] : this.expressions())) };
  }

  private list(word: string): Expression {
    const { cursor } = this;
    cursor.expectSign('[');
    const items = cursor.isSign(']') ? [] : this.expressions();
    cursor.expectSign(']');
    return { kind: 'list', word, items };
  }

  private isLambda(): boolean {
    const { cursor } = this;
    if (!cursor.has('lambda')) return false;
    if (cursor.isName()) return cursor.isSign('->', 1);
    if (!cursor.isSign('(')) return false;
    let ahead = 1;
    while (cursor.isName(ahead) && cursor.isSign(',', ahead + 1)) ahead += 2;
    if (cursor.isName(ahead)) ahead += 1;
    return cursor.isSign(')', ahead) && cursor.isSign('->', ahead + 1);
  }

  private lambda(): Expression {
    const { cursor } = this;
    const parameters = cursor.isSign('(')
      ? cursor.bracketed(() => (cursor.isSign(')') ? [] : cursor.list(() => cursor.name())))
      : [cursor.name()];
    cursor.expectSign('->');
    return { kind: 'lambda', parameters, body: this.expression() };
  }

  private cases(): Expression {
    const { cursor } = this;
    cursor.expectPhrase('CASE');
    const of = cursor.isPhrase('WHEN') ? null : this.expression();
    const branches: { when: Expression; value: Expression }[] = [];
    while (cursor.takePhrase('WHEN')) {
      const when = this.expression();
      cursor.expectPhrase('THEN');
      branches.push({ when, value: this.expression() });
    }
    const otherwise = cursor.takePhrase('ELSE') ? this.expression() : null;
    cursor.expectPhrase('END');
    return { kind: 'case', of, branches, otherwise };
  }

  private interval(): Expression {
    const { cursor } = this;
    cursor.expectPhrase('INTERVAL');
    return { kind: 'interval', value: this.expression(), unit: this.unit() };
  }

  unit(): string {
    const { word } = this.cursor.next();
    if (!this.cursor.dialect.units.has(word)) refuseConstruct(`The unit of time ${word}`);
    return word;
  }

  // Calls

  private call(): Expression {
    const { cursor } = this;
    const { text } = cursor.next();
    const name = text.toLowerCase();
    if (!cursor.dialect.isFunction(name)) throw functionNotAllowed(text);
    cursor.expectSign('(');
    const form = cursor.dialect.forms.get(name);
    if (form !== undefined) return form(this, text);
    const call = this.plainCall(text);
    cursor.expectSign(')');
    if (cursor.has('parametric') && cursor.isSign('(')) {
      cursor.next();
      const parametric = this.plainCall(text);
      cursor.expectSign(')');
      return this.callEnd({ ...parametric, parameters: call.args.flatMap(({ value }) => value ?? []) });
    }
    return this.callEnd(call);
  }

  plainCall(name: string): Call {
    const { cursor } = this;
    const distinct = cursor.takePhrase('DISTINCT');
    if (!distinct) cursor.takePhrase('ALL');
    const isEmpty = cursor.isSign(')') || cursor.isPhrase('ORDER BY') || cursor.isPhrase('SEPARATOR');
    const args = isEmpty ? [] : cursor.list(() => this.argument()).map(behindComma);
    return { ...emptyCall(name), distinct, args, orderBy: this.orderBy() };
  }

  /** Only `count(*)` may have a star. */
  private argument(): Expression {
    if (!this.cursor.takeSign('*')) return this.expression();
    if (!this.cursor.isSign(')')) refuseConstruct('The sign * as a value');
    return { kind: 'star', path: [] };
  }

  callEnd(call: Call): Call {
    const { cursor } = this;
    if (call.args.some(({ value }) => value?.kind === 'star') && call.name.toLowerCase() !== 'count') {
      refuseConstruct('The sign * as a value');
    }
    if (cursor.has('within-group') && cursor.takePhrase('WITHIN GROUP')) {
      call.withinGroup = cursor.bracketed(() => this.orderBy());
      if (call.withinGroup.length === 0) cursor.refuse();
    }
    if (cursor.has('filter') && cursor.isPhrase('FILTER') && cursor.isSign('(', 1)) {
      cursor.next();
      call.filter = cursor.bracketed(() => {
        cursor.expectPhrase('WHERE');
        return this.expression();
      });
    }
    call.nulls = cursor.takeOneOf(['IGNORE NULLS', 'RESPECT NULLS']) ?? '';
    if (cursor.takePhrase('OVER'))
      call.over = cursor.isSign('(') ? cursor.bracketed(() => this.window()) : cursor.name();
    return call;
  }

  window(): Window {
    const { cursor } = this;
    const isNamed = cursor.isName() && !/^(PARTITION|ROWS|RANGE|GROUPS)$/.test(cursor.peek().word);
    return {
      base: isNamed ? cursor.name() : null,
      partitionBy: cursor.takePhrase('PARTITION BY') ? this.expressions() : [],
      orderBy: this.orderBy(),
      frame: this.frame(),
    };
  }

  private frame(): Window['frame'] {
    const { cursor } = this;
    const unit = cursor.takeOneOf(['ROWS', 'RANGE', 'GROUPS']);
    if (unit === null) return null;
    if (!cursor.takePhrase('BETWEEN')) return { unit, bounds: [this.bound()] };
    const from = this.bound();
    cursor.expectPhrase('AND');
    return { unit, bounds: [from, this.bound()] };
  }

  private bound(): { value: Expression | null; word: string } {
    const { cursor } = this;
    const word = cursor.takeOneOf(['UNBOUNDED PRECEDING', 'UNBOUNDED FOLLOWING', 'CURRENT ROW']);
    if (word !== null) return { value: null, word };
    const value = this.expression('AND');
    const side = cursor.takeOneOf(['PRECEDING', 'FOLLOWING']);
    return side === null ? cursor.refuse() : { value, word: side };
  }

  sorting(): Sorting {
    const { cursor } = this;
    const value = this.expression();
    const direction = cursor.takeOneOf(['ASC', 'DESC']);
    const nulls = cursor.takeOneOf(['NULLS FIRST', 'NULLS LAST']);
    const fill = cursor.has('with-fill') && cursor.takePhrase('WITH FILL') ? this.fill() : null;
    return { value, direction: [direction, nulls].filter((part) => part !== null).join(' '), fill };
  }

  private fill(): NonNullable<Sorting['fill']> {
    const parts: NonNullable<Sorting['fill']> = [];
    for (;;) {
      const word = this.cursor.takeOneOf(['FROM', 'TO', 'STEP']);
      if (word === null) return parts;
      parts.push({ word, value: this.expression() });
    }
  }

  // Types

  type(): string {
    const { cursor } = this;
    return cursor.nested(() => {
      const token = cursor.next();
      const two = `${token.word} ${cursor.peek().word}`;
      const isTwo = cursor.dialect.types.has(two);
      if (isTwo) cursor.next();
      if (!isTwo && !cursor.dialect.types.has(token.word)) refuseConstruct(`The type ${token.text}`);
      const name = isTwo ? two : cursor.has('parametric') ? token.text : token.word;
      const args = cursor.isSign('(')
        ? `(${cursor.bracketed(() => cursor.list(() => this.typeArgument())).join(', ')})`
        : '';
      const zone = cursor.takeOneOf(['WITH TIME ZONE', 'WITHOUT TIME ZONE']);
      return `${name}${args}${zone === null ? '' : ` ${zone}`}`;
    });
  }

  private typeArgument(): string {
    const { cursor } = this;
    const { kind } = cursor.peek();
    if (kind === 'number') return cursor.integer();
    if (kind === 'string') return cursor.dialect.lexical.text(cursor.string());
    // `ROW(x BIGINT)` and `Tuple(x Int8)` name their fields.
    const isField = cursor.isName() && (cursor.peek(1).kind === 'word' || cursor.peek().kind === 'name');
    if (isField && !cursor.dialect.types.has(`${cursor.peek().word} ${cursor.peek(1).word}`)) {
      return `${cursor.dialect.lexical.name(cursor.name())} ${this.type()}`;
    }
    return this.type();
  }
}

export const behindComma = (value: Expression, index: number): Argument => ({
  join: index === 0 ? '' : ', ',
  lead: '',
  value,
});

export const emptyCall = (name: string): Call => ({
  kind: 'call',
  name,
  parameters: null,
  distinct: false,
  args: [],
  orderBy: [],
  inside: '',
  withinGroup: [],
  filter: null,
  nulls: '',
  over: null,
});

export function functionNotAllowed(name: string): EngineError {
  return new EngineError(
    'sql_function_not_allowed',
    `The function ${name} is not allowed. Use functions for numbers, text, dates, lists, JSON and aggregates.`,
  );
}
