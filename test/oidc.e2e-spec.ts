import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, newAccount, type Problem, serverUrl } from './support/client.js';
import { result } from './support/command-line.js';
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

/** Two servers start, possibly on a busy machine. */
const START_PATIENCE_MS = 120_000;

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
  strict = await startServer({
    ...common,
    OIDC_CLIENT_ID: 'lumiere',
    OIDC_CLIENT_SECRET: 'a secret of the client',
    OIDC_ROLE_MAP: 'lumiere-admins=admin, data=analyst, ghosts=nothing-like-it',
    OIDC_LABEL: 'Example Ltd',
  });
  open = await startServer({
    ...common,
    OIDC_CLIENT_ID: 'lumiere-public',
    OIDC_ROLE_MAP: 'lumiere-admins=admin',
    OIDC_DEFAULT_ROLE: 'viewer',
    OIDC_LINK_BY_EMAIL: 'true',
  });
}, START_PATIENCE_MS);

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

describe('a provider that is away', () => {
  it('stops no server from starting, and works as soon as it is back', async () => {
    const subject = await person();
    try {
      // The first that this server has to do with it.
      await provider.lie('down');
      const away = await browserOf(open).open(START, { as: subject });
      expect([away.status, JSON.parse(away.body)]).toMatchObject([503, { code: 'provider_unavailable' }]);
      expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0);
      await provider.lie(null);
      const browser = browserOf(open);
      const back = (await browser.open(START, { as: subject, until: isCallback })).url;
      await provider.lie('down');
      expect(handed(await browser.open(back.href))).toMatchObject({ error: 'provider_unavailable' });
      await provider.lie(null);
      expect(await signIn(open, subject)).toHaveProperty('code');
      expect(open.output()).toContain('could not be used');
      for (const secret of ['code', 'state']) expect(open.output()).not.toContain(back.searchParams.get(secret) ?? '');
    } finally {
      await provider.lie(null);
    }
  });
});

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

  it('hands no token and no secret to any address, and asks for a proof that only this browser can make', async () => {
    const subject = await person({ groups: ['data'] });
    const browser = browserOf(strict);
    await browser.open(START, { as: subject });
    const asked = browser.visited.find((url) => url.href.startsWith(`${provider.issuer}/auth?`))?.searchParams;
    expect(asked?.get('code_challenge_method')).toBe('S256');
    expect(asked?.get('code_challenge')).toMatch(/^[\w-]{43}$/);
    expect(asked?.get('redirect_uri')).toBe(CALLBACK);
    for (const name of ['state', 'nonce']) expect(asked?.get(name)).toMatch(/^[\w-]{43}$/);
    expect(browser.visited.some(({ href }) => /token=|eyJ/.test(href))).toBe(false);
    const [cookie = ''] = browser.setCookies.filter((text) => text.includes('lumiere-oidc'));
    expect(cookie).toMatch(
      /^__Host-lumiere-oidc-[0-9a-f]{16}=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
    );
    expect(cookie).not.toContain(String(asked?.get('state')));
  });

  it('knows a person again by issuer and subject, whatever else has changed', async () => {
    const subject = await person({ groups: ['data'] });
    const before = await me(strict, subject);
    await changePerson(subject, { email: 'another@example.com', preferred_username: 'another' });
    expect(await me(strict, subject)).toMatchObject({ id: before.id, email: before.email, username: before.username });
  });

  it('finds a free and valid user name', async () => {
    const wanted = `x${randomUUID().slice(0, 8)}`;
    const names = [];
    for (const name of [`${wanted} ü/§`, `${wanted} ü/§`, 'é']) {
      names.push((await me(open, await person({ preferred_username: name }))).username);
    }
    expect(names).toEqual([`${wanted}-ü-`, `${wanted}-ü--2`, 'é--']);
  });

  it('tells front ends whether there is such a sign-in, and what to call it', async () => {
    expect((await new Client(strict.url).get('/auth/oidc')).body).toEqual({ enabled: true, label: 'Example Ltd' });
    expect((await new Client(open.url).get('/auth/oidc')).body).toEqual({ enabled: true, label: '127.0.0.1' });
  });

  it('leaves a trail of who came and how', async () => {
    const subject = await person({ groups: ['lumiere-admins'] });
    const client = await clientOf(strict, subject);
    const { id } = (await client.get<Me>('/auth/me')).body;
    const { items } = (
      await client.get<{ items: { action: string; object_id: number; diff: object }[] }>('/audit-trails')
    ).body;
    const own = items.filter(({ object_id: objectId }) => objectId === id);
    expect(own.map(({ action }) => action).reverse()).toEqual([
      'user.created',
      'user.identity_linked',
      'user.roles_changed',
      'user.signed_in',
    ]);
    expect(own[0]?.diff).toEqual({ details: { method: 'oidc', issuer: provider.issuer } });
  });

  it('is not there when it is not set up', async () => {
    const visitor = new Client(serverUrl());
    expect((await visitor.get('/auth/oidc')).body).toEqual({ enabled: false, label: null });
    const code = { code: 'x' };
    const answers = [
      await visitor.get<Problem>('/auth/oidc/start'),
      await visitor.get<Problem>('/auth/oidc/callback?code=x&state=y'),
      await visitor.post<Problem>('/auth/oidc/token', code),
    ];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(answers.map(() => [404, 'not_found']));
  });
});

