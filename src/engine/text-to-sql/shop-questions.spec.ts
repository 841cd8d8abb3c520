import { beforeAll, describe, expect, it } from '@jest/globals';
import { goldenOf, rowsOf } from './golden.fixture.js';
import { openBicycleShop, type Shop } from './shop.fixture.js';

/** What people ask of the shop of `examples/` on their first day. */
let shop: Shop;

beforeAll(async () => {
  shop = await openBicycleShop();
});

const PARTS = {
  rev: 'sum(i.quantity * i.unit_price * (1 - i.discount))',
  lines: 'order_items i JOIN orders o ON o.id = i.order_id',
  sold: 'order_items i JOIN products p ON p.id = i.product_id',
  bought: 'order_items i JOIN orders o ON o.id = i.order_id JOIN customers c ON c.id = o.customer_id',
  placed: 'orders o JOIN customers c ON c.id = o.customer_id',
  at: 'o.ordered_at',
};

const TOTALS = `
revenue | SELECT {rev} FROM order_items i
sales | SELECT {rev} FROM order_items i
revenue in 2025 | SELECT {rev} FROM {lines} WHERE year({at}) = 2025
last month revenue | SELECT {rev} FROM {lines} WHERE {at} >= '2026-10-01' AND {at} < '2026-11-01'
revenue last month | SELECT {rev} FROM {lines} WHERE {at} >= '2026-10-01' AND {at} < '2026-11-01'
revenue this year | SELECT {rev} FROM {lines} WHERE year({at}) = 2026
revenue in Germany | SELECT {rev} FROM {bought} WHERE c.country = 'Germany'
Veldkamp revenue | SELECT {rev} FROM {sold} WHERE p.brand = 'Veldkamp'
web revenue | SELECT {rev} FROM {lines} WHERE o.channel = 'web'
revenue of returned orders | SELECT {rev} FROM {lines} WHERE o.status = 'returned'
total revenue of Poppy Carrick | SELECT {rev} FROM {bought} WHERE c.name = 'Poppy Carrick'
units sold in 2025 | SELECT sum(i.quantity) FROM {lines} WHERE year({at}) = 2025
total discount given | SELECT sum(i.quantity * i.unit_price * i.discount) FROM order_items i
average discount | SELECT avg(discount) FROM order_items
highest discount | SELECT max(discount) FROM order_items
average order value | SELECT {rev} / count(DISTINCT i.order_id) FROM order_items i
average revenue per month | SELECT {rev} / count(DISTINCT date_trunc('month', {at})) FROM {lines}
average revenue per customer | SELECT {rev} / count(DISTINCT o.customer_id) FROM {lines}
average number of orders per month | SELECT count(*) / count(DISTINCT date_trunc('month', {at})) FROM orders o
average number of orders per customer | SELECT count(*) / count(DISTINCT customer_id) FROM orders
average number of items per order | SELECT count(*) / count(DISTINCT order_id) FROM order_items
how many orders were placed in 2025 | SELECT count(*) FROM orders o WHERE year({at}) = 2025
how many customers ordered in 2025 | SELECT count(DISTINCT customer_id) FROM orders o WHERE year({at}) = 2025
how many new customers in 2025 | SELECT count(*) FROM customers WHERE year(signed_up_on) = 2025
what percentage of orders were returned | SELECT 100.0 * count(*) FILTER (status = 'returned') / count(*) FROM orders
average monthly revenue | SELECT {rev} / count(DISTINCT date_trunc('month', {at})) FROM {lines}
total order value | SELECT {rev} FROM order_items i
share of web orders | SELECT 100.0 * count(*) FILTER (channel = 'web') / count(*) FROM orders
percentage of revenue from web | SELECT 100 * sum(i.quantity * i.unit_price * (1 - i.discount)) FILTER (o.channel = 'web') / {rev} FROM {lines}
number of countries | SELECT count(DISTINCT country) FROM customers
how many brands are there | SELECT count(DISTINCT brand) FROM products
revenue between March and May 2025 | SELECT {rev} FROM {lines} WHERE {at} >= '2025-03-01' AND {at} < '2025-06-01'
price of Canal City 7 | SELECT list_price FROM products WHERE name = 'Canal City 7'
`;

