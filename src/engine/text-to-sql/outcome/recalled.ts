/** The answer that comes from a verified query, and what it says of itself. */
import type { SqlAnswer } from '../contract.js';
import type { VerifiedAnswer } from '../knowledge/verified-queries.js';

/** A verified statement with other values in it is nearly as sure as the statement itself. */
const EXCHANGED = 0.95;

export function recalled({ sql, verified, exchanged }: VerifiedAnswer): SqlAnswer {
  const swaps = exchanged.map(({ from, to }) => `“${to}” in the place of “${from}”`);
  const how = swaps.length === 0 ? '' : `, with ${swaps.join(' and ')}`;
  return {
    kind: 'answer',
    sql,
    paraphrase: `As verified for “${verified.question}”${how}.`,
    interpretation: exchanged.map(({ from, to }) => ({ phrase: to, meaning: `what “${from}” is in a verified query` })),
    tables: [],
    columns: [],
    filters: [],
    checks: [{ name: 'verified_query', ok: true, detail: 'The statement was confirmed by a person for this pattern.' }],
    verified,
    confidence: exchanged.length === 0 ? 1 : EXCHANGED,
  };
}
