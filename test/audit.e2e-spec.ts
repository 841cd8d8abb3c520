import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type Account, Client, newAccount } from './support/client.js';
import { newSource, SHOP } from './support/data.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Page, Query } from './support/shapes.js';

interface AuditRow {
  id: number;
  user_id: number | null;
  actor: string;
  api_key_id: number | null;
  ip_address: string | null;
  request_id: string | null;
  action: string;
  object_type: string;
  object_id: number | null;
  diff: { before?: object; after?: object; details?: Record<string, unknown> };
  previous_hash: string;
  hash: string;
  created_at: string;
}

interface Verdict {
  ok: boolean;
  rows: number;
  end: { position: number; hash: string };
  problems: { position: number; kind: string; detail: string }[];
}

describe('the audit trail', () => {
  let server: TestServer;
  let root: Account;
  let ada: Account;
  let database: pg.Client;

  beforeAll(async () => {
    server = await startServer();
    root = await newAccount(server.url);
    ada = await newAccount(server.url);
    database = new pg.Client({ host: server.dataDir, port: 5432, user: 'postgres', database: 'postgres' });
    await database.connect();
  });

  afterAll(async () => {
    await database.end();
    await server.stop();
    await removeDataDir(server);
  });

  const trail = async (filter = ''): Promise<AuditRow[]> => {
    const { status, body } = await root.client.get<Page<AuditRow>>(`/audit-trails?limit=200${filter}`);
    expect(status).toBe(200);
    return body.items;
  };
  const last = async (filter = ''): Promise<AuditRow> => {
    const [row] = await trail(filter);
    if (row === undefined) throw new Error(`Nothing is recorded for ${filter}`);
    return row;
  };
  const verify = async (noted = ''): Promise<Verdict> =>
    (await root.client.get<Verdict>(`/audit-trails/verify${noted}`)).body;

  it('records a change with who made it, how, from where, and what was before and after', async () => {
    const { headers } = await ada.client.patch(`/users/${ada.id}`, { full_name: 'Ada L.' });
    expect(await last(`&object_type=user&object_id=${ada.id}&action=user.updated`)).toMatchObject({
      user_id: ada.id,
      actor: 'session',
      api_key_id: null,
      ip_address: '127.0.0.1',
      request_id: headers.get('x-request-id'),
      diff: { before: { full_name: null }, after: { full_name: 'Ada L.' } },
    });
  });

  it('records nothing for a change that changes nothing, and nothing for one that is refused', async () => {
    const before = (await verify()).rows;
    await ada.client.patch(`/users/${ada.id}`, { full_name: 'Ada L.' });
    expect((await root.client.post('/roles', { name: 'admin', permissions: [] })).status).toBe(409);
    expect((await ada.client.patch(`/users/${root.id}`, { full_name: 'Mallory' })).status).toBe(403);
    expect((await verify()).rows).toBe(before);
  });

  it('tells sign-ins, failed ones and their accounts apart', async () => {
    const visitor = new Client(server.url);
    const failures = (): Promise<AuditRow[]> => trail('&action=user.sign_in_failed');
    await visitor.post('/auth/login', { username: ada.username, password: 'not the password' });
    await visitor.post('/auth/login', { username: 'nobody-here', password: 'not the password' });
    expect(await failures()).toMatchObject([
      { user_id: null, actor: 'anonymous', object_id: null },
      { user_id: null, actor: 'anonymous', object_id: ada.id },
    ]);
    await visitor.post('/auth/login', { username: ada.username, password: ada.password });
    expect(await last('&action=user.signed_in')).toMatchObject({
      user_id: ada.id,
      actor: 'session',
      object_id: ada.id,
      diff: { details: { method: 'password' } },
    });
  });

  it('records every access to data, by whom and to which rows', async () => {
    const source = await newSource(ada.client, SHOP);
    const { body: key } = await ada.client.post<{ id: number; key: string }>('/api-keys', { name: 'k', scopes: ['*'] });
    const program = new Client(server.url, undefined, key.key);
    const { body: query } = await program.post<Query>('/queries', {
      data_source_id: source.id,
      question: 'Total amount by status',
    });
    expect(query.status).toBe('succeeded');
    await ada.client.get(`/queries/${query.id}/result?limit=2`);
    await ada.client.get(`/queries/${query.id}/result?format=csv`);
    await ada.client.get(`/queries/${query.id}/chart?format=svg`);
    await ada.client.get(`/queries/${query.id}`);
    const ofQuery = await trail(`&object_type=query&object_id=${query.id}`);
    expect(ofQuery.map(({ action, actor }) => `${actor} ${action}`).reverse()).toEqual([
      'api_key query.asked',
      'api_key query.ended',
      ...Array<string>(4).fill('session query.rows_read'),
    ]);
    expect(ofQuery.at(-1)).toMatchObject({ user_id: ada.id, api_key_id: key.id });
    expect(ofQuery.at(-1)?.diff.details).toMatchObject({
      question: 'Total amount by status',
      data_source_id: source.id,
    });
    expect(ofQuery.at(-2)?.diff.details).toMatchObject({ status: 'succeeded', row_count: 3, sql: query.sql });
    expect(ofQuery.map(({ diff }) => diff.details?.['as'] ?? diff.details?.['limit'] ?? null).slice(0, 4)).toEqual([
      null,
      'chart',
      'csv',
      2,
    ]);
    await ada.client.get(`/data-sources/${source.id}/tables/orders/preview?limit=3`);
    expect((await last('&action=data_source.rows_read')).diff.details).toMatchObject({ table: 'orders', limit: 3 });
  });

  it('records what a stranger was refused as nothing, because they saw nothing', async () => {
    const source = await newSource(ada.client, { 'a.csv': 'n\n1\n' });
    const stranger = await newAccount(server.url);
    await stranger.client.get(`/data-sources/${source.id}/tables/a/preview`);
    await stranger.client.get(`/data-sources/${source.id}/schema`);
    expect(await trail(`&user_id=${stranger.id}&object_type=data_source`)).toEqual([]);
  });

  it('records which tables of a source were added, replaced and removed', async () => {
    const { id } = await newSource(ada.client, SHOP, { name: 'Changing shop' });
    await ada.client.addFiles(id, { 'orders.csv': 'n\n1\n', 'more.csv': 'n\n1\n' });
    await ada.client.delete(`/data-sources/${id}/tables/customers`);
    const filter = `&object_id=${id}&action=data_source.tables_changed`;
    const [removal, change] = (await trail(filter)).map(({ diff }) => diff);
    expect(change).toEqual({
      before: { version: 1, tables: ['customers', 'orders'] },
      after: { version: 2, tables: ['customers', 'orders', 'more'] },
      details: { added: ['more'], replaced: ['orders'], removed: [] },
    });
    expect(removal).toMatchObject({ after: { version: 3 }, details: { added: [], removed: ['customers'] } });
  });

  it('keeps what a deleted object was', async () => {
    const source = await newSource(ada.client, { 'gone.csv': 'n\n1\n' }, { name: 'Soon gone' });
    await ada.client.patch(`/data-sources/${source.id}/schema`, { tables: [{ name: 'gone', synonyms: ['away'] }] });
    await ada.client.delete(`/data-sources/${source.id}`);
    expect(
      (await trail(`&object_type=data_source&object_id=${source.id}`)).map(({ action, diff }) => [action, diff]),
    ).toEqual([
      ['data_source.deleted', { before: { name: 'Soon gone', description: null, type: 'file', owner_id: ada.id } }],
      // The answer to the change shows the schema with its sample values.
      ['data_source.schema_read', {}],
      [
        'data_source.schema_changed',
        {
          before: { tables: [{ name: 'gone', synonyms: [] }] },
          after: { tables: [{ name: 'gone', synonyms: ['away'] }] },
        },
      ],
      [
        'data_source.created',
        {
          after: {
            name: 'Soon gone',
            description: null,
            type: 'file',
            owner_id: ada.id,
            tables: ['gone'],
            row_count: 1,
          },
        },
      ],
    ]);
  });

  it('records what administrators do to people', async () => {
    const bob = await newAccount(server.url);
    await root.client.put(`/users/${bob.id}/roles`, { roles: ['viewer'] });
    await root.client.patch(`/admin/users/${bob.id}`, { is_active: false });
    await root.client.delete(`/admin/users/${bob.id}`);
    const ofBob = await trail(`&object_type=user&object_id=${bob.id}&user_id=${root.id}`);
    expect(ofBob.map(({ action }) => action)).toEqual(['user.deleted', 'user.deactivated', 'user.roles_changed']);
    expect(ofBob.at(-1)?.diff).toEqual({ before: { roles: ['analyst'] }, after: { roles: ['viewer'] } });
  });

  it('never holds a password, a key, a token or the hash of one', async () => {
    const visitor = new Client(server.url);
    const password = 'unheard-of violet teapot';
    const username = 'secretive';
    await visitor.post('/auth/register', { username, email: 'secretive@example.com', password });
    const { body: session } = await visitor.post<Record<string, string>>('/auth/login', { username, password });
    const client = new Client(server.url, session['access_token']);
    const { body: key } = await client.post<Record<string, string>>('/api-keys', { name: 'k', scopes: ['*'] });
    const next = 'another unheard-of teapot';
    await client.post('/auth/password/change', { current_password: password, new_password: next });
    const written = JSON.stringify(await trail());
    const { rows } = await database.query<{ password_hash: string; key_hash: string }>(
      'SELECT u.password_hash, k.key_hash FROM users u JOIN api_keys k ON k.user_id = u.id WHERE u.username = $1',
      [username],
    );
    const secrets = [password, next, session['access_token'], session['refresh_token'], key['key']];
    for (const secret of [...secrets, rows[0]?.password_hash, rows[0]?.key_hash]) {
      expect(secret?.length).toBeGreaterThan(20);
      expect(written).not.toContain(secret);
    }
    expect(written).toContain('user.password_changed');
  });

  it('takes text that the database cannot keep as it is', async () => {
    const { status } = await ada.client.patch(`/users/${ada.id}`, { full_name: 'half \uD83D of a pair' });
    expect([200, 422]).toContain(status);
    expect((await verify()).ok).toBe(true);
  });

  it('is for administrators only', async () => {
    expect((await ada.client.get('/audit-trails')).status).toBe(403);
    expect((await ada.client.get('/audit-trails/verify')).status).toBe(403);
  });

  it('is read page by page, by time, and the reading is recorded too', async () => {
    const first = await root.client.get<Page<AuditRow>>('/audit-trails?limit=3');
    const second = await root.client.get<Page<AuditRow>>(
      `/audit-trails?limit=3&cursor=${first.body.next_cursor}&include_total=true`,
    );
    const ids = [...first.body.items, ...second.body.items].map(({ id }) => id);
    expect(ids).toEqual(Array.from({ length: 6 }, (_, n) => (ids[0] ?? 0) - n));
    expect(second.body.total).toBeGreaterThan(ids[0] ?? 0);
    const [pivot] = second.body.items;
    const since = await trail(`&from=${pivot?.created_at}`);
    expect(since.at(-1)?.id).toBeLessThanOrEqual(pivot?.id ?? 0);
    expect((await trail(`&to=${pivot?.created_at}`)).every(({ id }) => id < (pivot?.id ?? 0))).toBe(true);
    expect(await last('&action=audit_trail.read')).toMatchObject({ user_id: root.id, object_id: null });
  });

  it('stays one chain when many write at the same moment', async () => {
    const before = await verify();
    const names = Array.from({ length: 40 }, (_, n) => `Name ${n}`);
    const answers = await Promise.all(names.map((name) => ada.client.patch(`/users/${ada.id}`, { full_name: name })));
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 200));
    const after = await verify();
    expect(after).toMatchObject({ ok: true, problems: [] });
    expect(after.rows).toBe(before.rows + names.length);
    expect(after.end.position).toBe(after.rows);
  });

  describe('when somebody has been at the database', () => {
    /** What the owner of the database can do: with its triggers off, change the trail and look at what is found, then undo it. */
    const tamper = async (sql: string, noted?: Verdict['end']): Promise<string[]> => {
      await database.query('CREATE TABLE kept AS TABLE audit_trails');
      await database.query('CREATE TABLE kept_end AS TABLE audit_chain');
      try {
        await withoutTriggers(sql);
        const verdict = await verify(noted === undefined ? '' : `?noted=${noted.position}:${noted.hash}`);
        expect(verdict.ok).toBe(verdict.problems.length === 0);
        return verdict.problems.map(({ kind, position }) => `${kind} ${position}`);
      } finally {
        await withoutTriggers(`DELETE FROM audit_trails; INSERT INTO audit_trails TABLE kept; DROP TABLE kept;
          DELETE FROM audit_chain; INSERT INTO audit_chain TABLE kept_end; DROP TABLE kept_end`);
        expect((await verify()).ok).toBe(true);
      }
    };
    const withoutTriggers = (sql: string) =>
      database.query(`BEGIN; SET LOCAL session_replication_role = replica; ${sql}; COMMIT`);
    /** Hashes from a row on, as the product makes them: the best forgery there is. */
    const forgeFrom = (id: number): string => `
      DO $$ DECLARE entry audit_trails; previous char(64);
      BEGIN
        SELECT hash INTO previous FROM audit_trails WHERE id < ${id} ORDER BY id DESC LIMIT 1;
        FOR entry IN SELECT * FROM audit_trails WHERE id >= ${id} ORDER BY id LOOP
          UPDATE audit_trails SET previous_hash = previous,
            hash = encode(sha256(convert_to(previous || audit_row_content(entry), 'UTF8')), 'hex')
          WHERE id = entry.id RETURNING hash INTO previous;
        END LOOP;
        UPDATE audit_chain SET length = (SELECT max(id) FROM audit_trails), hash = previous;
      END $$`;

    it.each([
      ['a changed time', `UPDATE audit_trails SET created_at = created_at - interval '1 day' WHERE id = 5`],
      ['a changed person', 'UPDATE audit_trails SET user_id = 99 WHERE id = 5'],
      ['changed details', `UPDATE audit_trails SET diff = '{"x": 1}' WHERE id = 5`],
      ['a changed address', `UPDATE audit_trails SET ip_address = '10.9.8.7' WHERE id = 5`],
    ])('finds %s', async (_what, sql) => {
      expect(await tamper(sql)).toEqual(['changed 5']);
    });

    it('finds a row that was given another hash to go with its change', async () => {
      const sql = `UPDATE audit_trails SET action = 'user.nothing' WHERE id = 5;
        UPDATE audit_trails t SET hash = encode(sha256(convert_to(previous_hash || audit_row_content(t), 'UTF8')), 'hex') WHERE id = 5`;
      expect(await tamper(sql)).toEqual(['unlinked 6']);
    });

    it('finds removed rows, in the middle and at both ends', async () => {
      const { end } = await verify();
      expect(await tamper('DELETE FROM audit_trails WHERE id IN (4, 5)')).toEqual(['removed 4']);
      expect(await tamper('DELETE FROM audit_trails WHERE id = 1')).toEqual(['removed 1']);
      expect(await tamper(`DELETE FROM audit_trails WHERE id = ${end.position}`)).toEqual([`removed ${end.position}`]);
      expect(await tamper('DELETE FROM audit_trails')).toEqual(['removed 1']);
    });

    it('finds that the end of the chain is gone, with and without the rows before it', async () => {
      const { end } = await verify();
      const endless = 'DELETE FROM audit_chain';
      expect(await tamper(endless)).toEqual([`removed ${end.position + 1}`]);
      expect(await tamper(`${endless}; UPDATE audit_trails SET user_id = 99 WHERE id = 5`)).toEqual([
        'changed 5',
        `removed ${end.position + 1}`,
      ]);
      const shortened = `${endless}; DELETE FROM audit_trails WHERE id > 5`;
      expect(await tamper(shortened)).toEqual(['removed 6']);
      expect(await tamper(shortened, end)).toEqual(['removed 6', `rewritten ${end.position}`]);
      expect(await tamper(`${endless}; DELETE FROM audit_trails`)).toEqual(['removed 1']);
    });

    it('finds inserted rows', async () => {
      const { end } = await verify();
      const beyond = end.position + 1;
      const copy = (
        id: number,
      ): string => `INSERT INTO audit_trails (id, actor, action, object_type, previous_hash, hash, created_at)
        VALUES (${id}, 'system', 'x.y', 'x', '${end.hash}', repeat('f', 64), now())`;
      expect(await tamper(copy(beyond))).toEqual([`inserted ${beyond}`]);
      expect(await tamper(copy(-3))).toEqual(['inserted -3']);
    });

    it('finds a chain that was forged as a whole, by an end that was noted before', async () => {
      const { end } = await verify();
      const forged = `UPDATE audit_trails SET user_id = 99 WHERE id = 5; ${forgeFrom(5)}`;
      expect(await tamper(forged)).toEqual([]);
      expect(await tamper(forged, end)).toEqual([`rewritten ${end.position}`]);
      const shortened = `DELETE FROM audit_trails WHERE id > 5; ${forgeFrom(5)}`;
      expect(await tamper(shortened, end)).toEqual([`rewritten ${end.position}`]);
    });
  });
});