const DIVIDED = `
revenue by year |> SELECT date_trunc('year', {at}) y, {rev} FROM {lines} GROUP BY y ORDER BY y
revenue by brand |> SELECT p.brand, {rev} r FROM {sold} GROUP BY p.brand ORDER BY r DESC
sales by country |> SELECT c.country, {rev} r FROM {bought} GROUP BY c.country ORDER BY r DESC
revenue per year and channel | SELECT date_trunc('year', {at}) y, o.channel, {rev} FROM {lines} GROUP BY ALL
revenue per channel and year | SELECT o.channel, date_trunc('year', {at}) y, {rev} FROM {lines} GROUP BY ALL
sales per month, lowest first |> SELECT date_trunc('month', {at}) m, {rev} r FROM {lines} GROUP BY m ORDER BY r
list price by category |> SELECT category, avg(list_price) a FROM products GROUP BY category ORDER BY a DESC
quantity by status |> SELECT o.status, sum(i.quantity) q FROM {lines} GROUP BY o.status ORDER BY q DESC
discount by channel | SELECT o.channel, avg(i.discount) FROM {lines} GROUP BY o.channel
discount rate by year |> SELECT date_trunc('year', {at}) y, avg(i.discount) FROM {lines} GROUP BY y ORDER BY y
units sold by product | SELECT p.name, sum(i.quantity) FROM {sold} GROUP BY p.id, p.name
quantity sold by category | SELECT p.category, sum(i.quantity) FROM {sold} GROUP BY p.category
average order value by country | SELECT c.country, {rev} / count(DISTINCT o.id) FROM {bought} GROUP BY c.country
number of cities per country | SELECT country, count(DISTINCT city) FROM customers GROUP BY country
number of brands per category | SELECT category, count(DISTINCT brand) FROM products GROUP BY category
number of orders per customer | SELECT c.name, count(*) FROM {placed} GROUP BY c.id, c.name
number of orders by status sorted ascending |> SELECT status, count(*) n FROM orders GROUP BY status ORDER BY n
orders by status sort ascending |> SELECT status, count(*) n FROM orders GROUP BY status ORDER BY n
orders by channel |> SELECT channel, count(*) n FROM orders GROUP BY channel ORDER BY n DESC
returned orders by country | SELECT c.country, count(*) FROM {placed} WHERE o.status = 'returned' GROUP BY c.country
customers by segment and country | SELECT segment, country, count(*) FROM customers GROUP BY ALL
new customers per month in 2025 |> SELECT date_trunc('month', signed_up_on) m, count(*) FROM customers WHERE year(signed_up_on) = 2025 GROUP BY m ORDER BY m
new customers by country in 2025 | SELECT country, count(*) FROM customers WHERE year(signed_up_on) = 2025 GROUP BY country
customers signed up per month |> SELECT date_trunc('month', signed_up_on) m, count(*) FROM customers GROUP BY m ORDER BY m
list customers with their revenue | SELECT c.name, {rev} FROM {bought} GROUP BY c.id, c.name
total sales of each customer | SELECT c.name, {rev} FROM {bought} GROUP BY c.id, c.name
revenue by customer segment | SELECT c.segment, {rev} FROM {bought} GROUP BY c.segment
average order value by month in 2025 |> SELECT date_trunc('month', {at}) m, {rev} / count(DISTINCT o.id) FROM {lines} WHERE year({at}) = 2025 GROUP BY m ORDER BY m
products by brand | SELECT brand, count(*) FROM products GROUP BY brand
share of revenue by channel | SELECT o.channel, 100 * {rev} / sum({rev}) OVER () FROM {lines} GROUP BY o.channel
`;

