import { describe, expect, it } from '@jest/globals';
import { bookOf, codeOf } from './detection.js';

describe('the language of a question', () => {
  it.each([
    ['How many customers are there in München?', 'en'],
    ['customers in Hà Nội', 'en'],
    ['What is the name of the person with the most orders?', 'en'],
    ['show all kunden with their umsatz', 'en'],
    ['top 10', 'en'],
    ['', 'en'],
    ['Wie viele Kunden gibt es?', 'de'],
    ['wieviele kunden in berlin', 'de'],
    ['Umsatz pro Monat', 'de'],
    ['Durchschnittsgehalt', 'de'],
    ['Top 5 Produkte nach Umsatz', 'de'],
    ['Có bao nhiêu khách hàng?', 'vi'],
    ['co bao nhieu khach hang', 'vi'],
    ['doanh thu theo tháng', 'vi'],
  ])('%s: %s', (question, language) => {
    expect(codeOf(bookOf(question, null))).toBe(language);
  });

  it('is that of the person where the words belong to two', () => {
    expect(codeOf(bookOf('customer umsatz', null))).toBe('en');
    expect(codeOf(bookOf('customer umsatz', 'de-AT'))).toBe('de');
    expect(codeOf(bookOf('customers', 'de'))).toBe('en');
  });
});