describe('a sign-in that is not what it should be', () => {
  /** The address that the provider sends the browser back to, not yet opened. */
  async function arrive(browser: Browser): Promise<URL> {
    const subject = await person({ groups: ['data'] });
    return (await browser.open(START, { as: subject, until: isCallback })).url;
  }

  const refused = { code: 'invalid_sign_in', status: 401 };

  it.each([
    ['another state', (url: URL) => url.searchParams.set('state', 'x'.repeat(43))],
    ['no state', (url: URL) => url.searchParams.delete('state')],
    ['two states', (url: URL) => url.searchParams.append('state', 'x')],
    ['another code', (url: URL) => url.searchParams.set('code', 'x'.repeat(43))],
    ['no code', (url: URL) => url.searchParams.delete('code')],
    ['another issuer', (url: URL) => url.searchParams.set('iss', 'https://id.example.com')],
    ['no issuer', (url: URL) => url.searchParams.delete('iss')],
  ])('gets nobody in with %s', async (_, change) => {
    const browser = browserOf(strict);
    const url = await arrive(browser);
    change(url);
    const end = await browser.open(url.href);
    if (end.url.pathname.endsWith('/signed-in')) expect(handed(end)).toMatchObject({ error: 'invalid_sign_in' });
    else expect(JSON.parse(end.body)).toMatchObject(refused);
  });

  it('works once', async () => {
    const browser = browserOf(strict);
    const { href } = await arrive(browser);
    expect(handed(await browser.open(href))).toHaveProperty('code');
    expect(JSON.parse((await browser.open(href)).body)).toMatchObject(refused);
  });

  it('works once, also when both come at the same moment', async () => {
    const browser = browserOf(strict);
    const { href } = await arrive(browser);
    const ends = await Promise.all([browser.open(href), browser.open(href), browser.open(href)]);
    expect(ends.filter((end) => 'code' in handed(end))).toHaveLength(1);
  });

  it('works in the browser that it began in, and stays good when another one tries', async () => {
    const browser = browserOf(strict);
    const { href } = await arrive(browser);
    const victim = browserOf(strict);
    await victim.open(START, { until: isCallback, as: await person({ groups: ['data'] }) });
    expect(JSON.parse((await victim.open(href)).body)).toMatchObject(refused);
    expect(handed(await browser.open(href))).toHaveProperty('code');
  });

  it('does not disturb another one in the same browser', async () => {
    const browser = browserOf(strict);
    const first = await arrive(browser);
    const second = await arrive(browser);
    expect(handed(await browser.open(second.href))).toHaveProperty('code');
    expect(handed(await browser.open(first.href))).toHaveProperty('code');
  });

  it.each([
    'another nonce',
    'no nonce',
    'another audience',
    'another issuer',
    'a time that is over',
    'no subject',
    'the signature of a stranger',
    'no signature',
    'another person’s name in it',
    'another issuer in the address',
    'another subject behind it',
  ])('is refused when the provider’s answer has %s', async (lie) => {
    const subject = await person({ groups: ['lumiere-admins'] });
    await provider.lie(lie);
    try {
      expect(await signIn(strict, subject)).toEqual({
        error: 'invalid_sign_in',
        error_description: expect.stringContaining('Begin again'),
      });
    } finally {
      await provider.lie(null);
    }
    expect(await signIn(strict, subject)).toHaveProperty('code');
  });

  it('says so when the person cancels', async () => {
    expect(await signIn(strict, 'nobody')).toMatchObject({ error: 'sign_in_refused' });
  });
});