const COMPARED = `
Compare revenue in 2024 and 2025 |> SELECT date_trunc('year', {at}) y, {rev} FROM {lines} WHERE year({at}) IN (2024, 2025) GROUP BY y ORDER BY y
Compare revenue in Germany and France | SELECT c.country, {rev} FROM {bought} WHERE c.country IN ('Germany', 'France') GROUP BY c.country
web orders vs shop orders | SELECT channel, count(*) FROM orders WHERE channel IN ('web', 'shop') GROUP BY channel
revenue of completed orders vs cancelled orders | SELECT o.status, {rev} FROM {lines} WHERE o.status IN ('completed', 'cancelled') GROUP BY o.status
How did revenue change from 2024 to 2025? |> SELECT date_trunc('year', {at}) y, {rev} r, r - lag(r) OVER (ORDER BY y) FROM {lines} WHERE year({at}) IN (2024, 2025) GROUP BY y ORDER BY y
How did the number of orders develop from 2024 to 2026? |> SELECT date_trunc('year', {at}) y, count(*) n, n - lag(n) OVER (ORDER BY y) FROM orders o GROUP BY y ORDER BY y
revenue growth from 2024 to 2025 |> SELECT date_trunc('year', {at}) y, {rev} r, 100 * (r - lag(r) OVER (ORDER BY y)) / lag(r) OVER (ORDER BY y) FROM {lines} WHERE year({at}) IN (2024, 2025) GROUP BY y ORDER BY y
`;

const PICKED = `
customers with revenue above 5000 in 2025 | SELECT c.name FROM {bought} WHERE year({at}) = 2025 GROUP BY c.id, c.name HAVING {rev} > 5000
customers who spent more than 5000 on Bicycles | SELECT c.name FROM {bought} JOIN products p ON p.id = i.product_id WHERE p.category = 'Bicycles' GROUP BY c.id, c.name HAVING {rev} > 5000
customers who spent more than 10000 and bought Canal City 7 | SELECT c.name FROM {bought} JOIN products p ON p.id = i.product_id GROUP BY c.id, c.name HAVING {rev} > 10000 AND count(*) FILTER (p.name = 'Canal City 7') > 0
customers with more than 20 orders and a cancelled order | SELECT c.name FROM {placed} GROUP BY c.id, c.name HAVING count(*) > 20 AND count(*) FILTER (o.status = 'cancelled') > 0
customers with more than 5 orders for Bicycles | SELECT c.name FROM {bought} JOIN products p ON p.id = i.product_id WHERE p.category = 'Bicycles' GROUP BY c.id, c.name HAVING count(DISTINCT o.id) > 5
customers who spent more than 10000 in 2025 | SELECT c.name FROM {bought} WHERE year({at}) = 2025 GROUP BY c.id, c.name HAVING {rev} > 10000
customers with revenue between 5000 and 6000 | SELECT c.name FROM {bought} GROUP BY c.id, c.name HAVING {rev} BETWEEN 5000 AND 6000
customers with an average order value above 2000 | SELECT c.name FROM {bought} GROUP BY c.id, c.name HAVING {rev} / count(DISTINCT o.id) > 2000
countries with revenue above 400000 | SELECT c.country FROM {bought} GROUP BY c.country HAVING {rev} > 400000
countries with more than 700 orders | SELECT c.country FROM {placed} GROUP BY c.country HAVING count(*) > 700
customers who ordered more than 20 times in 2025 | SELECT c.name FROM {placed} WHERE year({at}) = 2025 GROUP BY c.id, c.name HAVING count(*) > 20
customers who signed up in 2024 and ordered in 2025 | SELECT name FROM customers WHERE year(signed_up_on) = 2024 AND id IN (SELECT customer_id FROM orders o WHERE year({at}) = 2025)
customers who have not ordered in 2026 | SELECT name FROM customers WHERE id NOT IN (SELECT customer_id FROM orders o WHERE year({at}) = 2026)
customers who never ordered | SELECT name FROM customers WHERE id NOT IN (SELECT customer_id FROM orders)
customers who bought Canal City 7 but not Canal City 3 | SELECT name FROM customers WHERE id IN (SELECT o.customer_id FROM {lines} WHERE i.product_id = 1) AND id NOT IN (SELECT o.customer_id FROM {lines} WHERE i.product_id = 2)
which products were sold in 2026 | SELECT name FROM products WHERE id IN (SELECT i.product_id FROM {lines} WHERE year({at}) = 2026)
products never sold | SELECT name FROM products WHERE id NOT IN (SELECT product_id FROM order_items)
which products were bought by business customers | SELECT name FROM products WHERE id IN (SELECT i.product_id FROM {bought} WHERE c.segment = 'Business')
products between 100 and 200 euros | SELECT name FROM products WHERE list_price BETWEEN 100 AND 200
orders with a discount | SELECT * FROM orders WHERE id IN (SELECT order_id FROM order_items WHERE discount > 0)
orders without a discount | SELECT * FROM orders WHERE id NOT IN (SELECT order_id FROM order_items WHERE discount > 0)
orders with a discount above 10 % | SELECT * FROM orders WHERE id IN (SELECT order_id FROM order_items WHERE discount > 0.1)
orders with more than 3 items | SELECT * FROM orders WHERE id IN (SELECT order_id FROM order_items GROUP BY 1 HAVING count(*) > 3)
orders placed in March 2025 | SELECT * FROM orders o WHERE {at} >= '2025-03-01' AND {at} < '2025-04-01'
categories with an average list price above 500 | SELECT category FROM products GROUP BY 1 HAVING avg(list_price) > 500
products priced under 50 | SELECT name FROM products WHERE list_price < 50
products more expensive than 2000 | SELECT name FROM products WHERE list_price > 2000
customers who spent less than 100 | SELECT c.name FROM {bought} GROUP BY c.id, c.name HAVING {rev} < 100
which products did Poppy Carrick buy | SELECT name FROM products WHERE id IN (SELECT i.product_id FROM {bought} WHERE c.name = 'Poppy Carrick')
customers who bought bicycles in 2025 | SELECT name FROM customers WHERE id IN (SELECT o.customer_id FROM {lines} JOIN products p ON p.id = i.product_id WHERE p.category = 'Bicycles' AND year({at}) = 2025)
cities in Spain | SELECT DISTINCT city FROM customers WHERE country = 'Spain'
what channels are there | SELECT DISTINCT channel FROM orders
orders that are open | SELECT * FROM orders WHERE status = 'open'
customers from Paris or Lyon | SELECT name FROM customers WHERE city IN ('Paris', 'Lyon')
`;

