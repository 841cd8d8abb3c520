import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, Client, newAccount, type Problem, serverUrl } from './support/client.js';

interface User {
  id: number;
  username: string;
  email?: string;
  full_name: string | null;
  roles: string[];
}

interface Tokens {
  access_token: string;
  token_type: string;
  expires_in: number;
  refresh_token: string;
}

describe('accounts', () => {
  const visitor = new Client(serverUrl());
  let ada: Account;
  let bob: Account;

  beforeAll(async () => {
    ada = await newAccount();
    bob = await newAccount();
  });

  const person = () => {
    const name = `p${randomUUID().slice(0, 10)}`;
    return { username: name, email: `${name}@example.com`, password: 'long enough' };
  };

  it('registers a person and never tells the password again', async () => {
    const request = { ...person(), full_name: 'Grace Hopper' };
    const { status, body } = await visitor.post<User>('/auth/register', request);
    expect(status).toBe(201);
    expect(body).toMatchObject({ username: request.username, email: request.email, full_name: 'Grace Hopper' });
    expect(JSON.stringify(body)).not.toMatch(/password|hash/);
  });

  it('refuses a user name or email that is taken, whatever its case', async () => {
    const taken = await visitor.post<Problem>('/auth/register', { ...person(), username: ada.username.toUpperCase() });
    expect([taken.status, taken.body.code]).toEqual([409, 'username_taken']);
    const email = await visitor.post<Problem>('/auth/register', {
      ...person(),
      email: `${ada.username.toUpperCase()}@EXAMPLE.com`,
    });
    expect([email.status, email.body.code]).toEqual([409, 'email_taken']);
  });

  it('names every field that is not valid', async () => {
    const { status, headers, body } = await visitor.post<Problem>('/auth/register', {
      username: 'ab',
      email: 'nobody',
      password: 'short',
      is_admin: true,
    });
    expect(status).toBe(422);
    expect(headers.get('content-type')).toMatch('application/problem+json');
    expect(body.errors?.map((error) => error.field).sort()).toEqual(['email', 'is_admin', 'password', 'username']);
    expect(body.request_id).toBe(headers.get('x-request-id'));
  });

  it('takes passwords of up to 72 bytes and refuses longer ones instead of cutting them', async () => {
    const fits = await visitor.post('/auth/register', { ...person(), password: 'é'.repeat(36) });
    expect(fits.status).toBe(201);
    const tooLong = await visitor.post<Problem>('/auth/register', { ...person(), password: `${'é'.repeat(36)}x` });
    expect([tooLong.status, tooLong.body.errors?.[0]?.field]).toEqual([422, 'password']);
  });

  it('signs in by user name or email and gives a bearer token', async () => {
    for (const username of [ada.username, ada.username.toUpperCase(), `${ada.username}@example.com`]) {
      const { status, body } = await visitor.post<Tokens>('/auth/login', { username, password: ada.password });
      expect(status).toBe(200);
      expect(body).toMatchObject({ token_type: 'bearer', expires_in: 900 });
      const me = await new Client(visitor.url, body.access_token).get<User>('/auth/me');
      expect(me.body.id).toBe(ada.id);
    }
  });

  it('answers the same for a wrong password and an unknown user', async () => {
    const wrong = await visitor.post<Problem>('/auth/login', { username: ada.username, password: 'not this one' });
    const unknown = await visitor.post<Problem>('/auth/login', { username: 'nobody at all', password: 'not this one' });
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get('www-authenticate')).toBe('Bearer');
    expect({ ...unknown.body, request_id: '' }).toEqual({ ...wrong.body, request_id: '' });
  });

  it('refuses a request without a token, and with one that was tampered with', async () => {
    expect((await visitor.get('/auth/me')).status).toBe(401);
    const [header, claims] = ada.client.token?.split('.') ?? [];
    for (const token of ['nonsense', `${header}.${claims}.AAAA`, `${ada.client.token}x`, unsigned(claims ?? '')]) {
      const { status, body } = await new Client(visitor.url, token).get<Problem>('/auth/me');
      expect([status, body.code]).toEqual([401, 'unauthenticated']);
    }
  });

  it('shows the whole profile to its owner and the public fields to others', async () => {
    const own = await ada.client.get<User>(`/users/${ada.id}`);
    expect(own.body.email).toBe(`${ada.username}@example.com`);
    const other = await bob.client.get<User>(`/users/${ada.id}`);
    expect(Object.keys(other.body).sort()).toEqual(['avatar_url', 'full_name', 'id', 'username']);
    expect((await bob.client.get('/users/999999')).status).toBe(404);
    expect((await bob.client.get('/users/abc')).status).toBe(404);
  });

  it('lets people change their own profile and nobody else’s', async () => {
    const changed = await ada.client.patch<User>(`/users/${ada.id}`, { full_name: 'Ada', locale: 'en-GB' });
    expect(changed.body).toMatchObject({ full_name: 'Ada', locale: 'en-GB' });
    const emptied = await ada.client.patch<User>(`/users/${ada.id}`, { full_name: null });
    expect(emptied.body).toMatchObject({ full_name: null, locale: 'en-GB' });
    const stranger = await bob.client.patch<Problem>(`/users/${ada.id}`, { full_name: 'Mallory' });
    expect([stranger.status, stranger.body.code]).toEqual([403, 'forbidden']);
    const sneaky = await ada.client.patch<Problem>(`/users/${ada.id}`, { is_active: false, roles: ['admin'] });
    expect(sneaky.status).toBe(422);
  });

  it('exchanges a refresh token once, and ends the sign-in when it comes back', async () => {
    const { username, password } = bob;
    const first = (await visitor.post<Tokens>('/auth/login', { username, password })).body.refresh_token;
    const second = await visitor.post<Tokens>('/auth/refresh', { refresh_token: first });
    expect(second.status).toBe(200);
    const replayed = await visitor.post<Problem>('/auth/refresh', { refresh_token: first });
    expect([replayed.status, replayed.body.code]).toEqual([401, 'invalid_refresh_token']);
    const afterReplay = await visitor.post('/auth/refresh', { refresh_token: second.body.refresh_token });
    expect(afterReplay.status).toBe(401);
  });

  it('signs out', async () => {
    const { username, password } = bob;
    const tokens = (await visitor.post<Tokens>('/auth/login', { username, password })).body;
    const client = new Client(visitor.url, tokens.access_token);
    expect((await client.post('/auth/logout', { refresh_token: tokens.refresh_token })).status).toBe(204);
    expect((await visitor.post('/auth/refresh', { refresh_token: tokens.refresh_token })).status).toBe(401);
  });
});

/** The same claims with `alg: none`. */
function unsigned(claims: string): string {
  return `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${claims}.`;
}
