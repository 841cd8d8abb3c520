import { describe, expect, it } from '@jest/globals';
import type { ColumnType, Sensitivity } from './catalog.js';
import { guessSensitivity } from './guess-sensitivity.js';

describe('guessing how sensitive a column is', () => {
  it.each<[string, ColumnType, string[], Sensitivity]>([
    ['email', 'text', [], 'personal'],
    ['ContactPhone', 'text', [], 'personal'],
    ['first_name', 'text', [], 'personal'],
    ['birth_date', 'date', [], 'personal'],
    ['contact', 'text', ['ada@example.org', 'bob@example.com'], 'personal'],
    ['reach', 'text', ['+49 30 123456', '(030) 1234-567'], 'personal'],
    ['password_hash', 'text', [], 'secret'],
    ['name', 'text', ['Berlin', 'Paris'], 'none'],
    ['product_name', 'text', ['Chair'], 'none'],
    ['address_id', 'integer', ['1', '2'], 'none'],
    ['day', 'text', ['2024-01-01', '2024-01-02'], 'none'],
    ['amount', 'float', ['1.5'], 'none'],
  ])('%s (%s, such as %j) is %s', (name, type, samples, expected) => {
    expect(guessSensitivity({ name, type, samples })).toBe(expected);
  });
});
