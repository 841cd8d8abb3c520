import { describe, expect, it } from '@jest/globals';
import { PrivateValues } from './private-values.js';

describe('private values', () => {
  it.each([
    ['jane.doe+x@example.co.uk'],
    ['+49 170 1234567'],
    ['4929 1234 1234 1234'],
    ['DE89 3704 0044 0532 0130 00'],
    ['078-05-1120'],
    ['123456789'],
  ])('are known by how they look: %s', (value) => {
    const hidden = new PrivateValues();
    expect(hidden.hide(`Orders of ${value}, please`)).toBe('Orders of [[value_1]], please');
    expect(hidden.restore('For [[value_1]].')).toBe(`For ${value}.`);
  });

  it.each([['since 2024-01-31'], ['more than 12,000'], ['order 12345678'], ['10:30:00'], ['version 1.2.3']])(
    'are not what looks like dates and amounts: %s',
    (text) => expect(new PrivateValues().hide(text)).toBe(text),
  );

  it('are those that are said to be, as whole words and in whatever case, the longest first', () => {
    const hidden = new PrivateValues(['Ann', 'Ann Lee', 'x', "O'Brien (Jr.)"]);
    expect(hidden.hide("ann lee, Annika, Ann and O'Brien (Jr.) x")).toBe(
      '[[value_2]], Annika, [[value_3]] and [[value_1]] x',
    );
    expect(hidden.hide('Ann')).toBe('[[value_3]]');
    expect(hidden.restore('[[value_2]]; [[value_9]]')).toBe('ann lee; [[value_9]]');
  });

  it('are put back into SQL so that they stay inside of their literals', () => {
    const hidden = new PrivateValues([String.raw`O'Brien\ `]);
    hidden.hide(String.raw`of O'Brien\  here`);
    expect(hidden.restoreInSql("name = '[[value_1]]'", false)).toBe(String.raw`name = 'O''Brien\ '`);
    expect(hidden.restoreInSql("name = '[[value_1]]'", true)).toBe(String.raw`name = 'O''Brien\\ '`);
  });
});
