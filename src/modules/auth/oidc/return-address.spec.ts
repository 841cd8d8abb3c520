import { describe, expect, it } from '@jest/globals';
import { returnAddress } from './return-address.js';

const PUBLIC_URL = 'https://lumiere.example.com/analytics';
const where = (wanted?: string, origins: string[] = ['https://app.example.com']) =>
  returnAddress(wanted, PUBLIC_URL, origins);

describe('where people go after signing in', () => {
  it('is the page of the server when nothing is said', () => {
    expect(where()).toBe(`${PUBLIC_URL}/signed-in`);
  });

  it.each([
    ['welcome?tab=1', `${PUBLIC_URL}/welcome?tab=1`],
    ['https://lumiere.example.com/other', 'https://lumiere.example.com/other'],
    ['https://app.example.com/callback', 'https://app.example.com/callback'],
  ])('may be %s', (wanted, address) => {
    expect(where(wanted)).toBe(address);
  });

  it.each([
    'https://evil.example.com/',
    '//evil.example.com/',
    '/\\evil.example.com/',
    'http://lumiere.example.com/',
    'https://lumiere.example.com@evil.example.com/',
    'https://me:secret@lumiere.example.com/',
    'https://lumiere.example.com:8443/',
    'https://app.example.com.evil.example.com/',
    'javascript:alert(1)',
    'data:text/html,x',
    'blob:https://lumiere.example.com/1',
    'https://app.example.com/#code=x',
    'https://',
  ])('is not %s', (wanted) => {
    expect(() => where(wanted)).toThrow('Name an address');
  });

  it('is not just any address because any origin may read', () => {
    expect(() => where('https://evil.example.com/', ['*'])).toThrow('Name an address');
  });
});
