/** Reads what stands in FROM. */
import type { Cursor } from './cursor.js';
import { type ExpressionReader, functionNotAllowed } from './expressions.js';
import type { FromItem, Query, TableReference } from './tree.js';

const WITHOUT_CONDITION = /^(CROSS|NATURAL)/;

export class FromReader {
  constructor(
    private readonly cursor: Cursor,
    private readonly expressions: ExpressionReader,
    private readonly readQuery: () => Query,
  ) {}

  items(): FromItem[] {
    return this.cursor.list(() => this.joined());
  }

  private joined(): FromItem {
    const { cursor } = this;
    return cursor.nested(() => {
      let left = this.item();
      for (;;) {
        const words = cursor.takeOneOf(cursor.dialect.joins);
        if (words === null) return left;
        const right = this.item();
        const hasCondition = !WITHOUT_CONDITION.test(words);
        const on = hasCondition && cursor.takePhrase('ON') ? this.expressions.expression() : null;
        const using = hasCondition && on === null && cursor.takePhrase('USING') ? this.using() : [];
        left = { kind: 'join', words, left, right, on, using };
      }
    });
  }

  private using(): string[] {
    const { cursor } = this;
    if (cursor.isSign('(') || !cursor.has('using-without-brackets')) return cursor.names();
    return cursor.list(() => cursor.name());
  }

  private item(): FromItem {
    const { cursor } = this;
    const lateral = cursor.has('lateral') && cursor.takePhrase('LATERAL');
    if (lateral || (cursor.isSign('(') && this.expressions.isQuery())) {
      const query = cursor.bracketed(this.readQuery);
      return { kind: 'derived', lateral, query, ...this.alias() };
    }
    if (cursor.takeSign('(')) {
      const item = this.joined();
      cursor.expectSign(')');
      return { kind: 'from-brackets', item };
    }
    return cursor.isSign('(', 1) ? this.call() : this.table();
  }

  private call(): FromItem {
    const { cursor } = this;
    const { text } = cursor.peek();
    const read = cursor.peek().kind === 'word' ? cursor.dialect.fromFunctions.get(text.toLowerCase()) : undefined;
    if (read === undefined) throw functionNotAllowed(text);
    cursor.next();
    cursor.expectSign('(');
    return { ...read(this.expressions, text.toUpperCase()), ...this.alias() };
  }

  private table(): TableReference {
    const { cursor } = this;
    const path = [cursor.name()];
    while (cursor.takeSign('.')) path.push(cursor.name());
    if (cursor.isSign('(')) throw functionNotAllowed(path.join('.'));
    const alias = this.alias();
    const end = cursor.has('final') && cursor.takePhrase('FINAL') ? 'FINAL' : '';
    return { kind: 'table', path, ...alias, end, sample: this.sample() };
  }

  private sample(): string | null {
    const { cursor } = this;
    if (!cursor.has('sample') || !cursor.takePhrase('TABLESAMPLE')) return null;
    const method = cursor.takeOneOf(['BERNOULLI', 'SYSTEM']) ?? cursor.refuse();
    const share = cursor.bracketed(() => cursor.next());
    if (share.kind !== 'number') throw cursor.invalid('the size of a sample is a number');
    return `TABLESAMPLE ${method} (${share.text})`;
  }

  private alias(): { alias: string | null; columns: string[] } {
    const { cursor } = this;
    const alias = cursor.takePhrase('AS') || this.isAlias() ? cursor.name() : null;
    const columns = alias !== null && cursor.isSign('(') && cursor.has('column-aliases') ? cursor.names() : [];
    return { alias, columns };
  }

  private isAlias(): boolean {
    const { cursor } = this;
    const isClause = cursor.isPhrase('FINAL') && cursor.has('final');
    const isSample = cursor.isPhrase('TABLESAMPLE') && cursor.has('sample');
    return cursor.isName() && !isClause && !isSample;
  }
}
