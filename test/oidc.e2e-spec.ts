import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, newAccount, type Problem, serverUrl } from './support/client.js';
import { Browser, OidcProviderProcess, type Person, type Stop } from './support/oidc-browser.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';

interface Tokens {
  access_token: string;
  refresh_token: string;
}

interface Me {
  id: number;
  username: string;
  email: string;
  full_name: string | null;
  roles: string[];
}

const PUBLIC_URL = 'https://lumiere.example.com/analytics';
const FRONT_END = 'https://app.example.com';
const START = `${PUBLIC_URL}/api/v1/auth/oidc/start`;
const CALLBACK = `${PUBLIC_URL}/api/v1/auth/oidc/callback`;
const isCallback = (url: URL): boolean => url.href.startsWith(`${CALLBACK}?`);

let provider: OidcProviderProcess;
/** Lets in those whom the map gives a role. */
let strict: TestServer;
/** Lets in everybody, and opens accounts by their address. */
let open: TestServer;
let people: Record<string, Person> = {};

beforeAll(async () => {
  provider = await OidcProviderProcess.open(CALLBACK);
  const common = {
    OIDC_ISSUER: provider.issuer,
    LUMIERE_PUBLIC_URL: PUBLIC_URL,
    CORS_ORIGINS: FRONT_END,
    REGISTRATION_OPEN: 'true',
    LOGIN_FREE_ATTEMPTS_PER_ADDRESS: '1000',
  };
  [strict, open] = await Promise.all([
    startServer({
      ...common,
      OIDC_CLIENT_ID: 'lumiere',
      OIDC_CLIENT_SECRET: 'a secret of the client',
      OIDC_ROLE_MAP: 'lumiere-admins=admin, data=analyst, ghosts=nothing-like-it',
      OIDC_LABEL: 'Example Ltd',
    }),
    startServer({
      ...common,
      OIDC_CLIENT_ID: 'lumiere-public',
      OIDC_ROLE_MAP: 'lumiere-admins=admin',
      OIDC_DEFAULT_ROLE: 'viewer',
      OIDC_LINK_BY_EMAIL: 'true',
    }),
  ]);
});

afterAll(async () => {
  await Promise.all([strict, open].map((server) => server.stop()));
  await Promise.all([strict, open].map(removeDataDir));
  await provider.close();
});

const browserOf = (server: TestServer): Browser => new Browser({ [PUBLIC_URL]: server.url });

/** Makes somebody known at the provider, and gives their subject. */
async function person(claims: Person = {}): Promise<string> {
  const subject = randomUUID();
  const name = `p${subject.slice(0, 8)}`;
  people = {
    ...people,
    [subject]: { preferred_username: name, email: `${name}@example.com`, email_verified: true, ...claims },
  };
  await provider.know(people);
  return subject;
}

async function changePerson(subject: string, claims: Person): Promise<void> {
  people = { ...people, [subject]: { ...people[subject], ...claims } };
  await provider.know(people);
}

/** What stands in the fragment of the address that a sign-in ends at. */
const handed = ({ url }: Stop): Record<string, string> => Object.fromEntries(new URLSearchParams(url.hash.slice(1)));

async function signIn(server: TestServer, subject: string): Promise<Record<string, string>> {
  return handed(await browserOf(server).open(START, { as: subject }));
}

const exchange = <T = Tokens>(server: TestServer, code: string | undefined, more: object = {}) =>
  new Client(server.url).post<T>('/auth/oidc/token', { code, ...more });

async function clientOf(server: TestServer, subject: string): Promise<Client> {
  const { code, ...refusal } = await signIn(server, subject);
  expect(refusal).toEqual({});
  return new Client(server.url, (await exchange(server, code)).body.access_token);
}

const me = async (server: TestServer, subject: string): Promise<Me> =>
  (await (await clientOf(server, subject)).get<Me>('/auth/me')).body;

describe('signing in with OpenID Connect', () => {
  it('goes to the provider, comes back, and ends in the usual tokens', async () => {
    const subject = await person({ name: 'Ada Lovelace', groups: ['data', 'everybody'] });
    const browser = browserOf(strict);
    const end = await browser.open(START, { as: subject });
    expect(`${end.url.origin}${end.url.pathname}`).toBe(`${PUBLIC_URL}/signed-in`);
    expect([end.status, end.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const { code, ...more } = handed(end);
    expect([code?.length, more]).toEqual([43, {}]);

    const { status, body } = await exchange(strict, code);
    expect(status).toBe(200);
    const account = await new Client(strict.url, body.access_token).get<Me & { last_login_at: string }>('/auth/me');
    expect(account.body).toMatchObject({
      username: people[subject]?.preferred_username,
      email: people[subject]?.email,
      full_name: 'Ada Lovelace',
      roles: ['analyst'],
    });
    expect(account.body.last_login_at).not.toBeNull();
    const refreshed = await new Client(strict.url).post('/auth/refresh', { refresh_token: body.refresh_token });
    expect(refreshed.status).toBe(200);
  });
});
