import { describe, expect, it } from '@jest/globals';
import { DomainError } from '../../platform/errors/domain-error.js';
import { checkTemplate, fillIn, type PromptVariable } from './prompt-text.js';

const text = (name: string, maxLength = 100): PromptVariable => ({ name, type: 'text', maxLength });
/** The fields that are complained of. */
const complaints = (work: () => unknown): string[] => {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof DomainError) return error.errors.map(({ field }) => field);
    throw error;
  }
};

describe('a prompt template', () => {
  it('has a variable for every place, and a place for every variable', () => {
    expect(complaints(() => checkTemplate('Say {{a}} and {{a}} as {"json": {"b": 1}}', [text('a')]))).toEqual([]);
    expect(complaints(() => checkTemplate('Say {{a}}', []))).toEqual(['template']);
    expect(complaints(() => checkTemplate('Say', [text('a')]))).toEqual(['variables']);
    expect(complaints(() => checkTemplate('Say {{a}}', [text('a'), text('a')]))).toEqual(['variables']);
    expect(complaints(() => checkTemplate('Say {{a}} {{ b', [text('a')]))).toEqual(['template']);
    for (const place of ['{{a.b}}', '{{ a }}', '{{#a}}', '{{constructor}}', '{{__proto__}}']) {
      expect([place, complaints(() => checkTemplate(`Say {{a}} ${place}`, [text('a')]))]).toEqual([
        place,
        ['template'],
      ]);
    }
  });

  it('takes values as they are, whatever is in them', () => {
    const hostile = '{{b}} $& $1 ${process.exit()} {{a}} <%= b %>';
    expect(fillIn('{{a}}|{{b}}', [text('a'), text('b')], { a: hostile, b: 'secret' })).toBe(`${hostile}|secret`);
  });

  it('takes every value of its type, and nothing else', () => {
    const variables: PromptVariable[] = [
      text('t', 3),
      { name: 'n', type: 'number', maxLength: 10 },
      { name: 'b', type: 'boolean', maxLength: 10 },
      { name: 'd', type: 'date', maxLength: 10 },
    ];
    const fill = (values: Record<string, unknown>) => () => fillIn('{{t}} {{n}} {{b}} {{d}}', variables, values);
    const good = { t: 'abc', n: -1.5, b: false, d: '2024-02-29' };
    expect(fill(good)()).toBe('abc -1.5 false 2024-02-29');
    expect(complaints(fill({}))).toEqual(['variables.t', 'variables.n', 'variables.b', 'variables.d']);
    expect(complaints(fill({ ...good, t: 'abcd' }))).toEqual(['variables.t']);
    expect(complaints(fill({ ...good, t: { toString: () => 'x' } }))).toEqual(['variables.t']);
    expect(complaints(fill({ ...good, n: Number.POSITIVE_INFINITY }))).toEqual(['variables.n']);
    expect(complaints(fill({ ...good, d: '2023-02-29' }))).toEqual(['variables.d']);
    expect(complaints(fill({ ...good, more: 1 }))).toEqual(['variables']);
    expect(complaints(fill(JSON.parse('{"__proto__": "x", "t": "a", "n": 1, "b": true, "d": "2024-01-01"}')))).toEqual([
      'variables',
    ]);
  });
});
