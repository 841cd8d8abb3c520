/** Credentials that must not open anything: each is wrong in one way only. */
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Account, Client, newAccount, serverUrl } from './client.js';
import type { Scene } from './scene.js';

export interface Impostor {
  name: string;
  headers: Record<string, string>;
  /** Behind the path, for who sends credentials there. */
  query?: string;
}

interface Forgery {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  key?: string;
  /** Of OpenSSL; null leaves the signature out. */
  hash?: 'sha256' | 'sha512' | null;
}

/** Signs tokens for the victim with the key of the server, as it would itself unless something is changed. */
export class Forger {
  private constructor(
    private readonly key: string,
    private readonly victim: Account,
    private readonly version: number,
  ) {}

  static async open({ victim, stored }: Scene): Promise<Forger> {
    const file = join(process.env['LUMIERE_TEST_DATA_DIR'] ?? '', 'keys', 'secret.key');
    const [account] = await stored.rows<{ token_version: number }>('SELECT token_version FROM users WHERE id = $1', [
      victim.id,
    ]);
    return new Forger((await readFile(file, 'utf8')).trim(), victim, account?.token_version ?? -1);
  }

  /** Claims that are undefined are left out. */
  token({ header = {}, claims = {}, key = this.key, hash = 'sha256' }: Forgery = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const signed = [
      { alg: 'HS256', typ: 'JWT', ...header },
      {
        sub: String(this.victim.id),
        ver: this.version,
        iat: now,
        exp: now + 600,
        aud: 'lumiere-api',
        iss: 'lumiere',
        ...claims,
      },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${signed}.${hash === null ? '' : createHmac(hash, key).update(signed).digest('base64url')}`;
  }

  /** Tokens that were not made by the server, or not for this, or not for now. */
  forgeries(): Record<string, string> {
    const hourAgo = Math.floor(Date.now() / 1000) - 3600;
    const good = this.token();
    return {
      garbage: 'garbage',
      'an empty token': '',
      'an expired token': this.token({ claims: { iat: hourAgo, exp: hourAgo + 900 } }),
      'a token from the future': this.token({ claims: { nbf: hourAgo + 7200 } }),
      'alg: none': this.token({ header: { alg: 'none' }, hash: null }),
      'alg: nOnE': this.token({ header: { alg: 'nOnE' }, hash: null }),
      'alg: none, signed': this.token({ header: { alg: 'none' } }),
      'no signature': this.token({ hash: null }),
      'another key': this.token({ key: 'another key, as long as the one of the installation is' }),
      'an empty key': this.token({ key: '' }),
      'alg: HS512': this.token({ header: { alg: 'HS512' }, hash: 'sha512' }),
      'alg: RS256': this.token({ header: { alg: 'RS256' } }),
      'a cut signature': good.slice(0, -2),
      'changed claims': [
        good.split('.')[0],
        this.token({ claims: { sub: '1' } }).split('.')[1],
        good.split('.')[2],
      ].join('.'),
      'wrong audience': this.token({ claims: { aud: 'somebody-else' } }),
      'no audience': this.token({ claims: { aud: undefined } }),
      'wrong issuer': this.token({ claims: { iss: 'somebody-else' } }),
      'no issuer': this.token({ claims: { iss: undefined } }),
      'an older token version': this.token({ claims: { ver: this.version - 1 } }),
      'no token version': this.token({ claims: { ver: undefined } }),
      'nobody’s token': this.token({ claims: { sub: '2000000000' } }),
      'a name for an id': this.token({ claims: { sub: this.victim.username } }),
    };
  }
}

/** Everybody who must be taken for nobody. */
export async function makeImpostors(scene: Scene, forger: Forger): Promise<Impostor[]> {
  const { victim, stranger, admin, stored } = scene;
  const bearer = (token: string | undefined): Record<string, string> => ({ authorization: `Bearer ${token ?? ''}` });
  const key = (value: string): Record<string, string> => ({ 'x-api-key': value });
  const [closed, changed, gone, left] = [
    await newAccount(),
    await newAccount(),
    await newAccount(),
    await newAccount(),
  ];
  const [keyOfClosed, keyOfGone] = [await scene.newKey(closed), await scene.newKey(gone)];
  const [revoked, ended, abroad, good] = [
    await scene.newKey(victim),
    await scene.newKey(victim),
    await scene.newKey(victim, { allowed_ips: ['192.0.2.7'] }),
    await scene.newKey(victim),
  ];
  const done = [
    await victim.client.delete(`/api-keys/${revoked.id}`),
    await changed.client.post('/auth/password/change', {
      current_password: changed.password,
      new_password: 'a staple for horses',
    }),
    await left.client.post('/auth/logout-everywhere'),
    await admin.client.patch(`/admin/users/${closed.id}`, { is_active: false }),
    await admin.client.delete(`/admin/users/${gone.id}`),
  ];
  if (done.some(({ status }) => status >= 300)) throw new Error('The impostors could not be made.');
  await stored.rows(`UPDATE api_keys SET expires_at = now() - interval '1 minute' WHERE id = $1`, [ended.id]);
  const visitor = new Client(serverUrl());
  const { username, password } = victim;
  const session = await visitor.post<{ refresh_token: string }>('/auth/login', { username, password });
  const token = victim.client.token ?? '';
  const basic = Buffer.from(`${username}:${password}`).toString('base64');
  return [
    { name: 'no token', headers: {} },
    ...Object.entries(forger.forgeries()).map(([name, forged]) => ({ name, headers: bearer(forged) })),
    { name: 'a deactivated user’s token', headers: bearer(closed.client.token) },
    { name: 'a token from before a new password', headers: bearer(changed.client.token) },
    { name: 'a token from before signing out everywhere', headers: bearer(left.client.token) },
    { name: 'a deleted user’s token', headers: bearer(gone.client.token) },
    { name: 'a refresh token', headers: bearer(session.body.refresh_token) },
    { name: 'an API key as a token', headers: bearer(good.key) },
    { name: 'a deactivated user’s API key', headers: key(keyOfClosed.key) },
    { name: 'a deleted user’s API key', headers: key(keyOfGone.key) },
    { name: 'a revoked API key', headers: key(revoked.key) },
    { name: 'an ended API key', headers: key(ended.key) },
    { name: 'an API key from elsewhere', headers: { ...key(abroad.key), 'x-forwarded-for': '192.0.2.7' } },
    { name: 'a token as an API key', headers: key(token) },
    { name: 'an API key without its end', headers: key(good.key.slice(0, -1)) },
    {
      name: 'the victim’s key and a stranger’s token',
      headers: { ...key(good.key), ...bearer(stranger.client.token) },
    },
    { name: 'a user name and password', headers: { authorization: `Basic ${basic}` } },
    { name: 'a token as a cookie', headers: { cookie: `access_token=${token}; token=${token}` } },
    { name: 'a token in the address', headers: {}, query: `access_token=${token}&token=${token}&api_key=${good.key}` },
  ];
}
