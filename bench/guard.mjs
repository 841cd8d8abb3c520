/** What the guard takes for a statement of 100 lines: parsing, checking, resolving, and printing it again. */
import { inMilliseconds, median, quantile, timed } from './numbers.mjs';

const ROUNDS = 100;
const WARM_UP = 20;
const LINES = 100;
const MOST_MS = 2;

/** @param {import('./run.mjs').Bench} bench */
export async function measureGuard(bench) {
  const { createDuckDbGuard, createPostgresGuard } = await import('../dist/src/engine/sql/index.js');
  const results = [];
  for (const [dialect, create] of Object.entries({ DuckDB: createDuckDbGuard, PostgreSQL: createPostgresGuard })) {
    const guard = await create();
    try {
      const times = [];
      for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
        const sql = statement(round);
        const elapsed = await timed(() => guard.check(sql, { tables: TABLES }));
        if (round >= WARM_UP) times.push(elapsed);
      }
      bench.say(`${dialect}: 95th percentile ${inMilliseconds(quantile(times, 0.95))}`);
      results.push({
        what: `Guard and rewrite of ${LINES} lines of SQL, ${dialect}`,
        measured: inMilliseconds(median(times)),
        target: `≤ ${inMilliseconds(MOST_MS)}`,
        ok: median(times) <= MOST_MS,
      });
    } finally {
      guard.close();
    }
  }
  return results;
}

const TABLES = Object.entries({
  customers: ['id', 'name', 'country', 'segment', 'signed_up_on'],
  orders: ['id', 'customer_id', 'ordered_at', 'status', 'channel'],
  order_items: ['id', 'order_id', 'product_id', 'quantity', 'unit_price', 'discount'],
  products: ['id', 'category', 'name', 'brand', 'list_price'],
}).map(([name, columns]) => ({ name, columns }));

/** Common table expressions, joins, windows and conditions, as an analyst writes them; every round another text. */
function statement(round) {
  const monthly = Array.from({ length: 4 }, (_, index) => block(index, round));
  const sql = `WITH ${monthly.join(',\n')}
SELECT m0.month,
  m0.country,
  m0.revenue AS revenue_0,
  coalesce(m1.revenue, 0) AS revenue_1, coalesce(m2.revenue, 0) AS revenue_2,
  coalesce(m3.revenue, 0) AS revenue_3,
  row_number() OVER (PARTITION BY m0.month ORDER BY m0.revenue DESC) AS position
FROM month_0 AS m0
LEFT JOIN month_1 AS m1 ON m1.month = m0.month AND m1.country = m0.country
LEFT JOIN month_2 AS m2 ON m2.month = m0.month AND m2.country = m0.country
LEFT JOIN month_3 AS m3 ON m3.month = m0.month AND m3.country = m0.country
WHERE m0.revenue > ${round}
ORDER BY m0.month, position`;
  if (sql.split('\n').length !== LINES) throw new Error(`the statement has ${sql.split('\n').length} lines`);
  return sql;
}

function block(index, round) {
  return `month_${index} AS (
  SELECT date_trunc('month', o.ordered_at) AS month,
    c.country,
    sum(i.quantity * i.unit_price * (1 - i.discount)) AS revenue,
    count(DISTINCT o.id) AS orders,
    avg(i.quantity) AS quantity,
    sum(sum(i.quantity)) OVER (ORDER BY date_trunc('month', o.ordered_at)) AS running,
    CASE
      WHEN count(*) > 100 THEN 'many'
      WHEN count(*) > 10 THEN 'some'
      ELSE 'few'
    END AS size
  FROM orders AS o
  JOIN customers AS c ON c.id = o.customer_id
  JOIN order_items AS i ON i.order_id = o.id
  JOIN products AS p ON p.id = i.product_id
  WHERE o.status IN ('shipped', 'completed')
    AND o.channel = 'web'
    AND p.category <> 'none'
    AND c.id > ${round + index}
  GROUP BY date_trunc('month', o.ordered_at), c.country
)`;
}
