import { beforeAll, describe, expect, it } from '@jest/globals';
import { goldenOf, rowsOf } from './golden.fixture.js';
import { openFixture, type Shop } from './shop.fixture.js';

/** Columns that are called like what was done: `born` (a year), `published`, `cancelled_on`, and a flag `in_stock`. */
let firm: Shop;

beforeAll(async () => {
  firm = await openFixture({
    setup: [
      `CREATE TABLE authors (id INTEGER, name VARCHAR, nationality VARCHAR, born INTEGER)`,
      `INSERT INTO authors VALUES (1, 'Ana Ruiz', 'Spain', 1961), (2, 'Bela Kiss', 'Hungary', 1974), (3, 'Carl Voss', 'Germany', 1975)`,
      `CREATE TABLE books (id INTEGER, title VARCHAR, author_id INTEGER, genre VARCHAR, published DATE, price DOUBLE, in_stock BOOLEAN, pages INTEGER)`,
      `INSERT INTO books VALUES (1, 'Salt Roads', 1, 'Travel', '1999-02-03', 18.5, true, 200), (2, 'The Ferry', 1, 'Novel', '2005-05-05', 12, false, 300),
        (3, 'Paper Town', 2, 'Novel', '2011-04-04', 15.9, true, 120)`,
      `CREATE TABLE departments (id INTEGER, name VARCHAR, country VARCHAR, budget DOUBLE)`,
      `INSERT INTO departments VALUES (1, 'Sales', 'Spain', 10), (2, 'Support', 'Spain', 20), (3, 'Legal', 'France', 5)`,
      `CREATE TABLE employees (id INTEGER, name VARCHAR, department_id INTEGER, manager_id INTEGER, salary INTEGER, hire_date DATE)`,
      `INSERT INTO employees VALUES (1, 'Una', 1, NULL, 6000, '2010-01-01'), (2, 'Vera', 1, 1, 4200, '2015-04-01'),
        (3, 'Wim', 1, 1, 6100, '2019-08-15'), (4, 'Xena', 2, 1, 3100, '2022-02-01')`,
      `CREATE TABLE subscriptions (id INTEGER, employee_id INTEGER, plan VARCHAR, amount DOUBLE, started_on DATE, cancelled_on DATE)`,
      `INSERT INTO subscriptions VALUES (1, 1, 'pro', 10, '2023-01-01', NULL), (2, 2, 'free', 0, '2023-05-01', '2023-06-01'), (3, 2, 'pro', 20, '2024-01-01', NULL)`,
    ],
    keys: { authors: ['id'], books: ['id'], departments: ['id'], employees: ['id'], subscriptions: ['id'] },
    relationships: [
      ['books', 'author_id', 'authors', 'id'],
      ['employees', 'department_id', 'departments', 'id'],
      ['employees', 'manager_id', 'employees', 'id'],
      ['subscriptions', 'employee_id', 'employees', 'id'],
    ],
    now: new Date('2024-03-15T12:00:00Z'),
  });
});

const QUESTIONS = `
authors born before 1975 | SELECT name FROM authors WHERE born < 1975
authors born in 1975 | SELECT name FROM authors WHERE born = 1975
number of authors born before 1975 | SELECT count(*) FROM authors WHERE born < 1975
books published before 2006 | SELECT title FROM books WHERE published < '2006-01-01'
title and published of books | SELECT title, published FROM books
when were the books published | SELECT published FROM books
books in stock | SELECT title FROM books WHERE in_stock
books not in stock | SELECT title FROM books WHERE NOT in_stock
books out of stock | SELECT title FROM books WHERE NOT in_stock
how many books are in stock | SELECT count(*) FROM books WHERE in_stock
novels in stock | SELECT title FROM books WHERE genre = 'Novel' AND in_stock
books with more than 150 pages | SELECT title FROM books WHERE pages > 150
cancelled subscriptions | SELECT * FROM subscriptions WHERE cancelled_on IS NOT NULL
how many subscriptions were cancelled | SELECT count(*) FROM subscriptions WHERE cancelled_on IS NOT NULL
subscriptions not yet cancelled | SELECT * FROM subscriptions WHERE cancelled_on IS NULL
subscriptions cancelled in 2023 | SELECT * FROM subscriptions WHERE year(cancelled_on) = 2023
subscriptions started in 2023 | SELECT * FROM subscriptions WHERE year(started_on) = 2023
monthly subscriptions |> SELECT date_trunc('month', started_on) m, count(*) FROM subscriptions GROUP BY m ORDER BY m
employees hired per year |> SELECT date_trunc('year', hire_date) y, count(*) FROM employees GROUP BY y ORDER BY y
employees hired in 2019 | SELECT name FROM employees WHERE year(hire_date) = 2019
when was Vera hired | SELECT hire_date FROM employees WHERE name = 'Vera'
employees without a manager | SELECT name FROM employees WHERE manager_id IS NULL
employees with a pro subscription | SELECT name FROM employees WHERE id IN (SELECT employee_id FROM subscriptions WHERE plan = 'pro')
employees without a subscription | SELECT name FROM employees WHERE id NOT IN (SELECT employee_id FROM subscriptions)
Budget by country |> SELECT country, sum(budget) b FROM departments GROUP BY country ORDER BY b DESC
departments with a budget above 8 | SELECT name FROM departments WHERE budget > 8
departments with more than 2 employees | SELECT name FROM departments WHERE id IN (SELECT department_id FROM employees GROUP BY 1 HAVING count(*) > 2)
average salary by department |> SELECT d.name, avg(e.salary) s FROM employees e JOIN departments d ON d.id = e.department_id GROUP BY d.id, d.name ORDER BY s DESC
`;

describe('what people ask of a firm', () => {
  it.each(goldenOf(QUESTIONS, {}))('is right: $question', async (golden) => {
    const [rows, right] = await rowsOf(firm, golden);
    expect(rows).toEqual(right);
  });

  it('is asked back where a time may be that of two things', () => {
    expect(firm.ask('employees in 2022').kind).toBe('clarification');
  });

  it('reads a number like a year as what the query takes it for', () => {
    const outcome = firm.ask('employees with a salary above 2000');
    const said = outcome.interpretation.find(({ phrase }) => phrase === '2000');
    expect(said?.meaning).toBe('the number 2000');
  });
});
