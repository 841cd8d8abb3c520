/** Statements with conditions of every kind over `orders` and `customers`, to be run with and without pushing them down. */

/** Columns that only one database has, each with what it may be compared with. */
export type MoreColumns = readonly (readonly [column: string, values: readonly string[]])[];

type Random = () => number;

/** FROM and the place for conditions, in all ways in which nulls come in. */
const SHAPES = [
  (on: string, where: string) => `FROM orders o WHERE ${on} AND ${where}`,
  (on: string, where: string) => `FROM customers c JOIN orders o ON o.customer_id = c.id AND ${on} WHERE ${where}`,
  (on: string, where: string) => `FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND ${on} WHERE ${where}`,
  (on: string, where: string) => `FROM orders o LEFT JOIN customers c ON o.customer_id = c.id AND ${on} WHERE ${where}`,
  (on: string, where: string) =>
    `FROM customers c RIGHT JOIN orders o ON o.customer_id = c.id AND ${on} WHERE ${where}`,
  (on: string, where: string) => `FROM orders o FULL JOIN customers c ON o.customer_id = c.id AND ${on} WHERE ${where}`,
  (on: string, where: string) =>
    `FROM (SELECT * FROM orders o WHERE ${on}) o LEFT JOIN customers c ON c.id = o.customer_id WHERE ${where}`,
  (on: string, where: string) =>
    `FROM orders o WHERE ${where} AND EXISTS (SELECT 1 FROM orders i WHERE i.id = o.id + 1 AND ${on.replaceAll('o.', 'i.')})`,
];

/** The same statements in every run. */
export function generatedStatements(count: number, more: MoreColumns = []): string[] {
  let state = 20_261_126;
  // Park and Miller's generator.
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  return Array.from({ length: count }, () => {
    const shape = pick(random, SHAPES);
    return `SELECT count(*), count(o.id), sum(o.id), min(o.status) ${shape(condition(random, more), condition(random, more))}`;
  });
}

function pick<T>(random: Random, from: readonly T[]): T {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new Error('There is nothing to pick from.');
  return chosen;
}

/** Those included that must not be pushed down. */
function condition(random: Random, more: MoreColumns): string {
  const number = (): string => String(Math.floor(random() * 3200) - 100);
  const amount = (): string => pick(random, [number(), `${number()}.25`, `${number()}.5`, '1e2']);
  const day = (): string =>
    pick(random, [`DATE '2024-0${1 + Math.floor(random() * 9)}-1${Math.floor(random() * 10)}'`, `'2025-03-01'`]);
  const moment = (): string => pick(random, [`TIMESTAMP '2024-03-01 12:30:00'`, `'2024-06-01 00:00:00.5'`, day()]);
  const text = (): string => pick(random, [`'paid'`, `'Paid'`, `'it''s'`, `'öre'`, `'nothing'`, `'pa%'`, `'p_id'`]);
  const sign = (): string => pick(random, ['=', '<>', '<', '<=', '>', '>=', 'IS DISTINCT FROM']);
  const [name, value] = pick<readonly [string, () => string]>(random, [
    ['o.id', number],
    ['customer_id', () => pick(random, ['1', '2', '3', 'NULL'])],
    ['o.amount', amount],
    ['ordered_at', day],
    ['o.paid_at', moment],
    ['placed_at', () => `'2024-05-01 00:00:00+02'`],
    ['status', text],
    ['o.code', () => pick(random, [`'c1'`, `'c1    '`])],
    ['weight', () => pick(random, ['1', '2.5', '100'])],
    ...more.map(([column, values]) => [column, () => pick(random, values)] as const),
  ]);
  return pick(random, [
    () => `${name} ${sign()} ${value()}`,
    () => `${value()} ${pick(random, ['=', '<', '>='])} ${name}`,
    () => `${name} BETWEEN ${value()} AND ${value()}`,
    () => `${name} IN (${value()}, ${value()})`,
    () => `${name} NOT IN (${value()}, ${value()})`,
    () => `${name} IS ${pick(random, ['NULL', 'NOT NULL'])}`,
    () => `NOT (${name} = ${value()})`,
    () => `(${name} = ${value()} OR o.id < ${number()})`,
    () => `status ${pick(random, ['LIKE', 'NOT LIKE', 'ILIKE'])} ${text()}`,
    () => pick(random, ['urgent', 'urgent = true', 'NOT o.urgent', 'o.id % 2 = 0', `lower(status) = 'paid'`]),
  ])();
}
