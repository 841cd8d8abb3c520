import { describe, expect, it } from '@jest/globals';
import { exceptionError } from './clickhouse-errors.js';

/** As servers of several versions quote the statement behind the name that they do not know. */
const QUOTING = [
  [47, 'Unknown expression or function identifier `email.x` in scope SELECT email.x FROM (SELECT KEY FROM customers)'],
  [47, "Missing columns: 'x' while processing query: 'SELECT x FROM (SELECT KEY)', required columns: 'x'"],
  [60, "Unknown table expression identifier 'shop.gone' in scope SELECT * FROM (SELECT KEY FROM shop.gone)"],
  [62, 'Syntax error: failed at position 40: SELECT KEY'],
  [215, 'Column KEY is not under aggregate function and not in GROUP BY keys. In query SELECT KEY'],
] as const;

describe('what is told of an exception of ClickHouse', () => {
  it.each(QUOTING)('is nothing of the statement but a name (%i)', (code, message) => {
    const told = exceptionError({ code, message }, true).message;
    expect(told).not.toMatch(/KEY|SELECT/);
    expect(told).toMatch(/^The /);
  });

  it('is the name that the server does not know', () => {
    expect(exceptionError({ code: 47, message: QUOTING[0][1] }, true).message).toContain('`email.x`');
  });
});
