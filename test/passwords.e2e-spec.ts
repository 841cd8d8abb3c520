import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type Account, Client, newAccount, type Problem, serverUrl } from './support/client.js';
import { Mailbox, REFUSED_MAILBOX } from './support/mailbox.js';
import { eventually } from './support/patience.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';

interface Tokens {
  access_token: string;
  refresh_token: string;
}

const PUBLIC_URL = 'https://lumiere.example.com/analytics';
const LINK = /https:\/\/lumiere\.example\.com\/analytics\/reset-password#token=([\w-]{43})\b/;
let nth = 0;
const freshPassword = (): string => `a staple for ${(nth += 1)} horses`;

const signIn = (url: string, username: string, password: string) =>
  new Client(url).post<Tokens>('/auth/login', { username, password });

describe('changing a password', () => {
  const visitor = new Client(serverUrl());

  it('ends every other session on the very next request, and gives the caller a new one', async () => {
    const { client, username, password } = await newAccount();
    const other = (await signIn(visitor.url, username, password)).body;
    const wanted = freshPassword();
    const changed = await client.post<Tokens>('/auth/password/change', {
      current_password: password,
      new_password: wanted,
    });
    expect(changed.status).toBe(200);
    for (const token of [client.token ?? '', other.access_token]) {
      expect((await new Client(visitor.url, token).get('/auth/me')).status).toBe(401);
    }
    expect((await visitor.post('/auth/refresh', { refresh_token: other.refresh_token })).status).toBe(401);
    expect((await new Client(visitor.url, changed.body.access_token).get('/auth/me')).status).toBe(200);
    const refreshed = await visitor.post('/auth/refresh', { refresh_token: changed.body.refresh_token });
    expect(refreshed.status).toBe(200);
    expect((await signIn(visitor.url, username, password)).status).toBe(401);
    expect((await signIn(visitor.url, username, wanted)).status).toBe(200);
  });

  it('asks for the current password', async () => {
    const { client } = await newAccount();
    const { status, body } = await client.post<Problem>('/auth/password/change', {
      current_password: 'not this one',
      new_password: freshPassword(),
    });
    expect([status, body.errors?.[0]?.field]).toEqual([422, 'current_password']);
    expect((await client.get('/auth/me')).status).toBe(200);
  });

  it('lets one of two changes at the same moment through', async () => {
    const { client, password } = await newAccount();
    const change = () =>
      client.post('/auth/password/change', { current_password: password, new_password: freshPassword() });
    const statuses = (await Promise.all([change(), change()])).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  });

  it('refuses common passwords and the person’s own names, whatever the case, wherever one is chosen', async () => {
    const { client, username, password } = await newAccount();
    for (const guessable of ['iloveyou', 'PassW0rd', 'QWERTYUIOP', username.toUpperCase(), `${username}@example.com`]) {
      const { status, body } = await client.post<Problem>('/auth/password/change', {
        current_password: password,
        new_password: guessable,
      });
      expect([guessable, status, body.errors?.[0]?.field]).toEqual([guessable, 422, 'new_password']);
      expect(body.detail).not.toContain(guessable);
    }
    const registering = await visitor.post<Problem>('/auth/register', {
      username: `x${username}`,
      email: `x${username}@example.com`,
      password: 'Sunshine',
    });
    expect([registering.status, registering.body.errors?.[0]?.field]).toEqual([422, 'password']);
  });

  it('signs out everywhere', async () => {
    const { client, username, password } = await newAccount();
    const other = (await signIn(visitor.url, username, password)).body;
    expect((await client.post('/auth/logout-everywhere')).status).toBe(204);
    for (const token of [client.token ?? '', other.access_token]) {
      expect((await new Client(visitor.url, token).get('/auth/me')).status).toBe(401);
    }
    expect((await visitor.post('/auth/refresh', { refresh_token: other.refresh_token })).status).toBe(401);
  });
});