const RANKED = `
3 countries with the most customers |> SELECT country, count(*) n FROM customers GROUP BY 1 ORDER BY n DESC LIMIT 3
which countries have the most orders |> SELECT c.country, count(*) n FROM {placed} GROUP BY 1 ORDER BY n DESC LIMIT 10
top 3 customers by number of orders |> SELECT c.name, count(*) n FROM {placed} GROUP BY c.id, c.name ORDER BY n DESC LIMIT 3
largest product by list price | SELECT name FROM products ORDER BY list_price DESC LIMIT 1
first 10 customers by name |> SELECT name FROM customers ORDER BY name LIMIT 10
top 5 customers by revenue |> SELECT c.name, {rev} r FROM {bought} GROUP BY c.id, c.name ORDER BY r DESC LIMIT 5
top 5 products by revenue excluding cancelled orders |> SELECT p.name, {rev} r FROM {sold} JOIN orders o ON o.id = i.order_id WHERE o.status <> 'cancelled' GROUP BY p.id, p.name ORDER BY r DESC LIMIT 5
top 5 products by revenue in Germany |> SELECT p.name, {rev} r FROM {bought} JOIN products p ON p.id = i.product_id WHERE c.country = 'Germany' GROUP BY p.id, p.name ORDER BY r DESC LIMIT 5
top 3 customers by revenue for Bicycles |> SELECT c.name, {rev} r FROM {bought} JOIN products p ON p.id = i.product_id WHERE p.category = 'Bicycles' GROUP BY c.id, c.name ORDER BY r DESC LIMIT 3
which product has the highest revenue in France |> SELECT p.name FROM {bought} JOIN products p ON p.id = i.product_id WHERE c.country = 'France' GROUP BY p.id, p.name ORDER BY {rev} DESC LIMIT 1
best-selling product by quantity |> SELECT p.name FROM {sold} GROUP BY p.id, p.name ORDER BY sum(i.quantity) DESC LIMIT 1
top 3 brands by revenue in 2025 |> SELECT p.brand, {rev} r FROM {sold} JOIN orders o ON o.id = i.order_id WHERE year({at}) = 2025 GROUP BY 1 ORDER BY r DESC LIMIT 3
top 10 % of customers by revenue |> SELECT name, r FROM (SELECT c.name, {rev} r, row_number() OVER (ORDER BY {rev} DESC) n, count(*) OVER () a FROM {bought} GROUP BY c.id, c.name) WHERE n <= ceil(a * 0.1) ORDER BY n
top 5 percent of products by list price |> SELECT name, list_price FROM products ORDER BY list_price DESC LIMIT 2
which customer spent the most in 2025 | SELECT c.name FROM {bought} WHERE year({at}) = 2025 GROUP BY c.id, c.name ORDER BY {rev} DESC LIMIT 1
customer with the highest average order value | SELECT c.name FROM {bought} GROUP BY c.id, c.name ORDER BY {rev} / count(DISTINCT o.id) DESC LIMIT 1
country with the highest average order value | SELECT c.country FROM {bought} GROUP BY 1 ORDER BY {rev} / count(DISTINCT o.id) DESC LIMIT 1
which month had the highest revenue | SELECT date_trunc('month', {at}) m FROM {lines} GROUP BY m ORDER BY {rev} DESC LIMIT 1
which month had the most orders | SELECT date_trunc('month', {at}) m FROM orders o GROUP BY m ORDER BY count(*) DESC LIMIT 1
first order of each customer | SELECT c.name, o.* FROM {placed} QUALIFY row_number() OVER (PARTITION BY c.id ORDER BY {at}, o.id) = 1
latest order | SELECT * FROM orders ORDER BY ordered_at DESC LIMIT 1
cheapest product | SELECT name FROM products ORDER BY list_price LIMIT 1
`;

