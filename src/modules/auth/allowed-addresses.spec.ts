import { describe, expect, it } from '@jest/globals';
import { isAddressOrNetwork, liesWithin } from './allowed-addresses.js';

describe('allowed addresses', () => {
  it.each(['10.0.0.1', '10.0.0.0/8', '0.0.0.0/0', '::1', '2001:db8::/32', '::ffff:10.0.0.1', '2001:db8::1/128'])(
    'takes %s',
    (text) => expect(isAddressOrNetwork(text)).toBe(true),
  );

  it.each([
    '',
    'localhost',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.1/33',
    '10.0.0.1/08',
    '10.0.0.1/',
    '::1/129',
    'fe80::1%eth0',
  ])('refuses %p', (text) => expect(isAddressOrNetwork(text)).toBe(false));

  it.each([
    [['10.0.0.0/8'], '10.255.0.1', true],
    [['10.0.0.0/8'], '11.0.0.1', false],
    [['10.1.2.3/8'], '10.9.9.9', true],
    [['192.0.2.7'], '192.0.2.7', true],
    [['192.0.2.7'], '192.0.2.8', false],
    [['192.0.2.7'], '::ffff:192.0.2.7', true],
    [['2001:db8::/32'], '2001:db8:ffff::1', true],
    [['2001:db8::/32'], '2001:db9::1', false],
    [['192.0.2.7', '::1'], '::1', true],
    [['fe80::/10'], 'fe80::1%eth0', true],
    [['0.0.0.0/0'], '203.0.113.1', true],
    [['0.0.0.0/0'], '2001:db8::1', false],
    [['10.0.0.0/8'], 'unknown', false],
    [[], '10.0.0.1', false],
  ])('says whether %j holds %s: %s', (list, address, within) => {
    expect(liesWithin(list, address)).toBe(within);
  });
});