describe('a new password by mail', () => {
  let mailbox: Mailbox;
  let server: TestServer;
  let visitor: Client;

  beforeAll(async () => {
    mailbox = await Mailbox.open();
    server = await startServer({
      SMTP_URL: mailbox.url,
      MAIL_FROM: 'Lumiere <lumiere@example.com>',
      LUMIERE_PUBLIC_URL: PUBLIC_URL,
      LOG_LEVEL: 'trace',
    });
    visitor = new Client(server.url);
  });

  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
    await mailbox.close();
  });

  const forget = (email: string) => visitor.post<{ detail: string }>('/auth/password/forgot', { email });
  const emailOf = ({ username }: Account): string => `${username}@example.com`;
  const reset = (token: string, password = freshPassword()) =>
    visitor.post<Problem>('/auth/password/reset', { token, new_password: password });

  /** The token in the last of so many mails. */
  const mailedToken = async (account: Account, count = 1): Promise<string> => {
    const mails = await mailbox.mailsTo(emailOf(account), count);
    return LINK.exec(mails.at(-1)?.text ?? '')?.[1] ?? '';
  };

  const withDatabase = async <T>(use: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ host: server.dataDir, port: 5432, user: 'postgres', database: 'postgres' });
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.end();
    }
  };

  it('mails a link that works once, ends all sessions, and stays out of the log', async () => {
    const ada = await newAccount(server.url);
    expect((await forget(emailOf(ada).toUpperCase())).status).toBe(202);
    const token = await mailedToken(ada);
    expect(mailbox.mails.find(({ to }) => to.includes(emailOf(ada)))?.headers).toMatch(/^From: Lumiere <lumiere@/m);
    const wanted = freshPassword();
    expect((await reset(token, wanted)).status).toBe(204);
    expect((await ada.client.get('/auth/me')).status).toBe(401);
    expect((await signIn(server.url, ada.username, ada.password)).status).toBe(401);
    expect((await signIn(server.url, ada.username, wanted)).status).toBe(200);
    const again = await reset(token);
    expect([again.status, again.body.code]).toEqual([422, 'invalid_reset_token']);
    for (const secret of [token, wanted, 'reset-password#']) expect(server.output()).not.toContain(secret);
  });

  it('keeps the token as a hash only', async () => {
    const ada = await newAccount(server.url);
    await forget(emailOf(ada));
    const token = await mailedToken(ada);
    const stored = await withDatabase(async (client) =>
      JSON.stringify((await client.query('SELECT * FROM password_resets')).rows),
    );
    expect(stored).not.toContain(token);
    expect(stored).toContain(createHash('sha256').update(token).digest('hex'));
  });

  it('answers the same for an email that nobody has, and mails nothing', async () => {
    const ada = await newAccount(server.url);
    const unknown = await forget('nobody-at-all@example.com');
    const known = await forget(emailOf(ada));
    expect([unknown.status, unknown.body]).toEqual([known.status, known.body]);
    await mailedToken(ada);
    expect(mailbox.mails.filter(({ to }) => to.includes('nobody-at-all@example.com'))).toEqual([]);
  });

  it('takes the link from its configuration, whatever the request says of the host', async () => {
    const ada = await newAccount(server.url);
    await visitor.post(
      '/auth/password/forgot',
      { email: emailOf(ada) },
      {
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'http',
        forwarded: 'host=evil.example',
        origin: 'https://evil.example',
      },
    );
    await postWithHost(server.url, 'evil.example', { email: emailOf(ada) });
    const mails = await mailbox.mailsTo(emailOf(ada), 2);
    for (const { text, headers } of mails) {
      expect(text).toMatch(LINK);
      expect(text + headers).not.toContain('evil');
    }
  });

  it('lets only the newest link work, and that for half an hour', async () => {
    const ada = await newAccount(server.url);
    await forget(emailOf(ada));
    const first = await mailedToken(ada);
    await forget(emailOf(ada));
    const second = await mailedToken(ada, 2);
    expect((await reset(first)).status).toBe(422);
    await withDatabase((client) =>
      client.query(`UPDATE password_resets SET expires_at = expires_at - interval '30 minutes' WHERE used_at IS NULL`),
    );
    expect((await reset(second)).status).toBe(422);
    expect((await signIn(server.url, ada.username, ada.password)).status).toBe(200);
  });

  it('sets one password when a link is used twice at the same moment', async () => {
    const ada = await newAccount(server.url);
    await forget(emailOf(ada));
    const token = await mailedToken(ada);
    const statuses = (await Promise.all([reset(token), reset(token), reset(token)])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([204, 422, 422]);
  });

  it('leaves the link good when the new password is refused', async () => {
    const ada = await newAccount(server.url);
    await forget(emailOf(ada));
    const token = await mailedToken(ada);
    const refused = await reset(token, 'iloveyou');
    expect([refused.status, refused.body.code]).toEqual([422, 'validation_failed']);
    expect((await reset(token)).status).toBe(204);
  });

  it('ends the link when the password is changed otherwise', async () => {
    const ada = await newAccount(server.url);
    await forget(emailOf(ada));
    const token = await mailedToken(ada);
    await ada.client.post('/auth/password/change', { current_password: ada.password, new_password: freshPassword() });
    expect((await reset(token)).status).toBe(422);
  });

  it('mails an account at most five times an hour, also when asked ten times at once', async () => {
    const ada = await newAccount(server.url);
    await Promise.all(Array.from({ length: 10 }, () => forget(emailOf(ada))));
    await mailbox.mailsTo(emailOf(ada), 5);
    const after = await newAccount(server.url);
    await forget(emailOf(after));
    await mailedToken(after);
    expect(await mailbox.mailsTo(emailOf(ada), 5)).toHaveLength(5);
  });

  it('opens an account again that wrong passwords have locked', async () => {
    const ada = await newAccount(server.url);
    for (let nth = 0; nth < 5; nth += 1) await signIn(server.url, ada.username, 'not this one');
    expect((await signIn(server.url, ada.username, ada.password)).status).toBe(429);
    await forget(emailOf(ada));
    const wanted = freshPassword();
    expect((await reset(await mailedToken(ada), wanted)).status).toBe(204);
    expect((await signIn(server.url, ada.username, wanted)).status).toBe(200);
  });

  it('refuses tokens that were never sent', async () => {
    for (const token of ['x', 'A'.repeat(43), `' OR 1=1 --`]) expect((await reset(token)).status).toBe(422);
  });

  it('logs that a mail was refused, and goes on', async () => {
    const email = `${REFUSED_MAILBOX}@example.com`;
    await visitor.post('/auth/register', { username: 'refused', email, password: freshPassword() });
    expect((await forget(email)).status).toBe(202);
    const output = await eventually(
      async () => server.output(),
      (text) => text.includes('could not be mailed'),
    );
    expect(output).toContain('No such mailbox');
    expect(output).not.toContain('#token');
    const ada = await newAccount(server.url);
    await forget(emailOf(ada));
    expect(await mailedToken(ada)).toHaveLength(43);
  });
});

describe('a new password without a mail server', () => {
  it('answers the same, mails nothing and says in the log what to set, never the link', async () => {
    const ada = await newAccount();
    const server = await startServer({ LUMIERE_PUBLIC_URL: PUBLIC_URL });
    try {
      await newAccount(server.url);
      const email = `${ada.username}@example.com`;
      const answer = await new Client(server.url).post('/auth/password/forgot', { email });
      expect(answer.status).toBe(202);
      const output = await eventually(
        async () => server.output(),
        (text) => text.includes('set SMTP_URL'),
      );
      expect(output).not.toMatch(/#token|reset-password/);
    } finally {
      await server.stop();
      await removeDataDir(server);
    }
  });
});

/** `fetch` does not let anybody set `Host`. */
async function postWithHost(url: string, host: string, body: unknown): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const sent = request(
      `${url}/api/v1/auth/password/forgot`,
      { method: 'POST', headers: { host, 'content-type': 'application/json' } },
      (response) => response.resume().once('end', resolve),
    );
    sent.once('error', reject).end(JSON.stringify(body));
  });
}