describe('where a sign-in ends', () => {
  it('is an address of the front end, with what it says about itself', async () => {
    const subject = await person({ groups: ['data'] });
    const returnTo = `${FRONT_END}/after?tab=1`;
    const query = new URLSearchParams({ return_to: returnTo });
    const { url } = await browserOf(strict).open(`${START}?${query.toString()}`, { as: subject });
    expect(url.href.split('#')[0]).toBe(returnTo);
    const answer = await exchange(strict, new URLSearchParams(url.hash.slice(1)).get('code') ?? '');
    expect(answer.status).toBe(200);
  });

  it.each(['https://evil.example.com/', '//evil.example.com', 'javascript:alert(1)', `${FRONT_END}.evil.example.com/`])(
    'is not %s',
    async (returnTo) => {
      const { status, body } = await new Client(strict.url).get<Problem>(
        `/auth/oidc/start?return_to=${encodeURIComponent(returnTo)}`,
      );
      expect([status, body.errors?.[0]?.field]).toEqual([422, 'return_to']);
    },
  );

  it('hands over a code that works once', async () => {
    const { code } = await signIn(strict, await person({ groups: ['data'] }));
    const answers = await Promise.all([1, 2, 3].map(() => exchange<Problem>(strict, code)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    expect((await exchange<Problem>(strict, code)).body.code).toBe('invalid_sign_in');
  });

  it('hands over a code that works for who began, when they say so', async () => {
    const verifier = randomBytes(32).toString('base64url');
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const subject = await person({ groups: ['data'] });
    const begin = async () =>
      handed(await browserOf(strict).open(`${START}?code_challenge=${challenge}`, { as: subject }));
    expect((await exchange(strict, (await begin())['code'])).status).toBe(401);
    const other = { code_verifier: randomBytes(32).toString('base64url') };
    expect((await exchange(strict, (await begin())['code'], other)).status).toBe(401);
    expect((await exchange(strict, (await begin())['code'], { code_verifier: verifier })).status).toBe(200);
  });

  it('hands over a code that is worth nothing once the account has ended its sessions', async () => {
    const subject = await person({ groups: ['data'] });
    const client = await clientOf(strict, subject);
    const { code } = await signIn(strict, subject);
    expect((await client.post('/auth/logout-everywhere')).status).toBe(204);
    expect((await exchange(strict, code)).status).toBe(401);
  });
});

describe('what the provider has a say in', () => {
  it('are the roles of the map, which come and go at the next sign-in', async () => {
    const subject = await person({ groups: ['data'] });
    expect((await me(strict, subject)).roles).toEqual(['analyst']);
    await changePerson(subject, { groups: ['data', 'lumiere-admins'] });
    expect((await me(strict, subject)).roles).toEqual(['admin', 'analyst']);
    await person({ groups: ['lumiere-admins'] }).then((other) => signIn(strict, other));
    await changePerson(subject, { groups: ['data'] });
    expect((await me(strict, subject)).roles).toEqual(['analyst']);
  });

  it('are not the roles that people here have given', async () => {
    const subject = await person({ groups: ['data'] });
    const { id } = await me(strict, subject);
    const administrator = await clientOf(strict, await person({ groups: ['lumiere-admins'] }));
    expect((await administrator.put(`/users/${id}/roles`, { roles: ['viewer', 'analyst'] })).status).toBe(200);
    expect((await me(strict, subject)).roles).toEqual(['analyst', 'viewer']);
  });

  it('is who gets in: without a role in the map nobody does, and who had one loses it', async () => {
    expect(await signIn(strict, await person({ groups: ['everybody'] }))).toMatchObject({ error: 'sign_in_refused' });
    const subject = await person({ groups: ['data'] });
    const client = await clientOf(strict, subject);
    await changePerson(subject, { groups: [] });
    expect(await signIn(strict, subject)).toMatchObject({ error: 'sign_in_refused' });
    expect((await client.get('/queries')).status).toBe(403);
  });

  it('is not who gets in when there is a role for everybody', async () => {
    expect((await me(open, await person({ groups: ['everybody'] }))).roles).toEqual(['viewer']);
    expect((await me(open, await person({ groups: ['lumiere-admins'] }))).roles).toEqual(['admin']);
  });

  it('goes on without a role that does not exist here', async () => {
    expect((await me(strict, await person({ groups: ['data', 'ghosts'] }))).roles).toEqual(['analyst']);
    expect(strict.output()).toContain('There is no role nothing-like-it');
  });

  it('is not whether the installation keeps an administrator', async () => {
    const alone = await person({ groups: ['lumiere-admins', 'data'] });
    const client = await clientOf(strict, alone);
    const { id } = (await client.get<Me>('/auth/me')).body;
    const { items } = (await client.get<{ items: { id: number; roles: string[] }[] }>('/admin/users?limit=200')).body;
    for (const other of items.filter((account) => account.id !== id && account.roles.includes('admin'))) {
      expect((await client.patch(`/admin/users/${other.id}`, { is_active: false })).status).toBe(200);
    }
    await changePerson(alone, { groups: ['data'] });
    expect((await me(strict, alone)).roles).toEqual(['admin', 'analyst']);
  });

  it('does not open an account that an administrator has closed', async () => {
    const subject = await person();
    const { id } = await me(open, subject);
    const administrator = await clientOf(open, await person({ groups: ['lumiere-admins'] }));
    expect((await administrator.patch(`/admin/users/${id}`, { is_active: false })).status).toBe(200);
    expect(await signIn(open, subject)).toMatchObject({ error: 'sign_in_refused' });
  });
});

describe('an account with the same address', () => {
  it('is not opened unless that is wanted', async () => {
    const local = await newAccount(strict.url);
    const subject = await person({ email: `${local.username}@example.com`, groups: ['data'] });
    expect(await signIn(strict, subject)).toMatchObject({ error: 'email_taken' });
    expect((await local.client.get('/auth/me')).status).toBe(200);
  });

  it('is opened when the provider has verified it, and every earlier way in ends', async () => {
    const local = await newAccount(open.url);
    const newKey = () => local.client.post<{ id: number; key: string }>('/api-keys', { name: 'script', scopes: ['*'] });
    const [gone, key, another] = [await newKey(), await newKey(), await newKey()];
    await local.client.delete(`/api-keys/${gone.body.id}`);
    const subject = await person({ email: `${local.username}@EXAMPLE.com` });
    const own = await clientOf(open, subject);
    expect((await own.get<Me>('/auth/me')).body).toMatchObject({ id: local.id, username: local.username });
    expect((await local.client.get('/auth/me')).status).toBe(401);
    expect((await new Client(open.url, undefined, key.body.key).get('/auth/me')).status).toBe(401);
    const { username, password } = local;
    expect((await new Client(open.url).post('/auth/login', { username, password })).status).toBe(401);
    const administrator = await clientOf(open, await person({ groups: ['lumiere-admins'] }));
    const { items } = (
      await administrator.get<{ items: { action: string; object_id: number; actor: string }[] }>(
        `/audit-trails?limit=200&user_id=${local.id}`,
      )
    ).body;
    const ends = items.slice(
      0,
      items.findIndex(({ action }) => action === 'api_key.created'),
    );
    const told = ends.filter(({ action }) => action !== 'user.roles_changed');
    expect(told.map(({ action, object_id: id }) => `${action} ${id}`).sort()).toEqual(
      [
        `api_key.revoked ${gone.body.id}`,
        `user.password_removed ${local.id}`,
        `user.signed_out_everywhere ${local.id}`,
        `api_key.revoked ${key.body.id}`,
        `api_key.revoked ${another.body.id}`,
        `user.identity_linked ${local.id}`,
        `user.signed_in ${local.id}`,
      ].sort(),
    );
  });

  it.each([
    ['the provider has not verified it', { email_verified: false }],
    ['the provider does not say', { email_verified: undefined }],
  ])('stays closed when %s', async (_, claims) => {
    const local = await newAccount(open.url);
    const subject = await person({ email: `${local.username}@example.com` });
    await changePerson(subject, claims as Person);
    expect(await signIn(open, subject)).toMatchObject({ error: 'email_taken' });
  });

  it('is not handed on to a second person of the same provider', async () => {
    const subject = await person();
    await clientOf(open, subject);
    const second = await person({ email: people[subject]?.email ?? '' });
    expect(await signIn(open, second)).toMatchObject({ error: 'email_taken' });
  });
});

describe('an account without a password', () => {
  it('cannot be opened with one, and says so when one is to be changed', async () => {
    const client = await clientOf(open, await person());
    const { username } = (await client.get<Me>('/auth/me')).body;
    for (const password of ['', 'null', '!'].map((text) => text.padEnd(8, 'x'))) {
      expect((await new Client(open.url).post('/auth/login', { username, password })).status).toBe(401);
      const change = { current_password: password, new_password: 'a staple for horses' };
      const { status, body } = await client.post<Problem>('/auth/password/change', change);
      expect([status, body.code, body.detail]).toEqual([409, 'conflict', expect.stringContaining('no password')]);
    }
  });

  it('gets one through a link that an administrator has made', async () => {
    const client = await clientOf(open, await person());
    const { id, username } = (await client.get<Me>('/auth/me')).body;
    const { token } = await result<{ token: string }>(['users', 'reset-password', `id:${id}`], {
      environment: { LUMIERE_DATA_DIR: open.dataDir },
    });
    const password = 'a staple for horses';
    const visitor = new Client(open.url);
    expect((await visitor.post('/auth/password/reset', { token, new_password: password })).status).toBe(204);
    expect((await visitor.post('/auth/login', { username, password })).status).toBe(200);
  });

  it('is not made for who has no address', async () => {
    const subject = await person();
    await changePerson(subject, { email: 'not an address' });
    expect(await signIn(open, subject)).toMatchObject({ error: 'sign_in_refused' });
  });
});
