import { describe, expect, it } from '@jest/globals';
import { callerNetwork } from './network-address.js';

describe('callerNetwork', () => {
  it('takes an IPv4 address as it is, also inside IPv6', () => {
    expect(callerNetwork('192.0.2.7')).toBe('192.0.2.7');
    expect(callerNetwork('::ffff:192.0.2.7')).toBe('192.0.2.7');
  });

  it('takes every address of an IPv6 network for the same caller', () => {
    const one = [
      '2001:db8:0:1::1',
      '2001:0db8:0000:0001:ffff:ffff:ffff:ffff',
      '2001:DB8:0:1:2::',
      '2001:db8:0:1::%eth0',
    ];
    expect(new Set(one.map(callerNetwork))).toEqual(new Set(['2001:db8:0:1::/64']));
    expect(callerNetwork('2001:db8:0:2::1')).not.toBe(callerNetwork('2001:db8:0:1::1'));
  });

  it('knows the short forms', () => {
    expect(callerNetwork('::1')).toBe('0:0:0:0::/64');
    expect(callerNetwork('::')).toBe('0:0:0:0::/64');
    expect(callerNetwork('64:ff9b::192.0.2.7')).toBe('64:ff9b:0:0::/64');
  });

  it('leaves what is no address alone', () => {
    expect(callerNetwork('somewhere')).toBe('somewhere');
  });
});
