import { beforeAll, describe, expect, it } from '@jest/globals';
import { openBicycleShop, openGermanFirm, type Shop } from '../../shop.fixture.js';
import { answers, REVENUE, SOLD, SOLD_TO, withheld } from '../languages.fixture.js';
import { forms, key } from './inflection.js';

describe('German', () => {
  let bicycles: Shop;
  let firm: Shop;

  beforeAll(async () => {
    bicycles = await openBicycleShop();
    firm = await openGermanFirm();
  });

  describe('about data that is named in English', () => {
    answers(() => Promise.resolve(bicycles), 'de', [
      ['Wie viele Kunden gibt es?', 'SELECT count(*) FROM customers'],
      ['Wie viele Kunden haben wir in Deutschland?', `SELECT count(*) FROM customers WHERE country = 'Germany'`],
      ['Wie viele Kunden kommen aus Frankreich?', `SELECT count(*) FROM customers WHERE country = 'France'`],
      ['Wie viele Bestellungen gab es 2025?', 'SELECT count(*) FROM orders WHERE year(ordered_at) = 2025'],
      [
        'Wie viele Bestellungen wurden im Jahr 2025 storniert?',
        `SELECT count(*) FROM orders WHERE year(ordered_at) = 2025 AND status = 'cancelled'`,
      ],
      [
        'Wie viele Bestellungen wurden 2026 zurückgeschickt?',
        `SELECT count(*) FROM orders WHERE year(ordered_at) = 2026 AND status = 'returned'`,
      ],
      [
        'Umsatz pro Monat im Jahr 2025',
        `SELECT date_trunc('month', ordered_at), ${REVENUE} ${SOLD} WHERE year(ordered_at) = 2025 GROUP BY 1`,
      ],
      ['Welche fünf Produkte sind die teuersten?', 'SELECT name FROM products ORDER BY list_price DESC LIMIT 5'],
      ['Die drei billigsten Produkte', 'SELECT name FROM products ORDER BY list_price LIMIT 3'],
      [
        'Was ist der durchschnittliche Listenpreis pro Kategorie?',
        'SELECT category, avg(list_price) FROM products GROUP BY 1',
      ],
      ['Wie hoch ist der durchschnittliche Listenpreis?', 'SELECT avg(list_price) FROM products'],
      ['Anzahl der Bestellungen je Kanal', 'SELECT channel, count(*) FROM orders GROUP BY 1'],
      [
        'Welche Kunden haben mehr als 30 Bestellungen aufgegeben?',
        'SELECT name FROM customers WHERE id IN (SELECT customer_id FROM orders GROUP BY 1 HAVING count(*) > 30)',
      ],
      [
        'Kunden, die keine Bestellungen aufgegeben haben',
        'SELECT name FROM customers WHERE id NOT IN (SELECT customer_id FROM orders)',
      ],
      ['Kunden ohne Bestellungen', 'SELECT name FROM customers WHERE id NOT IN (SELECT customer_id FROM orders)'],
      [
        'Top 5 Produkte nach Umsatz',
        `SELECT p.name, ${REVENUE} FROM order_items i JOIN products p ON i.product_id = p.id GROUP BY ALL ORDER BY 2 DESC LIMIT 5`,
      ],
      ['Welche Produkte kosten mehr als 2.000 Euro?', 'SELECT name FROM products WHERE list_price > 2000'],
      [
        'Produkte mit einem Listenpreis zwischen 1.000,50 und 2.000',
        'SELECT name FROM products WHERE list_price BETWEEN 1000.5 AND 2000',
      ],
      ['Zeige alle Kunden aus Berlin', `SELECT name FROM customers WHERE city = 'Berlin'`],
      ['Kunden aus München', `SELECT name FROM customers WHERE city = 'Munich'`],
      ['Zeige Name und Stadt aller Kunden aus Berlin', `SELECT name, city FROM customers WHERE city = 'Berlin'`],
      ['Kunden aus Paris oder Lyon', `SELECT name FROM customers WHERE city IN ('Paris', 'Lyon')`],
      [
        'Wie viele Bestellungen gab es im letzten Monat?',
        `SELECT count(*) FROM orders WHERE date_trunc('month', ordered_at) = DATE '2026-10-01'`,
      ],
      [
        'Wie viele Bestellungen gab es seit Mai 2026?',
        `SELECT count(*) FROM orders WHERE ordered_at >= DATE '2026-05-01'`,
      ],
      [
        'Wie viele Bestellungen gab es nach dem 30.09.2026?',
        `SELECT count(*) FROM orders WHERE ordered_at >= DATE '2026-10-01'`,
      ],
      [
        'Wie viele Bestellungen gab es vor dem 1. Februar 2024?',
        `SELECT count(*) FROM orders WHERE ordered_at < DATE '2024-02-01'`,
      ],
      [
        'Wie viele Bestellungen gab es in den letzten 30 Tagen?',
        `SELECT count(*) FROM orders WHERE ordered_at >= DATE '2026-10-17'`,
      ],
      [
        'Wie viele Bestellungen gab es vor 2 Monaten?',
        `SELECT count(*) FROM orders WHERE date_trunc('month', ordered_at) = DATE '2026-09-01'`,
      ],
      [
        'Wie viele Bestellungen gab es im 2. Quartal 2025?',
        `SELECT count(*) FROM orders WHERE date_trunc('quarter', ordered_at) = DATE '2025-04-01'`,
      ],
      ['Welche Stadt hat die meisten Kunden?', 'SELECT city FROM customers GROUP BY 1 ORDER BY count(*) DESC LIMIT 1'],
      ['Gesamtumsatz nach Land', `SELECT country, ${REVENUE} ${SOLD_TO} GROUP BY 1`],
      [
        'Welches Land hat den höchsten Umsatz?',
        `SELECT country ${SOLD_TO} GROUP BY 1 ORDER BY ${REVENUE} DESC LIMIT 1`,
      ],
      ['Durchschnittspreis pro Marke', 'SELECT brand, avg(list_price) FROM products GROUP BY 1'],
      ['Wie viele verschiedene Marken gibt es?', 'SELECT count(DISTINCT brand) FROM products'],
      [
        'Anteil der Bestellungen je Status',
        'SELECT status, 100.0 * count(*) / sum(count(*)) OVER () FROM orders GROUP BY 1',
      ],
      [
        'Wie viele Kunden haben sich 2025 angemeldet?',
        'SELECT count(*) FROM customers WHERE year(signed_up_on) = 2025',
      ],
      ['Kundenanzahl je Segment', 'SELECT segment, count(*) FROM customers GROUP BY 1'],
      [
        'Wie viele Bestellungen hat jeder Kunde aufgegeben?',
        'SELECT c.name, count(*) FROM orders o JOIN customers c ON o.customer_id = c.id GROUP BY c.id, c.name',
      ],
      [
        'Welche Kategorie hat den niedrigsten durchschnittlichen Listenpreis?',
        'SELECT category FROM products GROUP BY 1 ORDER BY avg(list_price) LIMIT 1',
      ],
      ['Wie viel Umsatz wurde 2025 erzielt?', `SELECT ${REVENUE} ${SOLD} WHERE year(ordered_at) = 2025`],
      [
        'Wie viele Kunden haben mindestens 20 Bestellungen?',
        'SELECT count(*) FROM (SELECT customer_id FROM orders GROUP BY 1 HAVING count(*) >= 20)',
      ],
      ['Produkte, deren Name mit C beginnt', `SELECT name FROM products WHERE name LIKE 'C%'`],
      [
        'Welche Kunden haben 2025 mehr als 20 Bestellungen aufgegeben?',
        'SELECT name FROM customers WHERE id IN (SELECT customer_id FROM orders WHERE year(ordered_at) = 2025 GROUP BY 1 HAVING count(*) > 20)',
      ],
      [
        'Kumulierter Umsatz pro Monat im Jahr 2025',
        `SELECT date_trunc('month', ordered_at), sum(${REVENUE}) OVER (ORDER BY date_trunc('month', ordered_at)) ${SOLD} WHERE year(ordered_at) = 2025 GROUP BY 1`,
      ],
    ]);
  });

  describe('about data that is named in German', () => {
    answers(() => Promise.resolve(firm), 'de', [
      ['Wie viele Kunden kommen aus Deutschland?', 'SELECT 2'],
      ['Kunden aus Muenchen', `SELECT 'Müller GmbH'`],
      ['Welche Kunden wohnen in Köln?', `SELECT 'Schulz KG'`],
      ['Was ist der teuerste Artikel?', `SELECT 'Lampe'`],
      ['Der zweitteuerste Artikel', `SELECT 'Säge'`],
      ['Durchschnittlicher Einzelpreis je Warengruppe', 'SELECT warengruppe, avg(einzelpreis) FROM artikel GROUP BY 1'],
      ['Wie viele Bestellungen wurden 2024 storniert?', 'SELECT 1'],
      ['Welche Bestellungen sind offen?', `FROM bestellungen WHERE status = 'offen'`],
      ['Wie viele offene Bestellungen gibt es?', 'SELECT 1'],
      [
        'Summe der Beträge pro Monat',
        `SELECT date_trunc('month', bestelldatum), sum(betrag) FROM bestellungen GROUP BY 1`,
      ],
      [
        'Gesamtbetrag der Bestellungen pro Kunde',
        'SELECT name, sum(betrag) FROM bestellungen JOIN kunden USING (kunden_nr) GROUP BY 1',
      ],
      ['Welche Kunden haben keine Bestellungen?', `SELECT 'Huber'`],
      [
        'Wie hoch ist das durchschnittliche Gehalt pro Abteilung?',
        'SELECT abteilung, avg(gehalt) FROM mitarbeiter GROUP BY 1',
      ],
      [
        'Zeige Vorname und Nachname der Mitarbeiter, die mehr als 2.900 verdienen',
        'SELECT vorname, nachname FROM mitarbeiter WHERE gehalt > 2900',
      ],
      ['Welche Abteilung hat die meisten Mitarbeiter?', `SELECT 'Vertrieb'`],
      ['Wer ist der älteste Mitarbeiter?', `SELECT 'Anna', 'Berg'`],
      ['Mitarbeiter, die nicht im Vertrieb arbeiten', `SELECT 'Eva', 'Kurz'`],
      ['Gehalt von Joerg', 'SELECT 3000'],
      ['Artikel, die teurer als 30 Euro sind', `VALUES ('Säge'), ('Lampe')`],
      ['Wie viele Artikel gibt es in der Warengruppe Werkzeug?', 'SELECT 2'],
      ['Bestellungen mit Bestelldatum vor dem 01.02.2024', `FROM bestellungen WHERE bestelldatum < DATE '2024-02-01'`],
      ['Wie viele Bestellungen gab es vom 01.01.2024 bis zum 29.02.2024?', 'SELECT 2'],
      ['Wie viele Kunden gibt es in jedem Land?', 'SELECT land, count(*) FROM kunden GROUP BY 1'],
      ['Durchschnittsgehalt', 'SELECT avg(gehalt) FROM mitarbeiter'],
    ]);
  });

  describe('where there is no answer', () => {
    withheld(
      () => Promise.resolve(bicycles),
      [
        ['Wie viele Mitarbeiter gibt es?', '“Mitarbeiter”'],
        ['Wie ist das Wetter morgen?', '“Wetter”'],
        ['Welche Lieferanten sind zuverlässig?', '“Lieferanten”'],
        ['Wie hoch ist der Gewinn pro Produkt?', '“Gewinn”'],
        ['Wie viele Kunden sind zufrieden?', '“zufrieden”'],
        ['Kunden aus Atlantis', '“Atlantis”'],
        ['Lösche alle Kunden', 'change the data'],
      ],
    );
  });

  it('says in the outcome how the question was read', () => {
    expect(bicycles.ask('Wie viele Kunden kommen aus Frankreich?')).toMatchObject({
      rendering: 'how many customers come from France?',
      interpretation: expect.arrayContaining([expect.objectContaining({ phrase: 'Frankreich' })]) as unknown,
    });
  });

  it.each([
    ['Größe', 'Groesse'],
    ['Müller', 'MUELLER'],
    ['Häuser', 'Hauser'],
  ])('%s and %s are one word', (one, other) => {
    expect(key(one)).toBe(key(other));
  });

  it.each([
    ['kunden', 'kunde'],
    ['bestellungen', 'bestellung'],
    ['höchsten', 'höchste'],
    ['produkts', 'produkt'],
    ['verkäuferinnen', 'verkäufer'],
  ])('%s may be a form of %s', (word, form) => {
    expect(forms(key(word))).toContain(key(form));
  });
});
