import { beforeAll, describe, expect, it } from '@jest/globals';
import { goldenOf, rowsOf } from './golden.fixture.js';
import { openFixture, type Shop } from './shop.fixture.js';

/** A library: people with dates of their own, loans with two dates, books that may be out, staff who have managers. */
let library: Shop;

beforeAll(async () => {
  library = await openFixture({
    setup: [
      `CREATE TABLE authors (id INTEGER, name VARCHAR, country VARCHAR, born_on DATE)`,
      `INSERT INTO authors VALUES (1, 'Ana Ruiz', 'Spain', '1961-04-02'), (2, 'Bela Kiss', 'Hungary', '1974-12-31'),
        (3, 'Carl Voss', 'Germany', '1975-01-01'), (4, 'Dora Lind', 'Sweden', '1988-07-09'), (5, 'Emil Roth', 'Germany', '1950-02-11')`,
      `CREATE TABLE books (id INTEGER, title VARCHAR, author_id INTEGER, genre VARCHAR, published_year INTEGER, price DECIMAL(8,2), stock INTEGER)`,
      `INSERT INTO books VALUES (1, 'Salt Roads', 1, 'Travel', 1999, 18.5, 3), (2, 'The Ferry', 1, 'Novel', 2005, 12, 0),
        (3, 'Paper Town', 2, 'Novel', 2011, 15.9, 7), (4, 'Low Tide', 3, 'Poetry', 2015, 9.5, 0), (5, 'Iron Bridges', 3, 'History', 2018, 29, 2),
        (6, 'Winter Maps', 4, 'Travel', 2020, 22.4, 5), (7, 'Quiet Numbers', 5, 'History', 1989, 25, 1), (8, 'Last Orchard', 4, 'Novel', 2022, 17, 0)`,
      `CREATE TABLE members (id INTEGER, name VARCHAR, city VARCHAR, tier VARCHAR, joined_on DATE)`,
      `INSERT INTO members VALUES (1, 'Ola Berg', 'Bergen', 'gold', '2021-03-04'), (2, 'Pia Dahl', 'Oslo', 'silver', '2022-06-10'),
        (3, 'Quin Eide', 'Oslo', 'gold', '2023-01-20'), (4, 'Rolf Foss', 'Tromso', 'basic', '2023-05-05'),
        (5, 'Siv Gran', 'Oslo', 'basic', '2024-02-14'), (6, 'Tor Holm', 'Bergen', 'silver', '2024-03-01'), (7, 'Uno Iver', 'Oslo', 'gold', '2024-03-02')`,
      `CREATE TABLE loans (id INTEGER, book_id INTEGER, member_id INTEGER, loaned_on DATE, returned_on DATE, fine DECIMAL(6,2))`,
      `INSERT INTO loans VALUES (1, 1, 1, '2022-01-10', '2022-02-01', 0), (2, 3, 1, '2022-11-05', '2022-11-20', 0), (3, 3, 2, '2023-02-01', '2023-03-15', 4.5),
        (4, 5, 3, '2023-02-20', '2023-03-01', 0), (5, 6, 1, '2023-06-06', '2023-06-30', 0), (6, 7, 4, '2023-09-12', '2023-12-01', 12),
        (7, 1, 3, '2024-01-08', '2024-01-30', 0), (8, 6, 5, '2024-02-20', NULL, 0), (9, 3, 6, '2024-03-03', NULL, 0), (10, 5, 1, '2024-03-10', NULL, 0),
        (11, 2, 2, '2022-07-07', '2022-08-20', 2.5)`,
      `CREATE TABLE branches (id INTEGER, name VARCHAR, country VARCHAR, budget INTEGER, opened_on DATE)`,
      `INSERT INTO branches VALUES (1, 'Harbour', 'Norway', 40000, '1990-01-01'), (2, 'Old Town', 'Norway', 25000, '2001-05-01'), (3, 'Lakeside', 'Sweden', 30000, '2010-09-09')`,
      `CREATE TABLE staff (id INTEGER, name VARCHAR, branch_id INTEGER, manager_id INTEGER, job_title VARCHAR, salary INTEGER, hired_on DATE)`,
      `INSERT INTO staff VALUES (1, 'Una Moe', 1, NULL, 'Head', 6000, '2010-01-01'), (2, 'Vera Nes', 1, 1, 'Librarian', 4200, '2015-04-01'),
        (3, 'Wim Oie', 1, 1, 'Librarian', 6100, '2019-08-15'), (4, 'Xena Pay', 2, 1, 'Clerk', 3100, '2022-02-01'), (5, 'Yan Quist', 3, 2, 'Clerk', 3300, '2023-10-10')`,
    ],
    keys: { authors: ['id'], books: ['id'], members: ['id'], loans: ['id'], branches: ['id'], staff: ['id'] },
    relationships: [
      ['books', 'author_id', 'authors', 'id'],
      ['loans', 'book_id', 'books', 'id'],
      ['loans', 'member_id', 'members', 'id'],
      ['staff', 'branch_id', 'branches', 'id'],
      ['staff', 'manager_id', 'staff', 'id'],
    ],
    now: new Date('2024-03-15T12:00:00Z'),
  });
});

