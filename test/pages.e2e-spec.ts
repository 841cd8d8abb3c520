import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { serverUrl } from './support/client.js';

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

describe.each(['/reset-password', '/signed-in'])('the page %s', (path) => {
  let response: Response;
  let html: string;
  let policy: Record<string, string>;

  beforeAll(async () => {
    response = await fetch(`${serverUrl()}${path}`);
    html = await response.text();
    const directives = (response.headers.get('content-security-policy') ?? '').split('; ');
    policy = Object.fromEntries(directives.map((text) => text.split(/ (.*)/)));
  });

  it('is there for everybody, and is kept nowhere', () => {
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('may run its own script and show its own style, and nothing else', () => {
    const [script = '', ...otherScripts] = [...html.matchAll(/<script>([^]*?)<\/script>/g)].map(
      ([, text]) => text ?? '',
    );
    const [style = '', ...otherStyles] = [...html.matchAll(/<style>([^]*?)<\/style>/g)].map(([, text]) => text ?? '');
    expect([otherScripts, otherStyles]).toEqual([[], []]);
    expect(policy).toEqual({
      'default-src': "'none'",
      'script-src': hashOf(script),
      'style-src': hashOf(style),
      'connect-src': "'self'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
    });
    expect(html).not.toMatch(/ on\w+=| style=|https?:\/\/|\ssrc=|innerHTML/);
  });

  it('has a label for every field, and calls the API below its own address', () => {
    const fields = [...html.matchAll(/<(?:input|textarea) id="(\w+)"/g)].map(([, id]) => id);
    expect(fields.length).toBeGreaterThan(0);
    for (const id of fields) expect(html).toContain(`<label for="${id}">`);
    const calls = [...html.matchAll(/fetch\('([^']+)'/g)].map(([, address = '']) => address);
    expect(calls.length).toBeGreaterThan(0);
    for (const address of calls) expect(address).toMatch(/^api\/v1\/auth\//);
  });
});