describe.each([
  ['totals', TOTALS],
  ['what is divided', DIVIDED],
  ['what is compared', COMPARED],
  ['what is picked', PICKED],
  ['what is ranked', RANKED],
])('%s', (_, lines) => {
  it.each(goldenOf(lines, PARTS))('are right: $question', async (golden) => {
    const [rows, right] = await rowsOf(shop, golden);
    expect(rows).toEqual(right);
  });
});

describe('what has several meanings', () => {
  it.each([
    ['customers in Germany in 2025', ['the signed up date of the customer', 'the ordered time of the order']],
    ['customers by country in 2025', ['the signed up date of the customer', 'the ordered time of the order']],
  ])('is asked back: %s', (question, labels) => {
    const outcome = shop.ask(question);
    expect(outcome.kind === 'clarification' && outcome.options.map(({ label }) => label)).toEqual(labels);
  });

  it('is answered as was chosen', async () => {
    const outcome = shop.ask('customers in Germany in 2025');
    const choice = outcome.kind === 'clarification' ? (outcome.options[1]?.value ?? '') : '';
    const right = await shop.run(
      `SELECT count(*) FROM customers WHERE country = 'Germany' AND id IN (SELECT customer_id FROM orders WHERE year(ordered_at) = 2025)`,
    );
    expect(String((await shop.rows('customers in Germany in 2025', [choice])).length)).toBe(right[0]?.[0]);
  });

  it.each(['which brand sells best', 'best selling products', 'best customers'])(
    'by what is asked back: %s',
    (question) => {
      const outcome = shop.ask(question);
      const labels = outcome.kind === 'clarification' ? outcome.options.map(({ label }) => label) : [];
      expect(labels).toContain('the revenue');
      expect(labels.join()).not.toMatch(/total (?:unit price|discount)/);
    },
  );
});

it.each([
  'Return rate by category',
  'highest average order value',
  'average revenue',
  'oldest customer',
  'new customers',
])('what the data cannot say is withheld: %s', (question) => {
  expect(shop.ask(question).kind).toBe('unanswerable');
});