const QUESTIONS = `
authors born before 1975 | SELECT name FROM authors WHERE born_on < '1975-01-01'
authors born after 1970 | SELECT name FROM authors WHERE born_on >= '1971-01-01'
how many authors were born before 1975 | SELECT count(*) FROM authors WHERE born_on < '1975-01-01'
youngest author | SELECT name FROM authors ORDER BY born_on DESC LIMIT 1
books in stock | SELECT title FROM books WHERE stock > 0
how many books are in stock | SELECT count(*) FROM books WHERE stock > 0
books out of stock | SELECT title FROM books WHERE stock = 0
books not in stock | SELECT title FROM books WHERE stock = 0
novels in stock | SELECT title FROM books WHERE genre = 'Novel' AND stock > 0
books published after 2010 | SELECT title FROM books WHERE published_year > 2010
books by German authors | SELECT b.title FROM books b JOIN authors a ON a.id = b.author_id WHERE a.country = 'Germany'
books never loaned | SELECT title FROM books WHERE id NOT IN (SELECT book_id FROM loans)
which books were loaned in 2024 | SELECT title FROM books WHERE id IN (SELECT book_id FROM loans WHERE year(loaned_on) = 2024)
top 1 books by number of loans | SELECT title FROM books WHERE id = 3
most expensive book of each genre | SELECT genre, title FROM books QUALIFY row_number() OVER (PARTITION BY genre ORDER BY price DESC) = 1
price by genre |> SELECT genre, avg(price) p FROM books GROUP BY genre ORDER BY p DESC
genres with an average price above 20 | SELECT genre FROM books GROUP BY genre HAVING avg(price) > 20
number of genres per author | SELECT a.name, count(DISTINCT b.genre) FROM books b JOIN authors a ON a.id = b.author_id GROUP BY a.id, a.name
genre with the most books | SELECT 'Novel'
number of loans per tier, sort ascending |> SELECT m.tier, count(*) n FROM loans l JOIN members m ON m.id = l.member_id GROUP BY m.tier ORDER BY n
members who never borrowed a book | SELECT name FROM members WHERE id NOT IN (SELECT member_id FROM loans)
members who borrowed a book in 2023 | SELECT name FROM members WHERE id IN (SELECT member_id FROM loans WHERE year(loaned_on) = 2023)
members who joined in 2022 and borrowed in 2023 | SELECT name FROM members WHERE year(joined_on) = 2022 AND id IN (SELECT member_id FROM loans WHERE year(loaned_on) = 2023)
members who borrowed more than 2 times | SELECT name FROM members WHERE id IN (SELECT member_id FROM loans GROUP BY 1 HAVING count(*) > 2)
members with a fine | SELECT name FROM members WHERE id IN (SELECT member_id FROM loans WHERE fine > 0)
loans with a fine | SELECT * FROM loans WHERE fine > 0
loans without a fine | SELECT * FROM loans WHERE fine = 0
returned loans | SELECT * FROM loans WHERE returned_on IS NOT NULL
loans that were not returned | SELECT * FROM loans WHERE returned_on IS NULL
when were loans returned | SELECT returned_on FROM loans
loans in 2023 | SELECT * FROM loans WHERE year(loaned_on) = 2023
total fines in 2023 | SELECT sum(fine) FROM loans WHERE year(loaned_on) = 2023
fine by city |> SELECT m.city, sum(l.fine) f FROM loans l JOIN members m ON m.id = l.member_id GROUP BY m.city ORDER BY f DESC
loans by month in 2023 |> SELECT date_trunc('month', loaned_on) m, count(*) FROM loans WHERE year(loaned_on) = 2023 GROUP BY m ORDER BY m
compare loans in 2022 and 2023 |> SELECT date_trunc('year', loaned_on) y, count(*) FROM loans WHERE year(loaned_on) IN (2022, 2023) GROUP BY y ORDER BY y
How did loans change from 2022 to 2023? |> SELECT date_trunc('year', loaned_on) y, count(*) n, n - lag(n) OVER (ORDER BY y) FROM loans WHERE year(loaned_on) IN (2022, 2023) GROUP BY y ORDER BY y
loans per tier, lowest first |> SELECT m.tier, count(*) n FROM loans l JOIN members m ON m.id = l.member_id GROUP BY m.tier ORDER BY n
cities with more than 4 loans | SELECT m.city FROM loans l JOIN members m ON m.id = l.member_id GROUP BY m.city HAVING count(*) > 4
first loan of each member | SELECT m.name, l.* FROM loans l JOIN members m ON m.id = l.member_id QUALIFY row_number() OVER (PARTITION BY m.id ORDER BY l.loaned_on, l.id) = 1
average number of loans per month | SELECT count(*) / count(DISTINCT date_trunc('month', loaned_on)) FROM loans
average number of loans per member | SELECT count(*) / count(DISTINCT member_id) FROM loans
new members per month |> SELECT date_trunc('month', joined_on) m, count(*) FROM members GROUP BY m ORDER BY m
new members in 2024 | SELECT name FROM members WHERE year(joined_on) = 2024
gold members by city |> SELECT city, count(*) n FROM members WHERE tier = 'gold' GROUP BY city ORDER BY n DESC
3 cities with the most members |> SELECT city, count(*) n FROM members GROUP BY city ORDER BY n DESC LIMIT 3
first 3 members by name |> SELECT name FROM members ORDER BY name LIMIT 3
which member has the most loans | SELECT name FROM members WHERE id = 1
Budget by country |> SELECT country, sum(budget) b FROM branches GROUP BY country ORDER BY b DESC
total budget by country |> SELECT country, sum(budget) b FROM branches GROUP BY country ORDER BY b DESC
employees hired after 2018 | SELECT name FROM staff WHERE hired_on >= '2019-01-01'
staff with a salary above 4000 | SELECT name FROM staff WHERE salary > 4000
average salary by job title |> SELECT job_title, avg(salary) s FROM staff GROUP BY job_title ORDER BY s DESC
branches with more than 2 staff | SELECT name FROM branches WHERE id IN (SELECT branch_id FROM staff GROUP BY 1 HAVING count(*) > 2)
`;

describe('what people ask of a library', () => {
  it.each(goldenOf(QUESTIONS, {}))('is right: $question', async (golden) => {
    const [rows, right] = await rowsOf(library, golden);
    expect(rows).toEqual(right);
  });

  it.each(['members in 2023', 'members by city in 2023', 'members in Oslo in 2023'])(
    'is asked back where two dates may be meant: %s',
    (question) => {
      const outcome = library.ask(question);
      expect(outcome.kind === 'clarification' && outcome.options.map(({ label }) => label)).toEqual([
        'the joined date of the member',
        'the loaned date of the loan',
      ]);
    },
  );

  it.each(['oldest member', 'new members', 'members who never paid', 'renewal rate by city'])(
    'is withheld where the data cannot say: %s',
    (question) => {
      expect(library.ask(question).kind).toBe('unanswerable');
    },
  );
});
